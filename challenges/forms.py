"""Forms about a challenge: shape and type only; the rules are in the services."""

from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask_babel import format_timedelta
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FormField, HiddenField, RadioField, SelectChoice, SelectField
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from challenges.brief import FIELDS, Brief, Changes, PrizeLine
from challenges.criteria import KINDS, CriterionLine, plain
from challenges.deciding import OFFERED, AfterCentre, Silence, TieRule
from challenges.drafting.examples import EXAMPLES
from challenges.entry.clause import DocumentLine, QuestionLine
from challenges.entry.forms import AttachmentFields, EntryFields
from challenges.labels import AFTER_CENTRE, SILENCE, TIES
from challenges.rubric import CriterionKind
from challenges.rule_set import rule_limits
from challenges.tier_rules import TierRules, all_tier_rules
from challenges.tiers import TIERS, offered
from challenges.types import TYPES, Type
from challenges.visibility import Visibility
from crowd.config import limits
from crowd.errors import Sentence
from crowd.numbers import exact
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
ANCHORS = ("anchor_low", "anchor_middle", "anchor_high")
STEPS = tuple(Decimal(number) for number in ("0.1", "0.25", "0.5", "1"))
LINES = {  # the fields of the brief that are rows, by what a row is
    "prizes": PrizeLine,
    "questions": QuestionLine,
    "documents": DocumentLine,
}
VISIBILITY_HINT = _l(
    "Invited only: it stands in no list, search, feed or statistics. Everybody who is not invited gets the answer of a"
    " page that does not exist. It can be opened to everybody later, but not hidden once it is open."
)
VISIBILITIES = [
    SelectChoice(Visibility.PUBLIC.value, _l("Everybody")),
    SelectChoice(Visibility.INVITED.value, _l("Invited only")),
]
DAY = 24 * 3600
WINDOWS = (3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY)


def own_window() -> int:
    """The platform's own appeal window, in seconds."""
    return rule_limits().appeal_seconds


def appeal_choices() -> list[SelectChoice]:
    """The windows that may be chosen, in seconds, with their names; the platform's own is among them."""
    bounds = rule_limits()
    allowed = {seconds for seconds in WINDOWS if bounds.min_appeal_seconds <= seconds <= bounds.max_appeal_seconds}
    return [
        SelectChoice(seconds, format_timedelta(timedelta(seconds=seconds), granularity="minute", threshold=2))
        for seconds in sorted(allowed | {bounds.appeal_seconds, bounds.min_appeal_seconds})
    ]


def stage_choices(present: str | None) -> list[SelectChoice]:
    """The stages by their codes; a retired one, too, where the draft has it."""
    kept = current().get(STAGE, present or "")
    terms = {one.code: one for one in (*current().all(STAGE), *([kept] if kept else []))}
    named = [SelectChoice(code, term_name(one)) for code, one in terms.items()]
    return [SelectChoice("", _l("Any")), *named]


def silence_choices(present: Silence | None) -> list[SelectChoice]:
    """What may follow from the sponsor's silence; what an older draft has, too."""
    kept = [present] if present is not None and present not in OFFERED else []
    return [SelectChoice(one.value, SILENCE[one].text) for one in (*OFFERED, *kept)]


def _number(given: object) -> Decimal:
    """A chosen number. Raises ValueError for text that is none, or one that no scale has."""
    number = exact(given)
    if not 0 < number <= 100 or number % Decimal("0.01"):
        raise ValueError(number)
    return number


def type_choices() -> list[SelectChoice]:
    """The types that are offered, each with what it is."""
    named = ((kind.value, one.name, one.text) for kind, one in TYPES.items())
    return [SelectChoice(code, _l("%(name)s: %(text)s", name=name, text=text)) for code, name, text in named]


def _tier_words(text: Sentence, rules: TierRules) -> Sentence:
    """What a tier is, and what follows from it now."""
    for sentence in rules.words():
        text = _l("%(text)s %(sentence)s", text=text, sentence=sentence)
    return text


def tier_choices(present: str | None) -> list[SelectChoice]:
    """The tiers of need in plain words, and that it is not known."""
    rules = all_tier_rules()
    named = [
        SelectChoice(one.code, _tier_words(_l("%(name)s: %(text)s", name=term_name(one), text=TIERS[one.code].text),
                                           rules[one.code]))
        for one in offered(present or "")
    ]  # fmt: skip
    return [SelectChoice("", _l("I do not know yet")), *named]


class PrizeForm(Fieldset):
    """One tier of prizes."""

    title = line(_l("Prize"), "80")
    amount = MoneyField(_l("Amount of each"), [required()])
    award_count = SelectField(
        _l("Number of awards"), coerce=int, choices=[SelectChoice(n, str(n)) for n in range(1, 101)], default=1
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

    def validate(self, *args: object, **kwargs: object) -> bool:
        """Check what the chosen kind has: the page does not show the rest, and the line leaves it out."""
        of_others = {"labels": CriterionKind.RATING, **dict.fromkeys(ANCHORS, CriterionKind.POINTS)}
        for name, kind in of_others.items():
            if self.kind.data != kind:
                self[name].validators = ()
        return bool(super().validate(*args, **kwargs))

    def criterion(self) -> CriterionLine:
        """The line as it is filled in."""
        anchors = [self[name].data for name in ANCHORS]
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
    points = line.kind == CriterionKind.POINTS
    return asdict(line) | {
        "kind": line.kind.value,
        "scale": line.scale if points else Decimal(10),
        "step": line.step if points else Decimal(1),
        "labels": "\n".join(line.labels),
        **dict(zip(ANCHORS, (*line.anchors, "", "", ""), strict=False)),
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


class PartForm(Form):
    """A part of the brief: its fields that are the brief's, and no others. `base` is the mark of what the person edits
    (`challenges.brief.mark`).
    """

    base = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer()
        for field in self:
            field.example = EXAMPLES.get(field.short_name, "")

    def offer(self) -> None:
        """Set the choices of its fields, some of which depend on the present values."""

    def changes(self) -> Changes:
        """The values of the brief's fields that are in the form."""
        values = {name: value for name, value in self.values().items() if name in FIELDS}
        return values | {name: [LINES[name](**row) for row in values[name]] for name in LINES.keys() & values.keys()}


class ProblemForm(PartForm):
    """What is wanted, and for whom."""

    title = line(_l("Title"), "max_title_length")
    summary = area(_l("In a sentence or two"), "max_summary_length", optional=True, rows=3)
    problem_statement = area(_l("Problem"), "max_problem_statement_length", optional=True, rows=16, markdown=True)
    stage = SelectField(_l("Required maturity"), description=STAGE_HINT)
    language = LanguageField(_l("Language of the challenge"))
    tags = TagsField(_l("Tags"))

    def offer(self) -> None:
        """The stages."""
        super().offer()
        self.stage.choices = stage_choices(self.stage.object_data)


class TypeForm(PartForm):
    """What solvers submit, and how far the need is from something that can be bought."""

    type = RadioField(_l("What you ask for"), coerce=Type, choices=type_choices, default=Type.PRIZE)
    tier = RadioField(TIER, default="")

    def offer(self) -> None:
        """The tiers."""
        super().offer()
        self.tier.choices = tier_choices(self.tier.object_data)


class PrizesForm(PartForm):
    """What is paid."""

    currency = CurrencyField(_l("Currency"))
    prizes = Rows(FormField(PrizeForm), _l("Prizes"), most="prizes", spare=2)


class RubricForm(PartForm):
    """How proposals are scored."""

    criteria = Rows(FormField(CriterionForm), _l("Rubric"), most="criteria", spare=2)
    passing_score = DecimalField(
        _l("Passing score of the whole, of 100"), [Optional()], most=100,
        description=_l("A proposal whose mean is below it cannot win. Left empty, every proposal can."),
    )  # fmt: skip

    def offer(self) -> None:
        """The scales and steps."""
        super().offer()
        for row in self.criteria:
            row.form.offer_numbers()

    def changes(self) -> Changes:
        """The values of its fields; each criterion by its kind."""
        return {**super().changes(), "criteria": [row.form.criterion() for row in self.criteria.filled]}


class DatesForm(PartForm):
    """When it opens and closes, and how much it takes in."""

    time_zone = ZoneField(_l("Time zone"), default="Asia/Shanghai")
    opens_at = InstantField(_l("Opens"))
    closes_at = InstantField(_l("Closes"))
    proposals_limit = WholeField(_l("Proposals accepted at most"), [Optional()], least=1)
    appeal_seconds = SelectField(_l("Appeal period after the decision"), coerce=int, default=own_window)

    def offer(self) -> None:
        """The windows."""
        super().offer()
        self.appeal_seconds.choices = appeal_choices()


class DecidingForm(PartForm):
    """What follows from equal means, and from silence."""

    tie_rule = SelectField(
        _l("Equal means"), coerce=TieRule, choices=[SelectChoice(one.value, TIES[one].text) for one in TieRule],
        default=TieRule.SPONSOR,
    )  # fmt: skip
    review_fee = MoneyField(_l("Fee for each review"), [Optional()], least=0)
    review_fee_cap = MoneyField(_l("All reviews together at most"), [Optional()])
    silence = SelectField(_l("Where you do not decide in time"), coerce=Silence, default=Silence.CENTRE)
    centre_silence = SelectField(
        _l("Where the service centre does not decide, either"), coerce=AfterCentre,
        choices=[SelectChoice(one.value, AFTER_CENTRE[one].text) for one in AfterCentre], default=AfterCentre.RANKING,
    )  # fmt: skip

    def offer(self) -> None:
        """What is offered, and what the draft has."""
        super().offer()
        self.silence.choices = silence_choices(self.silence.object_data)

    def changes(self) -> Changes:
        """The rules by their words; no fee is a fee of nothing."""
        rules = {"tie_rule": TieRule, "silence": Silence, "centre_silence": AfterCentre}
        chosen = {name: kind(self[name].data) for name, kind in rules.items()}
        return {**super().changes(), **chosen, "review_fee": self.review_fee.data or 0}


class EntryForm(EntryFields, PartForm):
    """Who can read it, and who may enter."""

    visibility = SelectField(
        _l("Who can read it"), choices=VISIBILITIES, default=Visibility.PUBLIC.value, description=VISIBILITY_HINT
    )

    def offer(self) -> None:
        """The kinds of organisations."""
        super().offer()
        self.offer_entry()


class AttachmentsForm(AttachmentFields, PartForm):
    """Files, and what not everybody reads."""

    def offer(self) -> None:
        """How many files, and how large."""
        super().offer()
        self.uploads.together(limits().attachments, limits().attachments_bytes)

    def changes(self) -> Changes:
        """The values of its fields; an attachment that is marked so is left out."""
        return {**super().changes(), "attachments": self.kept()}


class RightsForm(PartForm):
    """What the sponsor requires of the winners."""

    rights = area(_l("Rights in the results"), "max_reason_length", optional=True, rows=3)


class BriefForm(
    ProblemForm, AttachmentsForm, TypeForm, PrizesForm, RubricForm, EntryForm, DatesForm, DecidingForm, RightsForm
):
    """The whole brief on one page: all its parts."""


def filled(brief: Brief, base: str = "") -> dict[str, object]:
    """The data of a form that shows `brief`, or a part of it."""
    return {
        **{name: getattr(brief, name) for name in FIELDS},
        "base": base,
        **{name: [asdict(line) for line in getattr(brief, name)] for name in (*LINES, "attachments")},
        "criteria": [row_of(line) for line in brief.criteria],
    }


class CostForm(Form):
    """The sponsor sends a draft to screening at the cost that was shown."""

    cost = WholeField(_l("Cost"), [required()], widget=HiddenInput())


class CopyForm(Form):
    """The organisation that gets the copy."""

    organisation_id = SelectField(_l("Posted by"), coerce=int)
