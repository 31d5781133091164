"""Profiles of people and organisations. Nouns: Standing (the totals of events), Profile.

Only reads: the settlement writes reputation and totals. Used by everybody.
"""
