"""Settling: what follows a decision, once for ever. Noun: settlement.

Verb: settle, which pays the awards, gives back the rest and writes reputation. Who comes here: jobs alone.
"""
