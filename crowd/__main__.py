"""`python -m crowd`: the command, whatever folder holds the clone."""

from crowd.cli import main

main()
