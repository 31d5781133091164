"""`python -m crowd`: the command, whatever folder holds the clone."""

import gc

# Python's collector looks for garbage after every 700 new objects. While modules are loaded there is none, and pages
# and jobs leave little: looking as often as that took a tenth of the time of a start.
gc.set_threshold(50_000, 20, 20)

from crowd.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
