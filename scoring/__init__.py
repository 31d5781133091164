"""Scoring: reviews and decisions. Nouns: Panel, Assignment, Review, Score, ConflictOfInterest, Award, ReputationEvent.

Operations: form a panel, decline, review, award, decide, settle. Used by reviewers, by sponsors who decide,
and by the jobs that form panels and settle.
"""
