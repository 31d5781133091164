"""Parks: science and industry parks and the firms in them. Noun: ParkMembership.

Operations: invite a firm, withdraw the invitation, accept, decline, end.
Used by those who manage parks for an organisation (`crowd.accounts.organisations.rights`), on both sides.
"""
