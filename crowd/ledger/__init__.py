"""The ledger: where money lies and how it moves. Nouns: Pot, Transfer, Posting, Deposit, Payout, PayoutBatch, fees.

Verbs: every way in which money moves is in `moves.py`, and only `posting.py` writes it down. Who comes here: finance,
and sponsors and solvers for their statements. It knows owners by type and id, not accounts.
"""
