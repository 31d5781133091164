"""The brief: everything a sponsor writes about a challenge, as one value; its errors, and what is still missing.

`errors` are rejected at any time, also in a draft. `missing_fields` are allowed in a draft, but not in a challenge sent
to screening.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, TypeVar

from flask_babel import gettext as _

from challenges.criteria import CriterionLine
from challenges.criteria import errors as rubric_errors
from challenges.deciding import OFFERED, AfterCentre, Silence, TieRule
from challenges.entry import clause
from challenges.entry.clause import Entrants, EntryClauses
from challenges.honoraria import reserve
from challenges.importing.sections import as_need
from challenges.models import Challenge
from challenges.rules import from_settings
from challenges.tier_rules import tier_rules
from challenges.types import TYPES, Type, prize_errors
from challenges.visibility import Visibility
from crowd.clock import time_zones
from crowd.errors import Invalid, Sentence
from crowd.languages import DEFAULT, LANGUAGES
from crowd.limits import Limits
from crowd.money import CURRENCIES, MAX_AMOUNT
from crowd.taxonomy.labels import term_code

Problem = tuple[str, Sentence]  # (field, message)
Line = TypeVar("Line", "PrizeLine", CriterionLine)
WHOLE = 100  # percent


@dataclass(frozen=True, slots=True, kw_only=True)
class PrizeLine:
    """`award_count` prizes of `amount` minor units each."""

    title: str
    amount: int
    award_count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief(EntryClauses):
    """`opens_at` None: opens as soon as it is funded. `proposals_limit` None: the platform's limit.

    `appeal_seconds` None: the platform's own appeal window. `stage` and `tier` are codes of terms, empty for any;
    `passing_score`: the least mean, of 100, with which a proposal can win.
    """

    title: str
    summary: str = ""
    problem_statement: str = ""
    stage: str = ""
    type: Type = Type.PRIZE
    tier: str = ""
    language: str = DEFAULT
    currency: str = "CNY"
    tags: Sequence[str] = ()
    rights: str = ""
    visibility: str = Visibility.PUBLIC
    prizes: Sequence[PrizeLine] = ()
    criteria: Sequence[CriterionLine] = ()
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    time_zone: str = "Asia/Shanghai"
    proposals_limit: int | None = None
    appeal_seconds: int | None = None
    tie_rule: TieRule = TieRule.SPONSOR
    silence: Silence = Silence.CENTRE
    centre_silence: AfterCentre = AfterCentre.RANKING
    review_fee: int = 0
    review_fee_cap: int | None = None
    passing_score: Decimal | None = None

    @property
    def prize_total(self) -> int:
        """The sum of all prizes, in minor units."""
        return sum(prize.amount * prize.award_count for prize in self.prizes)


FIELDS = tuple(field.name for field in fields(Brief))
Changes = Mapping[str, Any]  # some fields of a brief by name, with their new values


def mark(brief: Brief, fields: Iterable[str]) -> str:
    """A digest of these fields: two briefs with the same mark have the same values there."""
    whole = asdict(brief)
    return sha256(json.dumps({name: whole[name] for name in sorted(fields)}, default=_plain).encode()).hexdigest()


def _plain(value: datetime | Decimal) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value.normalize())


def from_challenge(challenge: Challenge) -> Brief:
    """The present brief of a challenge."""
    return Brief(
        title=challenge.title, summary=challenge.summary, stage=term_code(challenge.stage_id),
        type=challenge.type, tier=term_code(challenge.tier_id),
        problem_statement=challenge.problem_statement,
        language=challenge.language, currency=challenge.currency, tags=list(challenge.tags),
        rights=challenge.rights, visibility=challenge.visibility,
        opens_at=challenge.opens_at, closes_at=challenge.closes_at,
        time_zone=challenge.time_zone, proposals_limit=challenge.proposals_limit,
        appeal_seconds=challenge.appeal_seconds, passing_score=challenge.passing_score,
        tie_rule=challenge.tie_rule, silence=challenge.silence, centre_silence=challenge.centre_silence,
        review_fee=challenge.review_fee, review_fee_cap=challenge.review_fee_cap,
        prizes=lines(PrizeLine, challenge.prizes), criteria=lines(CriterionLine, challenge.criteria),
        nda=challenge.nda, full_text=challenge.full_text, **clause.read(challenge.entry),
    )  # fmt: skip


def by_tier(brief: Brief, version: int | None) -> Brief:
    """A brief with what its tier says of who may enter, which is a clause then as if the sponsor had chosen it, by a
    version of the rules of the tiers.
    """
    if not tier_rules(brief.tier, version).verified:
        return brief
    return replace(brief, entrants=Entrants.ORGANISATIONS.value, verified_only=True)


def lines(of: type[Line], rows: Iterable[object]) -> list[Line]:
    """The prizes or criteria of a challenge as lines of its brief."""
    return [of(**{one.name: getattr(row, one.name) for one in fields(of)}) for row in rows]


def from_external(brief: Brief, sections: Mapping[str, str], prize_total: int) -> Brief:
    """The brief of another platform's challenge: its sections (safe HTML) as Markdown, its prize as one line."""
    need = as_need(sections, brief.language)
    prizes = [PrizeLine(title=_("Prize"), amount=prize_total)] if prize_total else []
    return replace(brief, problem_statement=need, prizes=prizes)


def for_copy(brief: Brief, limits: Limits) -> Brief:
    """A brief to start a draft from: without dates, which would be past, cut to the limits of a draft, and without what
    not everybody may read, or belongs to the other challenge.
    """
    return replace(
        brief,
        type=brief.type if brief.type in TYPES else Type.PRIZE,
        title=brief.title[: limits.max_title_length],
        problem_statement=_whole_lines(brief.problem_statement, limits.max_problem_statement_length),
        summary=brief.summary[: limits.max_summary_length],
        rights=brief.rights[: limits.max_reason_length],
        tags=[tag[: limits.max_tag_length] for tag in brief.tags[: limits.tags]],
        opens_at=None,
        closes_at=None,
        proposals_limit=None,
        appeal_seconds=None,
        full_text="",
        attachments=(),
        nda="",
        silence=brief.silence if brief.silence in OFFERED else Silence.CENTRE,
    )


def _whole_lines(text: str, most: int) -> str:
    """As many whole lines of a text as fit (part of a link or of a row would be useless), and a remark that
    it is cut.
    """
    if len(text) <= most:
        return text
    notice = "\n\n" + _("The text was cut here: it is longer than a draft may be. See the original for the rest.")
    room = max(most - len(notice), 0)
    return ((text[: max(text.rfind("\n", 0, room + 1), 0)] or text[:room]).rstrip() + notice)[:most]


def refuse(problems: Iterable[Problem]) -> None:
    """Raise Invalid with these messages by field, if there are any."""
    fields: dict[str, list[Sentence]] = {}
    for field, message in problems:
        fields.setdefault(field, []).append(message)
    if fields:
        raise Invalid(_("Please correct the following"), fields=fields)


def errors(brief: Brief, limits: Limits) -> Iterator[Problem]:
    """The errors that no draft may have."""
    yield from _lengths(brief, limits)
    yield from _kinds(brief)
    yield from _rows(brief, limits)
    yield from clause.errors(brief, limits)
    if brief.opens_at and brief.closes_at and brief.closes_at <= brief.opens_at:
        yield "closes_at", _("The closing date must be after the opening date.")
    if brief.proposals_limit is not None and not 1 <= brief.proposals_limit <= limits.proposals_per_challenge:
        most = limits.proposals_per_challenge
        yield "proposals_limit", _("Choose a number from 1 to %(most)s.", most=most)
    yield from _review_fee(brief, limits)
    window = brief.appeal_seconds
    if window is not None and not limits.min_appeal_seconds <= window <= limits.max_appeal_seconds:
        yield "appeal_seconds", _("The appeal period is too short or too long.")


def honoraria(brief: Brief, limits: Limits) -> int:
    """What the sponsor would pay in for reviewers' fees, in minor units."""
    proposals = brief.proposals_limit or limits.proposals_per_challenge
    reviews = from_settings(limits, brief.type, brief.tier).reviews_per_proposal
    return reserve(brief.review_fee, brief.review_fee_cap, reviews=reviews, proposals=proposals)


def _review_fee(brief: Brief, limits: Limits) -> Iterator[Problem]:
    fee, cap = brief.review_fee, brief.review_fee_cap
    if not 0 <= fee <= MAX_AMOUNT:
        yield "review_fee", _("This amount is too large.")
    if cap is not None and (cap < fee or cap > MAX_AMOUNT):
        yield "review_fee_cap", _("All reviews together may cost no less than one review.")
    if fee and brief.prize_total + honoraria(brief, limits) > MAX_AMOUNT:
        yield "review_fee_cap", _("The prizes and the reviewers’ fees together are too large.")


def closed_before(brief: Brief, kept: datetime | None, now: datetime) -> Iterator[Problem]:
    """A closing date that has passed already; the one that the draft has `kept` does not stop a save."""
    if brief.closes_at is not None and brief.closes_at != kept and brief.closes_at <= now:
        yield "closes_at", _("This time has passed. Choose a later one.")


def _lengths(brief: Brief, limits: Limits) -> Iterator[Problem]:
    if not brief.title.strip():
        yield "title", _("Give the challenge a title.")
    texts = (
        ("title", limits.max_title_length),
        ("summary", limits.max_summary_length),
        ("problem_statement", limits.max_problem_statement_length),
        ("rights", limits.max_reason_length),
    )
    for field, most in texts:
        if len(getattr(brief, field)) > most:
            yield field, _("This may have at most %(most)s characters.", most=most)
    if len(brief.tags) > limits.tags:
        yield "tags", _("There may be at most %(number)s tags.", number=limits.tags)
    if any(not 0 < len(tag) <= limits.max_tag_length for tag in brief.tags):
        yield "tags", _("A tag may have at most %(number)s characters.", number=limits.max_tag_length)


def _kinds(brief: Brief) -> Iterator[Problem]:
    if brief.currency not in CURRENCIES:
        yield "currency", _("This currency is not supported.")
    if brief.type not in TYPES:
        yield "type", _("This type is not offered.")
    if brief.language not in LANGUAGES:
        yield "language", _("This language is not supported.")
    if brief.visibility not in list(Visibility):
        yield "visibility", _("Choose one of the options.")
    if brief.time_zone not in time_zones():
        yield "time_zone", _("This time zone is not known.")


def _rows(brief: Brief, limits: Limits) -> Iterator[Problem]:
    if len(brief.prizes) > limits.prizes:
        yield "prizes", _("There may be at most %(number)s prizes.", number=limits.prizes)
    if len(brief.criteria) > limits.criteria:
        yield "criteria", _("There may be at most %(number)s criteria.", number=limits.criteria)
    if any(not prize.title.strip() for prize in brief.prizes):
        yield "prizes", _("Give every prize a name.")
    if any(prize.amount <= 0 or not 1 <= prize.award_count <= 100 for prize in brief.prizes):
        yield "prizes", _("Every prize needs an amount above zero and 1 to 100 awards.")
    if brief.prize_total > MAX_AMOUNT:
        yield "prizes", _("The prizes together are too large.")
    yield from (("criteria", message) for message in rubric_errors(brief.criteria, limits))
    if brief.passing_score is not None and not 0 < brief.passing_score <= WHOLE:
        yield "passing_score", _("A passing score is above 0 and at most 100.")


def gaps(brief: Brief, limits: Limits, now: datetime) -> Iterator[Problem]:
    """All that stops a brief from going to screening: a limit may have changed since it was saved."""
    yield from errors(brief, limits)
    yield from missing_fields(brief, limits, now)


def missing_fields(brief: Brief, limits: Limits, now: datetime) -> Iterator[Problem]:
    """What is still missing before screening. `now` decides whether the dates leave enough time."""
    for field, message in (
        ("summary", _("Summarise the challenge in a sentence or two.")),
        ("problem_statement", _("Describe the problem.")),
    ):
        if not getattr(brief, field).strip():
            yield field, message
    if not brief.prizes:
        yield "prizes", _("Add at least one prize.")
    yield from prize_errors(brief.type, brief.prizes)
    weights = sum(line.weight for line in brief.criteria)
    if weights != WHOLE:
        yield "criteria", _("The weights of the criteria must add up to 100; they add up to %(sum)s.", sum=weights)
    yield from clause.gaps(brief)
    if brief.entrants == Entrants.PEOPLE and tier_rules(brief.tier).verified:
        yield "entrants", _("In this tier only verified organisations take part, so people alone cannot.")
    yield from _dates(brief, limits, now)


def _dates(brief: Brief, limits: Limits, now: datetime) -> Iterator[Problem]:
    if brief.closes_at is None:
        yield "closes_at", _("Enter the closing time.")
        return
    opens_at = max(brief.opens_at or now, now)
    open_for = brief.closes_at - opens_at
    least = timedelta(seconds=limits.min_open_seconds)
    if open_for < least:
        yield "closes_at", _("The challenge must be open for at least %(time)s from now.", time=least)
    if open_for > timedelta(days=limits.max_open_days):
        yield "closes_at", _("The challenge may be open for at most %(days)s days.", days=limits.max_open_days)
