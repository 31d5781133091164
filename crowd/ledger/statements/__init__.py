"""Statements: every line of a pot with the balance after it, and what an owner has, has earned and has in escrow.

Verbs: none, it only reads. Who comes here: owners of money, finance and auditors, and the public page of an escrow.
"""
