"""Approvals: where a person's word moves money or changes whose it is, from a sum a day on two people are needed.

Operations: ask (counts the day and decides), approve, decline. Who comes here: deposits, allocations, returns,
reversals and the bank's answers that finance brings. Batches of payouts always take two people, by their own states.
"""
