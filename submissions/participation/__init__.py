"""What a person has to do with a challenge. Nouns: Part (registration and own proposal), UnderWay.

Who comes here: the person's desk and list of proposals, and every page that leads to his own.
"""
