"""Cases: whatever needs the decision of an authority, by a stated procedure, with a history that the parties read.

Nouns: case, step, vote, entry, body. Operations: file, take, conclude, vote, recuse, name a substitute, add an entry,
withdraw, assign, hand over. Kinds are data (`crowd.procedure`), declared by the packages that own their effects.
"""
