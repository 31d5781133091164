"""Settlement of a decision, exactly once. Noun: settlement.

Operations: settle, which pays award by award, refunds the rest and writes reputation; pay_award, finish, its parts.
Used by jobs only.
"""
