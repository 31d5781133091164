"""Invitations to a challenge: the sponsor invites people by email address, and organisations of the platform.

Nouns: invitation (to an address or to an organisation), refusal (an address that wants no invitations). Operations:
invite, send, see, accept, decline, refuse, remind, withdraw, end, forget. `challenges.admission` asks who holds one.
"""
