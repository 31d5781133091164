"""Rule sets: what the council decides for everybody (fees, clocks), as contracts of their own kind, in versions.

Nouns: rule set, version, adoption. Operations: found, adopt, put in force. Packages declare their sets (`rule_sets` of
a manifest) with a kind of case by which one is changed (`kinds`), and ask `queries` for the values in force.
"""
