"""The contract of a challenge: what opens is a version of a document. `document` says what is in it, `projection`
writes the columns that follow from it, `classes` says what a change of it asks for. The mechanism is `crowd.contracts`.
"""
