"""Reviews: what a reviewer does. Nouns: Review, Score, Tie (a conflict of interest).

Operations: save, submit, decline, declare a conflict of interest, withdraw it, remind. Used by reviewers.
"""
