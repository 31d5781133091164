"""A person's participation in a challenge. Nouns: Participation (registration and own proposal), ActiveParticipation.

Used by the person's dashboard and list of proposals, and by every page that links to their own.
"""
