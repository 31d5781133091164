"""Awarding: the decision and what it publishes. Nouns: Award, Winner, Result.

Verbs: choose, take back, decide. Who comes here: sponsors, the council in their place, and everybody who reads results.
"""
