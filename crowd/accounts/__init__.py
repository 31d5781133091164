"""Accounts: who people are. Nouns: User, Organisation, Membership, Invitation, LoginSession.

Operations: sign up, confirm, sign in and out, edit a profile, grant and revoke roles; `organisations` has its own.
Used by everybody who has an account, owners of organisations, the administrator.
"""
