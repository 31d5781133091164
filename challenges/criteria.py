"""Criteria: what a score of one may be, how much of the weight it counts for, and how it is entered and shown.

A review stores a number, the points, for each criterion: from 0 to its scale, in its steps. What the number means is
known only here: everything else asks the criterion's kind, `kind_of(line)`. All kinds count in proportion.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectChoice, SelectField
from wtforms.validators import Optional

from challenges.rubric import Criterion, CriterionKind, Number
from crowd.errors import Sentence
from crowd.limits import Limits
from crowd.numbers import exact
from crowd.web.fields import DecimalField

ANCHORS = (30, 50, 80)  # percent of the scale that a sponsor can put into words: 3, 5 and 8 of 10
WHOLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionLine:
    """One line of the rubric, with the fields of its row. Numbers may be given as text; the scale of a rating and of
    yes or no follows from its kind.
    """

    title: str
    weight: int
    description: str = ""
    kind: CriterionKind = CriterionKind.POINTS
    scale: Decimal = Decimal(10)
    step: Decimal = Decimal(1)
    labels: Sequence[str] = ()
    anchors: Sequence[str] = ()
    comment_required: bool = False
    passing: Decimal | None = None

    def __post_init__(self) -> None:
        kind = CriterionKind(self.kind)
        labels = list(self.labels) if kind == CriterionKind.RATING else []
        scales = {CriterionKind.RATING: len(labels) - 1, CriterionKind.YES_NO: 1}
        anchors = list(self.anchors) if kind == CriterionKind.POINTS and any(self.anchors) else []
        values = {
            "kind": kind,
            "labels": labels,
            "anchors": anchors,
            "scale": Decimal(scales.get(kind, self.scale)),
            "step": Decimal(1 if kind in scales else self.step),
            "passing": None if self.passing is None else Decimal(self.passing),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)


Scored = Criterion | CriterionLine


def plain(number: Decimal | Fraction) -> str:
    """A number without zeros that say nothing: `7.5`, `10`."""
    exact = Decimal(number) if isinstance(number, Decimal) else Decimal(number.numerator) / number.denominator
    return f"{exact:f}".rstrip("0").rstrip(".") if "." in f"{exact:f}" else f"{exact:f}"


class PointsKind:
    """Points from 0 to `scale`, counted in proportion."""

    name: Sentence = _l("Points")
    mean_format = "0.0"  # of the mean of several reviews: a number pattern of Unicode's CLDR

    def scale_text(self, line: Scored) -> Sentence:
        """What reviewers can give: `0–10`."""
        if line.step == 1:
            return f"0–{plain(line.scale)}"
        return _l("0–%(scale)s in steps of %(step)s", scale=plain(line.scale), step=plain(line.step))

    def field(self, line: Scored) -> Field:
        """The field into which a reviewer enters the points."""
        wrong = str(self.wrong(line))
        return DecimalField(_l("Points"), [Optional()], most=line.scale, wrong=wrong)

    def suffix(self, line: Scored) -> Sentence:
        """What follows the field, and the criterion's title in a table of several reviews: `of 10`."""
        return _l("of %(scale)s", scale=plain(line.scale))

    def accepts(self, line: Scored, points: Number) -> bool:
        """Whether a review may have these points."""
        return 0 <= points <= line.scale and points % line.step == 0

    def wrong(self, line: Scored) -> Sentence:
        """The error where it may not."""
        if line.step == 1:
            return _l("Give 0 to %(scale)s points.", scale=plain(line.scale))
        scale, step = plain(line.scale), plain(line.step)
        return _l("Give 0 to %(scale)s points, in steps of %(step)s.", scale=scale, step=step)

    def missing(self, line: Scored) -> Sentence:
        """The error where a submitted review has none."""
        return _l("Give points for “%(title)s”.", title=line.title)

    def counted(self, line: Scored, points: Number) -> Fraction:
        """How much of the criterion's weight the points count for: 0 to `weight`, without rounding."""
        return line.weight * Fraction(points) / Fraction(line.scale)

    def shown(self, line: Scored, points: Number) -> Sentence:
        """The points of one review."""
        return plain(Decimal(points))

    def mean(self, line: Scored, mean: float) -> float:
        """The mean of several reviews as the number that `mean_format` writes."""
        return mean

    def out_of(self, line: Scored) -> Sentence:
        """What follows the points where they stand alone: `/ 10`."""
        return f"/ {plain(line.scale)}"

    def passing_text(self, line: Scored) -> Sentence:
        """The least mean with which a proposal can win, if there is one: `at least 5 of 10`."""
        least = _share(line, line.passing or Decimal(0))
        return _l("at least %(least)s of %(scale)s", least=plain(least), scale=plain(line.scale))

    def anchors(self, line: Scored) -> Iterator[tuple[str, str]]:
        """(points, what they mean), where the sponsor has said it."""
        for percent, words in zip(ANCHORS, line.anchors, strict=False):
            if words:
                yield plain(_share(line, Decimal(percent))), words


class RatingKind(PointsKind):
    """One of the sponsor's labels, from the lowest, which counts nothing, to the highest. Means are of their places:
    the lowest is 1.
    """

    name = _l("A rating with labels")

    def scale_text(self, line: Scored) -> Sentence:
        return " · ".join(line.labels)

    def field(self, line: Scored) -> Field:
        return choice(_l("Rating"), line.labels)

    def suffix(self, line: Scored) -> Sentence:
        return _l("of %(scale)s", scale=len(line.labels))

    def wrong(self, line: Scored) -> Sentence:
        return _l("Choose one of the labels.")

    def missing(self, line: Scored) -> Sentence:
        return _l("Choose a label for “%(title)s”.", title=line.title)

    def shown(self, line: Scored, points: Number) -> Sentence:
        return line.labels[int(points)]

    def mean(self, line: Scored, mean: float) -> float:
        return float(mean) + 1

    def out_of(self, line: Scored) -> Sentence:
        return ""

    def passing_text(self, line: Scored) -> Sentence:
        least = _share(line, line.passing or Decimal(0)) + 1
        return _l("at least %(least)s of %(scale)s", least=plain(round(least, 2)), scale=len(line.labels))


class YesNoKind(PointsKind):
    """Yes counts the whole weight, no counts nothing; a mean is the part of the reviews that says yes."""

    name = _l("Yes or no")
    mean_format = "0%"

    def scale_text(self, line: Scored) -> Sentence:
        return _l("yes or no")

    def field(self, line: Scored) -> Field:
        return choice(_l("Yes or no"), (_l("No"), _l("Yes")))

    def suffix(self, line: Scored) -> Sentence:
        return ""

    def wrong(self, line: Scored) -> Sentence:
        return _l("Choose yes or no.")

    def missing(self, line: Scored) -> Sentence:
        return _l("Choose yes or no for “%(title)s”.", title=line.title)

    def shown(self, line: Scored, points: Number) -> Sentence:
        return _l("Yes") if points else _l("No")

    def out_of(self, line: Scored) -> Sentence:
        return ""

    def passing_text(self, line: Scored) -> Sentence:
        return _l("at least %(percent)s%% of the reviews say yes", percent=plain(line.passing or Decimal(0)))


def _share(line: Scored, percent: Decimal) -> Decimal:
    """That part of the scale."""
    return line.scale * percent / WHOLE


def choice(label: Sentence, named: Sequence[Sentence]) -> SelectField:
    """A choice among points that have names, from 0 on; nothing is chosen at first."""
    choices = [SelectChoice("", "–"), *(SelectChoice(str(points), name) for points, name in enumerate(named))]
    return SelectField(label, choices=choices, coerce=_points)


def _points(given: object) -> Decimal | None:
    """The points of a choice, or that are stored; None where nothing is chosen. Raises ValueError for other text."""
    return None if given in (None, "") else exact(given)


KINDS = {
    CriterionKind.POINTS: PointsKind(),
    CriterionKind.RATING: RatingKind(),
    CriterionKind.YES_NO: YesNoKind(),
}


def kind_of(line: Scored) -> PointsKind:
    """The kind of a criterion."""
    return KINDS[line.kind]


def passes(line: Scored, mean: Fraction) -> bool:
    """Whether this mean of points is enough, where the criterion asks for a least one."""
    return line.passing is None or mean * WHOLE >= Fraction(line.passing) * Fraction(line.scale)


def errors(lines: Iterable[CriterionLine], limits: Limits) -> Iterator[Sentence]:
    """What no rubric may have, not even in a draft; each error once."""
    yield from dict.fromkeys(message for line in lines for message in _errors(line, limits))


def _errors(line: CriterionLine, limits: Limits) -> Iterator[Sentence]:
    if not line.title.strip():
        yield _("Give every criterion a name.")
    if not 1 <= line.weight <= WHOLE or not 0 < line.scale <= WHOLE:
        rated = line.kind == CriterionKind.RATING
        yield (
            _("A rating needs at least two labels, the lowest first.")
            if rated
            else _("Every criterion needs a weight and a scale from 1 to 100.")
        )
    elif not 0 < line.step <= line.scale or line.scale % line.step or line.step % Decimal("0.01"):
        yield _("The step of a criterion must fit its scale.")
    if line.passing is not None and not 0 < line.passing <= WHOLE:
        yield _("A passing score is above 0 and at most 100.")
    if len(line.labels) > limits.rating_labels:
        yield _("A rating may have at most %(number)s labels.", number=limits.rating_labels)
    if any(not 0 < len(label) <= limits.max_label_length for label in line.labels):
        yield _("A label may have at most %(number)s characters.", number=limits.max_label_length)
    if len(set(line.labels)) < len(line.labels):
        yield _("Two labels of a rating cannot be the same.")
    if any(len(words) > limits.max_anchor_length for words in line.anchors):
        most = limits.max_anchor_length
        yield _("What a number of points means may have at most %(number)s characters.", number=most)
