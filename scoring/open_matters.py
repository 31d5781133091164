"""What reviews keep open for a person."""

from collections.abc import Iterator

from flask_babel import lazy_ngettext

from crowd.feature import OpenMatter
from crowd.notifications.kinds import path_to
from scoring.candidates import assignments_owed


def open_matters(kind: str, row_id: int) -> Iterator[OpenMatter]:
    """The reviews that a person still owes."""
    if kind == "user" and (rows := assignments_owed(row_id)):
        text = lazy_ngettext(
            "%(num)d review is neither submitted nor declined.",
            "%(num)d reviews are neither submitted nor declined.",
            len(rows),
        )
        yield OpenMatter(text, tuple((row.title, path_to("scoring.review", assignment_id=row.id)) for row in rows))
