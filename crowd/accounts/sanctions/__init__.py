"""Sanctions of people and organisations: warning, suspension, exclusion. Operations: decide, begin, end, lift.

The service centre files a case, the council decides it, and what it decided begins once nobody can appeal any more.
"""
