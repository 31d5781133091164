"""Appeals against a decision, by those behind a proposal. Nouns: appeal, reopened result.

Operations: hold, when an appeal is filed; carry_out, when the last appeal against a result has ended: the settlement
goes on, or the decision is opened again. `kind` is the procedure.
"""
