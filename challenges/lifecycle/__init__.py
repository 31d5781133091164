"""The lifecycle of a challenge after its draft was submitted, up to the settlement.

Operations: return, approve, fund, expire funding, open, close, cancel, decide, settle; archive for external records.
Used by the screening, by sponsors who pay or cancel, by scheduled jobs, and by scoring.
"""
