"""The fee schedule, in versions. Nouns: schedule, version, rate. Operation: publish a version.

Used by everybody, who reads it, and by the council, which publishes a version.
"""
