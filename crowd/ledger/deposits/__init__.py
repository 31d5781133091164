"""Deposits: money that has come to the bank. Verbs: record, confirm, discard, attribute, return, see on a statement.

Who comes here: finance, and the funding of challenges, which knows to which challenge a payment belongs.
"""
