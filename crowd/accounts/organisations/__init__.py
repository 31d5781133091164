"""Organisations: bodies that people act for. Nouns: Organisation, Membership, Invitation.

Verbs: found, edit, verify, invite, withdraw, accept, decline, change a role, remove, leave.
Who comes here: owners and members, people who were invited, the service centre.
"""
