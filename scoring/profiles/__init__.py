"""Profiles of people and organisations. Nouns: ReputationTotal, Profile.

Only reads: the settlement writes reputation and totals. Used by everybody.
"""
