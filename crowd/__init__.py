"""Crowd: an open challenge and bounty platform.

This package holds the foundation (the lowest layers), the packages that every other package uses (notifications,
accounts, ledger), and the top layer (app, cli, worker, admin, demo, bench).
It imports nothing, so that no import of a part can become circular.
"""
