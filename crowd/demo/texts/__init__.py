"""The texts of the demonstration: challenges, proposals and their reviews, as Markdown and TOML files beside this page.

Nouns: challenge, proposal, review, file, topic. `read.py` turns the files into frozen dataclasses; topics are
fields of `crowd/taxonomy/terms/field.csv`. No database, no Flask: the scenarios read these and act through the
services.
Every organisation, person, figure and result in the texts is invented.
"""
