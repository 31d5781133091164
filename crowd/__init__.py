"""Crowd: an open challenge and bounty platform.

This package holds the foundation (the lowest layers), the packages that every other package uses (notifications,
accounts, ledger), and the top layer (app, cli, worker, admin, demo, bench).
It imports no part of it, so that no import of a part can become circular.
"""

import gc

# Python's collector looks for garbage after every 700 new objects. While modules are loaded there is none, and pages
# and jobs leave little: looking as often as that took a tenth of the time in which a process starts.
gc.set_threshold(50_000, 20, 20)
