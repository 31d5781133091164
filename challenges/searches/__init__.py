"""Saved searches of the list of challenges. Noun: SavedSearch, of a person.

Operations: save, look, delete. Whoever saves a search follows it: they hear of each new challenge that it finds.
"""
