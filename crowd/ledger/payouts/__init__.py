"""Payouts: money that leaves for a bank account. Verbs: set an account, request, cancel, batch, approve, send, answer.

Who comes here: solvers and sponsors for their money, finance for batches, and the jobs that talk to the bank's rail.
"""
