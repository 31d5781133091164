"""What reviews keep open for a person."""

from collections.abc import Iterator

from flask_babel import lazy_ngettext

from crowd.errors import Sentence
from scoring.candidates import open_assignments


def open_matters(kind: str, row_id: int) -> Iterator[Sentence]:
    """The reviews that a person still owes."""
    number = open_assignments().get(row_id, 0) if kind == "user" else 0
    if number:
        yield lazy_ngettext(
            "%(num)d review is neither submitted nor declined.",
            "%(num)d reviews are neither submitted nor declined.",
            number,
        )
