"""The screening: every submission of a challenge is a round, which somebody of the service centre takes.

A round has answers to the checklist, and remarks that are pinned to fields of the brief: a return sends them to the
sponsor, who resolves them. `rounds` begins and ends rounds with the challenge's state, and says what a round needs
before it ends; approving and returning are in `challenges.lifecycle`. The checklist is kept in versions.
Operations: take, release, assign, hand over, check, remark. Used by the service centre and, of remarks, the sponsor.
"""
