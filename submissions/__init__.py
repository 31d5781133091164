"""Submissions: proposals to challenges. Nouns: Registration, Proposal, Version, ProposalFile, Share.

Operations: register, write, attach, agree to a share, submit, withdraw. Used by solvers and agencies;
nobody else sees a proposal before its challenge has closed.
"""
