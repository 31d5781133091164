"""Organisations: bodies that people act for. Nouns: Organisation, Membership, Invitation.

Operations: create, edit, verify, invite, withdraw, accept, decline, change a role, remove, leave, hand over.
`rights.py` is the table of who may do what in which role.
Used by owners and members, people who were invited, the service centre.
"""
