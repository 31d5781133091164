"""Feedback: the reviews of one proposal, as its people and those who decide read them after the decision.

It only reads.
"""
