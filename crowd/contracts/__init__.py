"""Contracts: versioned documents that parties rely on, each stored as canonical JSON with its SHA-256.

A contract belongs to a subject of the package above that declares its kind (a challenge, later an agreement). One of
its versions is in force; who accepts one does so for themselves or for an organisation. `canonical` writes the bytes,
`changes` compares two versions, `services` and `queries` are what that package calls; it has the pages and the rules.
"""
