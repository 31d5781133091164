"""The document of a challenge's contract, schema `crowd.contract/3` (docs/schemas): built from the brief and the rules,
and read into the values of rows. One of an older schema is read as if it were of this one.

Money is in minor units, a share of money in basis points, an instant in UTC with microseconds. The schema says what a
document may hold; one that is published is never built again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal

from challenges.brief import Brief, PrizeLine
from challenges.criteria import CriterionLine, plain
from challenges.deciding import AfterCentre, Silence, TieRule
from challenges.entry import clause
from challenges.entry import document as entry
from challenges.models import Challenge
from challenges.rules import Rules
from challenges.tiers import NEED_TIER
from challenges.types import Type
from challenges.visibility import Visibility
from crowd.accounts.models import Organisation
from crowd.canonical import Document, read
from crowd.taxonomy.schemes import STAGE
from crowd.taxonomy.vocabulary import current

KIND = "challenge"
SCHEMA = "crowd.contract/3"
INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"
# What every challenge follows so far; a clause with a choice is written where the choice is made.
REVIEWERS = "platform"  # who names reviewers: the platform, by a rule, without those with a conflict of interest
RANKED_BY = "raw"  # the weighted mean of the reviews' points, without calibration

# What schemas 2 and 3 added to schema 1, with the value by which that was carried out.
ADDED: Document = {
    **clause.ADDED,
    "reviews": {"fee": 0, "fee_cap": None, "honoraria": 0},
    "support": [],
    # Nothing happened by itself.
    "decision": {"centre_days": 0, "centre_silence": "ranking", "reminder_days": 0, "passing": None},
    "rubric": [
        {"kind": "points", "step": "1", "labels": [], "anchors": [], "comment_required": False, "passing": None}
    ],
    "tier": None,
    "admission": {"confirmed": False},
    "rules": [],  # contracts from before name no version of rules
}


def build(
    challenge: Challenge,
    brief: Brief,
    rules: Rules,
    *,
    number: int,
    honoraria: int,
    support: Sequence[Document],
    named: Sequence[Document],
) -> Document:
    """The document of a version; of a draft, it may lack dates. `honoraria` is what is paid in for reviewers' fees,
    `named` are the versions of rules from which the fee, the clocks and what follows from the tier are taken.
    """
    return {
        "schema": SCHEMA,
        "kind": KIND,
        "challenge": challenge.id,
        "number": number,
        "sponsor": _party(challenge.organisation),
        "for": _party(challenge.beneficiary) if challenge.beneficiary else None,
        "type": brief.type.value,
        "tier": brief.tier or None,
        "problem": _problem(brief),
        "prizes": {"currency": brief.currency, "tiers": [asdict(line) for line in brief.prizes]},
        "fee": {"version": challenge.fee_version, "basis_points": challenge.fee_basis_points},
        "rubric": [criterion_document(line) for line in brief.criteria],
        "rights": brief.rights,
        "dates": _dates(brief, rules),
        "admission": {"confirmed": bool(rules.centre_confirms)},
        "proposals": _proposals(brief, rules),
        "reviews": _reviews(brief, rules, honoraria),
        "decision": _decision(brief, rules),
        "support": list(support),
        "rules": list(named),
        "visibility": str(brief.visibility),
        **entry.build(challenge, brief),
    }


def _problem(brief: Brief) -> Document:
    return {
        "language": brief.language,
        "title": brief.title,
        "summary": brief.summary,
        "statement": brief.problem_statement,
        "tags": list(brief.tags),
        "stage": brief.stage or None,
    }


def _dates(brief: Brief, rules: Rules) -> Document:
    return {
        "opens_at": _instant(brief.opens_at),
        "closes_at": _instant(brief.closes_at),
        "time_zone": brief.time_zone,
        "grace_seconds": rules.grace_seconds,
        "amendment_seconds": rules.amendment_seconds,
        "question_seconds": rules.question_seconds,
    }


def _proposals(brief: Brief, rules: Rules) -> Document:
    return {
        "accepted": brief.proposals_limit,
        "registrations": rules.registrations_per_challenge,
        "characters": rules.max_body_length,
        "files": rules.files_per_proposal,
        "bytes": rules.proposal_bytes,
        "people": rules.team_members,
    }


def _reviews(brief: Brief, rules: Rules, honoraria: int) -> Document:
    return {
        "of_each": rules.reviews_per_proposal,
        "days": rules.review_days,
        "reviewers": REVIEWERS,
        "fee": brief.review_fee,
        "fee_cap": brief.review_fee_cap,
        "honoraria": honoraria,
    }


def _decision(brief: Brief, rules: Rules) -> Document:
    return {
        "days": rules.decision_days,
        "ranked_by": RANKED_BY,
        "ties": brief.tie_rule.value,
        "silence": brief.silence.value,
        "centre_days": rules.centre_decision_days,
        "centre_silence": brief.centre_silence.value,
        "reminder_days": rules.decision_reminder_days,
        "appeal_seconds": brief.appeal_seconds,
        "passing": _decimal(brief.passing_score),
    }


def read_document(written: bytes) -> Document:
    """The document of a version in the form of the present schema. What is new in that has the value by which it was
    carried out before it was a clause.
    """
    return as_present(read(written))


def as_present(document: Document) -> Document:
    """The same of a document that was read before."""
    found = _added(document, ADDED)
    assert isinstance(found, dict)
    # Schema 1 wrote a scale as a whole number.
    return {**found, "rubric": [{**line, "scale": str(line["scale"])} for line in found["rubric"]]}


def _added(value: object, added: object) -> object:
    """A part of a document with what it lacks. One example stands for every line of a list; a list
    without one is whole.
    """
    if isinstance(value, dict) and isinstance(added, dict):
        return {**added, **{key: _added(held, added.get(key)) for key, held in value.items()}}
    if isinstance(value, list) and isinstance(added, list) and added:
        return [_added(line, added[0]) for line in value]
    return value


def criterion_document(line: CriterionLine) -> Document:
    """A line of the rubric, its decimals as strings."""
    return asdict(line) | {name: _decimal(getattr(line, name)) for name in ("scale", "step", "passing")}


def _decimal(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _party(organisation: Organisation) -> Document:
    return {"organisation": organisation.id, "name": organisation.name}


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime(INSTANT) if at else None


def read_instant(text: str) -> datetime:
    """An instant of a document."""
    return datetime.strptime(text, INSTANT).replace(tzinfo=UTC)


def brief_of(document: Document) -> Brief:
    """What the sponsor wrote, as a version has it, but for the full text, of which it has a digest."""
    problem, prizes, dates = document["problem"], document["prizes"], document["dates"]
    return Brief(
        title=problem["title"],
        summary=problem["summary"],
        problem_statement=problem["statement"],
        stage=problem["stage"] or "",
        type=Type(document["type"]),
        tier=document["tier"] or "",
        language=problem["language"],
        tags=list(problem["tags"]),
        currency=prizes["currency"],
        prizes=[PrizeLine(**line) for line in prizes["tiers"]],
        criteria=[CriterionLine(**line) for line in document["rubric"]],
        rights=document["rights"],
        visibility=Visibility(document["visibility"]),
        opens_at=read_instant(dates["opens_at"]) if dates["opens_at"] else None,  # a draft's document may lack them
        closes_at=read_instant(dates["closes_at"]) if dates["closes_at"] else None,
        time_zone=dates["time_zone"],
        proposals_limit=document["proposals"]["accepted"],
        appeal_seconds=document["decision"]["appeal_seconds"],
        **clause.read_clauses(document),
        review_fee=document["reviews"]["fee"],
        review_fee_cap=document["reviews"]["fee_cap"],
        tie_rule=TieRule(document["decision"]["ties"]),
        silence=Silence(document["decision"]["silence"]),
        centre_silence=AfterCentre(document["decision"]["centre_silence"]),
        passing_score=_number(document["decision"]["passing"]),
    )


def rules_in(document: Document) -> Rules:
    """The rules that are numbers, as a version has them."""
    proposals, reviews = document["proposals"], document["reviews"]
    return Rules(
        registrations_per_challenge=proposals["registrations"],
        files_per_proposal=proposals["files"],
        proposal_bytes=proposals["bytes"],
        max_body_length=proposals["characters"],
        team_members=proposals["people"],
        reviews_per_proposal=reviews["of_each"],
        review_days=reviews["days"],
        decision_days=document["decision"]["days"],
        centre_decision_days=document["decision"]["centre_days"],
        decision_reminder_days=document["decision"]["reminder_days"],
        grace_seconds=document["dates"]["grace_seconds"],
        amendment_seconds=document["dates"]["amendment_seconds"],
        question_seconds=document["dates"]["question_seconds"],
        centre_confirms=int(document["admission"]["confirmed"]),
    )


def columns(document: Document) -> Mapping[str, object]:
    """The values of the challenge's columns that follow from the document."""
    brief, rules = brief_of(document), rules_in(document)
    plain = (
        "title", "summary", "problem_statement", "language", "tags", "currency", "prize_total", "rights",
        "visibility", "opens_at", "closes_at", "time_zone", "proposals_limit", "appeal_seconds", "passing_score",
        "tie_rule", "silence", "centre_silence", "review_fee", "review_fee_cap",
    )  # fmt: skip
    return {name: getattr(brief, name) for name in plain} | {
        "type": brief.type,
        "stage_id": stage.id if (stage := current().get(STAGE, brief.stage)) else None,
        "honoraria": document["reviews"]["honoraria"],
        "tier_id": tier.id if (tier := current().get(NEED_TIER, brief.tier)) else None,
        "rules": rules.stored(),
        "entry": clause.projected(document),
        "nda": brief.nda,
        "grace_seconds": rules.grace_seconds,
        "fee_version": document["fee"]["version"],
        "fee_basis_points": document["fee"]["basis_points"],
    }
