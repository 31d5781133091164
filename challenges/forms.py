"""Forms about a challenge: shape and type only; the rules are in the services."""

from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import format_timedelta
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FormField, HiddenField, RadioField, SelectChoice, SelectField
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from challenges.brief import Brief, PrizeLine
from challenges.criteria import KINDS, CriterionLine, plain
from challenges.models import Type
from challenges.rubric import CriterionKind
from challenges.tiers import TIERS, offered
from challenges.types import TYPES
from crowd.config import limits
from crowd.taxonomy.labels import term_name
from crowd.taxonomy.schemes import STAGE
from crowd.taxonomy.vocabulary import current
from crowd.web.fields import (
    CurrencyField,
    DecimalField,
    LanguageField,
    MoneyField,
    TagsField,
    WholeField,
    area,
    line,
    required,
)
from crowd.web.forms import Fieldset, Form, Rows
from crowd.web.time_fields import InstantField, ZoneField

STAGE_HINT = _l("What a solver must already have. Solvers can search by it; it changes no rule.")
TIER = _l("How far is your need from something that can be bought?")
SCALES = tuple(Decimal(number) for number in (5, 10, 20, 50, 100))
STEPS = tuple(Decimal(number) for number in ("0.1", "0.25", "0.5", "1"))


DAY = 24 * 3600
WINDOWS = (3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY)


def own_window() -> int:
    """The platform's own appeal window, in seconds."""
    return limits().appeal_seconds


def appeal_choices() -> list[tuple[int, str]]:
    """The windows that may be chosen, in seconds, with their names; the platform's own is among them."""
    bounds = limits()
    allowed = {seconds for seconds in WINDOWS if bounds.min_appeal_seconds <= seconds <= bounds.max_appeal_seconds}
    return [
        (seconds, format_timedelta(timedelta(seconds=seconds), granularity="minute", threshold=2))
        for seconds in sorted(allowed | {bounds.appeal_seconds, bounds.min_appeal_seconds})
    ]


def stage_choices(present: str | None) -> list[SelectChoice]:
    """The stages by their codes; a retired one, too, where the draft has it."""
    kept = current().get(STAGE, present or "")
    terms = {one.code: one for one in (*current().all(STAGE), *([kept] if kept else []))}
    named = [SelectChoice(code, term_name(one)) for code, one in terms.items()]
    return [SelectChoice("", _l("Any")), *named]


def _number(given: object) -> Decimal:
    """A chosen number. Raises ValueError for text that is none, or one that no scale has."""
    try:
        number = Decimal(str(given))
    except InvalidOperation as error:
        raise ValueError from error
    if not 0 < number <= 100 or number % Decimal("0.01"):
        raise ValueError(number)
    return number


def type_choices() -> list[SelectChoice]:
    """The types that are offered, each with what it is."""
    named = ((kind.value, one.name, one.text) for kind, one in TYPES.items())
    return [SelectChoice(code, _l("%(name)s: %(text)s", name=name, text=text)) for code, name, text in named]


def tier_choices(present: str | None) -> list[SelectChoice]:
    """The tiers of need in plain words, and that it is not known."""
    named = [
        SelectChoice(one.code, _l("%(name)s: %(text)s", name=term_name(one), text=TIERS[one.code].text))
        for one in offered(present or "")
    ]
    return [SelectChoice("", _l("I do not know yet")), *named]


class PrizeForm(Fieldset):
    """One tier of prizes."""

    title = line(_l("Prize"), "80")
    amount = MoneyField(_l("Amount of each"), [required()])
    award_count = SelectField(
        _l("Number of awards"), coerce=int, choices=[(n, str(n)) for n in range(1, 101)], default=1
    )


class CriterionForm(Fieldset):
    """One line of the rubric."""

    title = line(_l("Criterion"), "120")
    description = line(_l("What reviewers look for"), "400", optional=True)
    weight = WholeField(_l("Weight in percent"), [required()], least=1, most=100)
    kind = SelectField(
        _l("Scored with"),
        choices=[SelectChoice(kind.value, how.name) for kind, how in KINDS.items()],
        default=CriterionKind.POINTS.value,
    )
    scale = SelectField(_l("Scored from 0 to"), coerce=_number, default=Decimal(10), validate_choice=False)
    step = SelectField(_l("In steps of"), coerce=_number, default=Decimal(1), validate_choice=False)
    labels = area(
        _l("Labels"), "1000", optional=True, rows=4,
        description=_l("Of a rating: one a line, the lowest first. The lowest counts nothing, the highest everything."),
    )  # fmt: skip
    anchor_low = line(_l("What 3 of 10 points mean"), "max_anchor_length", optional=True)
    anchor_middle = line(_l("What 5 of 10 points mean"), "max_anchor_length", optional=True)
    anchor_high = line(_l("What 8 of 10 points mean"), "max_anchor_length", optional=True)
    comment_required = BooleanField(_l("Reviewers must say why"))
    passing = DecimalField(
        _l("Passing score, in percent of the scale"), [Optional()], most=100,
        description=_l("A proposal whose mean is below it cannot win, whatever its total."),
    )  # fmt: skip

    def criterion(self) -> CriterionLine:
        """The line as it is filled in."""
        anchors = (self.anchor_low.data, self.anchor_middle.data, self.anchor_high.data)
        return CriterionLine(
            title=self.title.data,
            description=self.description.data,
            weight=self.weight.data,
            kind=self.kind.data,
            scale=self.scale.data,
            step=self.step.data,
            labels=[label for text in (self.labels.data or "").splitlines() if (label := text.strip())],
            anchors=[(words or "").strip() for words in anchors],
            comment_required=self.comment_required.data,
            passing=self.passing.data,
        )

    def offer_numbers(self) -> None:
        """Offer the usual scales and steps, and those that the line has."""
        for field, usual in ((self.scale, SCALES), (self.step, STEPS)):
            numbers = sorted({*usual, *([field.data] if field.data else [])})
            field.choices = [SelectChoice(plain(number), plain(number)) for number in numbers]


def row_of(line: CriterionLine) -> dict[str, object]:
    """The data of a CriterionForm that shows the line; what its kind does not have is as in a new one."""
    low, middle, high = (*line.anchors, "", "", "")[:3]
    points = line.kind == CriterionKind.POINTS
    return asdict(line) | {
        "kind": line.kind.value,
        "scale": line.scale if points else Decimal(10),
        "step": line.step if points else Decimal(1),
        "labels": "\n".join(line.labels),
        "anchor_low": low,
        "anchor_middle": middle,
        "anchor_high": high,
    }


class NewForm(Form):
    """The first form of a draft."""

    organisation_id = SelectField(_l("Posted by"), coerce=int)
    title = line(_l("Title"), "max_title_length")
    language = LanguageField(_l("Language of the challenge"))
    tier = RadioField(TIER, choices=lambda: tier_choices(None), default="")

    def brief(self) -> Brief:
        """The initial values of the draft."""
        return Brief(title=self.title.data, language=self.language.data, tier=self.tier.data)


class BriefForm(Form):
    """The whole brief. `base` is the version of the draft that the person edits."""

    base = HiddenField()
    title = line(_l("Title"), "max_title_length")
    summary = area(_l("In a sentence or two"), "max_summary_length", optional=True, rows=3)
    problem_statement = area(_l("Problem"), "max_problem_statement_length", optional=True, rows=16)
    stage = SelectField(_l("Required maturity"), description=STAGE_HINT)
    type = RadioField(_l("What you ask for"), coerce=Type, choices=type_choices, default=Type.PRIZE)
    tier = RadioField(TIER, default="")
    language = LanguageField(_l("Language of the challenge"))
    tags = TagsField(_l("Tags"))
    rights = area(_l("Rights in the results"), "max_reason_length", optional=True, rows=3)
    currency = CurrencyField(_l("Currency"))
    prizes = Rows(FormField(PrizeForm), _l("Prizes"), most="prizes", spare=2)
    criteria = Rows(FormField(CriterionForm), _l("Rubric"), most="criteria", spare=2)
    time_zone = ZoneField(_l("Time zone"), default="Asia/Shanghai")
    opens_at = InstantField(_l("Opens"))
    closes_at = InstantField(_l("Closes"))
    proposals_limit = WholeField(_l("Proposals accepted at most"), [Optional()], least=1)
    passing_score = DecimalField(
        _l("Passing score of the whole, of 100"), [Optional()], most=100,
        description=_l("A proposal whose mean is below it cannot win. Left empty, every proposal can."),
    )  # fmt: skip
    appeal_seconds = SelectField(_l("Appeal period after the decision"), coerce=int, default=own_window)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.appeal_seconds.choices = appeal_choices()
        self.stage.choices = stage_choices(self.stage.object_data)
        self.tier.choices = tier_choices(self.tier.object_data)
        for row in self.criteria:
            row.form.offer_numbers()

    def brief(self) -> Brief:
        """The filled-in brief, as one value."""
        values = {name: value for name, value in self.values().items() if name in Brief.__slots__}
        return Brief(
            **values
            | {
                "prizes": [PrizeLine(**row) for row in values["prizes"]],
                "criteria": [row.form.criterion() for row in self.criteria.filled],
            }
        )

    def base_at(self) -> datetime | None:
        """The time in `base`, or None where it is not one."""
        try:
            return datetime.fromisoformat(str(self.base.data))
        except ValueError:
            return None


def filled(brief: Brief, base: datetime) -> dict[str, Any]:
    """The data of a BriefForm that shows `brief`."""
    return {
        **{name: getattr(brief, name) for name in brief.__slots__},
        "base": base.isoformat(),
        "prizes": [asdict(line) for line in brief.prizes],
        "criteria": [row_of(line) for line in brief.criteria],
    }


class CostForm(Form):
    """The sponsor sends a draft to screening at the cost that was shown."""

    cost = WholeField(_l("Cost"), [required()], widget=HiddenInput())


class CopyForm(Form):
    """The organisation that gets the copy."""

    organisation_id = SelectField(_l("Posted by"), coerce=int)
