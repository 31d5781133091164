"""Approvals: where a person's record transfers money or changes its owner, two people are needed above a daily amount.

Operations: ask (counts the day and decides), approve, decline. Used by deposits, allocations, returns,
reversals and bank responses that finance uploads. Batches of payouts always need two people, by their own states.
"""
