"""Challenges. Nouns: Challenge, Prize, Criterion, Source (of an imported one).

Operations: draft, submit, approve, return, fund, publish, open, close, cancel, import, copy.
Used by sponsors who post, by the service centre that screens, and by everybody who looks for work.
"""
