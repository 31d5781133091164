"""Accounts: who people are. Nouns: User, Organisation, Membership, Invitation, LoginSession.

Verbs: sign up, confirm, sign in and out, edit a profile, found an organisation, invite, join, leave, verify, grant roles.
Who comes here: everybody who has an account, owners of organisations, the administrator.
"""
