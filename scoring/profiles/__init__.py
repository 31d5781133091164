"""Profiles: what has become of people and organisations here. Nouns: Standing (the sums of events), Profile.

Only reads: reputation and standings are written by the settlement. Who comes here: everybody.
"""
