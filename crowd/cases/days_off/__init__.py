"""Days off: from when to when somebody of a body is away. Operations: add, remove.

No step is assigned to them meanwhile, and no clock waits; what they have taken stays theirs until a colleague takes it
over.
"""
