"""Reviews: what a reviewer does. Nouns: Review, Score, ConflictOfInterest.

Operations: save, submit, decline, declare a conflict of interest, withdraw it, remind. Used by reviewers.
"""
