"""What reviews keep open for a person."""

from collections.abc import Iterator

from flask_babel import lazy_ngettext

from crowd.feature import OpenMatter
from crowd.notifications.kinds import path_to
from scoring.candidates import assignments_owed
from scoring.honoraria.queries import awaited as fees_awaited


def open_matters(kind: str, row_id: int) -> Iterator[OpenMatter]:
    """The reviews that a person still owes, and the fees that they are owed."""
    if kind == "user" and (rows := assignments_owed(row_id)):
        text = lazy_ngettext(
            "%(num)d review is neither submitted nor declined.",
            "%(num)d reviews are neither submitted nor declined.",
            len(rows),
        )
        yield OpenMatter(text, tuple((row.title, path_to("scoring.review", assignment_id=row.id)) for row in rows))
    if kind == "user" and (fees := fees_awaited(row_id)):
        text = lazy_ngettext(
            "The fees for reviews of %(num)d challenge are still to be paid.",
            "The fees for reviews of %(num)d challenges are still to be paid.",
            len(fees),
        )
        yield OpenMatter(text, tuple((row.title, path_to("challenges.show", challenge_id=row.id)) for row in fees))
