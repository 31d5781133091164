"""Funding: the incoming money of a challenge.

Operations: request payment, upload a payment proof, record, confirm and credit a deposit, fund. Used by sponsors
and finance.
"""
