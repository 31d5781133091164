"""Organisations: bodies that people act for. Nouns: Organisation, Membership, Invitation.

Operations: create, edit, verify, invite, withdraw, accept, decline, change a role, remove, leave.
Used by owners and members, people who were invited, the service centre.
"""
