"""Cases about the integrity of a proposal or of a reviewer. Nouns: ground, evidence, breach.

Operations: hold, where a decision is published while a case is pending; carry_out, when it has ended: the proposal is
disqualified, or the reviewer leaves the panel. `kind` is the procedure of both.
"""
