"""Profiles: what has become of people and organisations here. Nouns: Standing (a sum of events), Profile.

Only reads: reputation is written by the settlement. Who comes here: everybody.
"""
