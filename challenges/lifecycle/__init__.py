"""The lifecycle of a challenge: every transition, from the submission of its draft to the settlement.

Operations: submit, withdraw, return, approve, fund, expire funding, open, close, begin reviews, cancel, decide, settle;
archive for external records. Used by sponsors, by the screening, by scheduled jobs, and by scoring.
"""
