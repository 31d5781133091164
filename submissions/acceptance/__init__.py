"""Accepting a changed contract: who must, who is reminded, and what is set aside where nobody has."""
