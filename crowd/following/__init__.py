"""Following: what a person wants to hear of. Noun: Follow, of a person and a subject of a declared kind.

Operations: follow, unfollow, notify followers. The packages above and below declare what can be followed in their
manifests (`followed`), and notify the followers of what happens to it.
"""
