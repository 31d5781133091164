"""Benchmarks: `crowd bench NAME`, one file per benchmark. Each prints one JSON object and asserts nothing.

They run on a platform of their own in a folder below CROWD_DATA_DIR, with embedded servers, and do not touch yours.
"""
