"""Versions of a result: what each decision about a challenge has published, kept for good. Noun: result version.

Operations: publish. `differences` compares two of them.
"""
