"""A clause of a contract as a page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clause:
    """One line: its place in the document, its name, its text, and whether that is the sponsor's own (`prose`:
    Markdown); `url` is a page about it.
    """

    key: str
    label: str
    text: str
    own: bool = False
    prose: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class ClauseGroup:
    """Clauses under a heading."""

    title: str
    clauses: Sequence[Clause]
