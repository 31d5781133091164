"""Profiles: what people say about themselves, and who sees which field of it.

`visibility.py` decides for every page, search and response. Nothing else reads these fields for another person.
"""
