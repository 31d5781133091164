"""Funding: the money of a challenge on its way in, seen from the challenge.

Verbs: request payment, upload a slip, record, confirm and credit a deposit, fund. Who comes here: sponsors and finance.
"""
