"""Awards: the decision and what it publishes. Nouns: Award, Winner, Result.

Operations: choose, remove, decide. Used by sponsors, by the council in their place, and by everybody who reads results.
"""
