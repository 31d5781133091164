"""Submissions: the answer. Nouns: Registration, Proposal, Version, ProposalFile, Share.

Verbs: register, write, attach, agree to a share, finalise, withdraw. Who comes here: solvers and agencies;
nobody else sees a proposal before its challenge has closed.
"""
