"""Criteria: what a score of one may be, how much of the weight it counts for, and how it is entered and shown.

A review stores a whole number, the points, for each criterion. What the number means is known only here: everything
else asks the criterion's kind, `kind_of(line)`.
"""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from wtforms.validators import Optional

from challenges.models import Criterion
from crowd.errors import Sentence
from crowd.web.fields import NumberField, WholeField


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionLine:
    """One line of the rubric: scored from 0 to `scale`, counted with `weight` percent."""

    title: str
    weight: int
    description: str = ""
    scale: int = 10


class PointsKind:
    """Points from 0 to `scale`, counted in proportion."""

    mean_format = "0.0"  # of the mean of several reviews: a number pattern of Unicode's CLDR

    def scale_text(self, line: Criterion) -> str:
        """What reviewers can give: `0–10`."""
        return f"0–{line.scale}"

    def field(self, line: Criterion) -> NumberField:
        """The field into which a reviewer enters the points."""
        return WholeField(_l("Points"), [Optional()], most=line.scale, wrong=str(self.wrong(line)))

    def suffix(self, line: Criterion) -> Sentence:
        """What follows the field, and the criterion's title in a table of several reviews: `of 10`."""
        return _l("of %(scale)s", scale=line.scale)

    def accepts(self, line: Criterion, points: int) -> bool:
        """Whether a review may have these points."""
        return 0 <= points <= line.scale

    def wrong(self, line: Criterion) -> Sentence:
        """The error where it may not."""
        return _l("Give 0 to %(scale)s points.", scale=line.scale)

    def missing(self, line: Criterion) -> Sentence:
        """The error where a submitted review has none."""
        return _l("Give points for “%(title)s”.", title=line.title)

    def counted(self, line: Criterion, points: int) -> float:
        """How much of the criterion's weight the points count for: 0 to `weight`."""
        return line.weight * points / line.scale

    def shown(self, points: int) -> str:
        """The points of one review."""
        return str(points)

    def out_of(self, line: Criterion) -> str:
        """What follows the points where they stand alone: `/ 10`."""
        return f"/ {line.scale}"


_POINTS = PointsKind()


def kind_of(line: Criterion) -> PointsKind:
    """The kind of a criterion; there is one so far."""
    return _POINTS
