"""Settlement of a decision, exactly once. Noun: settlement.

Operation: settle, which pays the awards, refunds the rest and writes reputation. Used by jobs only.
"""
