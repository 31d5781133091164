"""What the operator's staff may see of submissions before they are unsealed. Noun: the seal, over events and jobs.

Used by the audit trail and the page of jobs, which show nothing that is still sealed.
"""
