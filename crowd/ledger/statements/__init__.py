"""Account statements: every line of a ledger account with the balance after it, and an owner's balances, earnings and
escrow.

It only reads. Used by owners of money, by finance and auditors, and by the public page of an escrow.
"""
