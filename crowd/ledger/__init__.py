"""The ledger: accounts and transfers of money. Nouns: LedgerAccount, Transfer, Posting, Deposit, Payout, PayoutBatch.

Operations: `transfers.py` lists every transfer, and only `posting.py` writes them. Used by finance,
and by sponsors and solvers for their account statements. It knows owners by type and id, not their accounts.
"""
