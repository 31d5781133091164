"""Templates of rubrics, problems and terms of rights. Nouns: BriefTemplate, its versions (`crowd.contracts`), and the
template that a draft began with.

The operator edits them on pages; a sponsor inserts one into a draft as text, can undo that, and the draft remembers
which version it was. `document` says what a version holds, `shipped` has the ones that Crowd brings.
"""
