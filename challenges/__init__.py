"""Challenges: the ask. Nouns: Challenge, Prize, Criterion, Source (of an imported one).

Verbs: draft, submit, approve, return, fund, publish, open, close, cancel, import, copy.
Who comes here: sponsors who post, the service centre that screens, everybody who looks for work.
"""
