"""Who gets what part of an award. Noun: Share. Operations: set, agree, refuse.

Used by the author, who proposes the parts, and by the named people, each of whom has to agree.
"""
