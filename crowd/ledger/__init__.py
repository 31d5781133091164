"""The ledger: accounts and transfers of money. Nouns: LedgerAccount, Transfer, Posting, Deposit, Payout, PayoutBatch.

Operations: `transfers.py` lists every transfer, and only `posting.py` writes them. Used by finance,
and by sponsors and solvers for their account statements. It knows owners by type and id, and asks
for what it must know of challenges and awards, which are above it (`questions.py`).
"""
