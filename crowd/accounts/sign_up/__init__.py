"""Signing up: a person gives an email address; the person who reads its mail sets a password, which creates the
account.

Nouns: a sign-up (a name and an email address that is not verified). Operations: begin, complete. Until it is completed
there is no account: nobody can sign in to it, share with it or be invited into it, whoever gave the address first.
"""
