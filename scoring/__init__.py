"""Scoring: the verdict. Nouns: Panel, Assignment, Review, Score, Tie, Award, ReputationEvent.

Verbs: form a panel, decline, review, award, decide, settle. Who comes here: reviewers, sponsors who decide,
and the jobs that form panels and settle.
"""
