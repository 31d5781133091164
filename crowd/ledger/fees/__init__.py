"""The fee schedule, in versions. Nouns: schedule, version, rate. Operation: publish a version.

Everybody reads it; the council publishes versions.
"""
