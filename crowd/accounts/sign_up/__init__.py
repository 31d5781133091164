"""Signing up: somebody names an address, and whoever reads its mail chooses a password and so makes the account.

Nouns: a sign-up (a name and an address that nobody has proven). Verbs: begin, complete. Until it is completed there is
no account: nobody can sign in to it, share with it or be invited into it, whoever named the address first.
"""
