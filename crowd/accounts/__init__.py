"""Accounts: who people are. Nouns: User, Organisation, Membership, Invitation, LoginSession.

Verbs: sign up, confirm, sign in and out, edit a profile, grant and revoke roles; `organisations` has its own.
Who comes here: everybody who has an account, owners of organisations, the administrator.
"""
