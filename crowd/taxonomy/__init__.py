"""The taxonomy: terms in schemes (fields, industries, regions, ...), with names in each language, aliases and links.

Operations: add, edit, retire, restore and merge a term, link terms, join a free term, import and export a scheme.
Everybody reads it; the service centre and administrators edit it. Every change of a term is a version.
"""
