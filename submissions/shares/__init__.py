"""Who gets what part of an award. Noun: Share. Verbs: set, agree, refuse.

Who comes here: the author, who proposes the parts, and the people named, each of whom has to agree.
"""
