"""The draft in steps: which parts the brief is written in, what is missing in each, and the pages where a sponsor
writes them. Saving is `challenges.services.edit`; sending to screening is in `challenges.lifecycle`.
"""
