"""Crowd: an open challenge and bounty platform.

This package is the house: the foundation (floors 0 and 1), the rooms that every other room stands on
(notifications, accounts, ledger), and the entrance (app, cli, worker, admin, demo, bench).
It imports nothing, so that no import of a part can become a circle.
"""
