"""What the operator's readers learn of submissions before they are opened. Noun: the seal, over events and jobs.

Who comes here: the audit trail and the page of jobs, which show much, and nothing that is still sealed.
"""
