"""Escrow: how the money of each challenge was split, and of all challenges of an organisation together.

It only reads. Used by the account statement of a sponsor and by the programme officer's page.
"""
