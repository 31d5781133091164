"""Reviewing: what a reviewer does. Nouns: Review, Score, Tie.

Verbs: save, submit, decline, declare a tie, withdraw it, remind. Who comes here: reviewers.
"""
