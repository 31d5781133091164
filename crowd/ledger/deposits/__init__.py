"""Deposits: money that has arrived at the bank. Operations: record, confirm, discard, allocate, return, reconcile.

Used by finance, and by the funding of challenges, which knows to which challenge a payment belongs.
"""
