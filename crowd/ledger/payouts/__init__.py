"""Payouts: money that leaves for a bank account. Operations: set an account, request, cancel, batch, approve, send,
apply responses.

Used by solvers and sponsors for their money, by finance for batches, and by the jobs that call the payout gateway.
"""
