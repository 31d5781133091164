"""`python -m crowd`: the command, whatever folder the clone lies in."""

from crowd.cli import main

main()
