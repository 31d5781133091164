"""The draft of a challenge: create, edit, copy. All transitions are in `lifecycle`; one transaction per operation."""

from collections.abc import Collection
from dataclasses import asdict, replace

from flask_babel import lazy_gettext as _

from challenges import brief as briefs
from challenges import policy
from challenges.brief import Brief
from challenges.entry import clause
from challenges.entry import document as entry
from challenges.indexing import index
from challenges.models import Challenge, Prize
from challenges.queries import access, last_event, source_of
from challenges.rubric import Criterion
from challenges.rule_set import rule_limits
from challenges.tiers import NEED_TIER
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.accounts.models import Organisation
from crowd.audit import Actor, record
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound, Sentence
from crowd.taxonomy.schemes import STAGE
from crowd.taxonomy.vocabulary import current
from crowd.web.forms import NOT_OFFERED


@atomic
def create(actor: Actor, organisation_id: int, *, brief: Brief, copied_from_id: int | None = None) -> Challenge:
    """Begin a draft for an organisation. Raises NotFound, Forbidden, Invalid."""
    organisation = db.session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound
    if not policy.can_create(actor, organisation):
        raise Forbidden(_("Your organisation or your role in it does not post challenges."))
    now = clock.db_now()
    challenge = Challenge(
        organisation=organisation,
        created_by=actor.id,
        copied_from_id=copied_from_id,
        created_at=now,
        appeal_seconds=rule_limits().appeal_seconds,
        proposals_limit=limits().proposals_per_challenge,
        changed_at=now,
    )
    _write(challenge, brief)
    db.session.add(challenge)
    record(actor, "challenge.created", challenge, title=challenge.title, copied_from=copied_from_id)
    return challenge


@atomic
def edit(actor: Actor, challenge_id: int, *, changes: briefs.Changes, base: str | None = None) -> Challenge:
    """Replace fields of the brief of a draft. A run of saves by one person is one event.

    `base` is the mark of these fields as the person saw them: two people who edit different ones lose nothing. Raises
    Conflict where the challenge is not a draft, or where somebody else has saved these fields since; Invalid with
    messages by field.
    """
    challenge = access(actor, challenge_id, to=policy.can_edit, lock=True)
    if challenge.state != ChallengeState.DRAFT:
        raise Conflict(locked(challenge))
    before = briefs.from_challenge(challenge)
    if base is not None and base != briefs.mark(before, changes):
        raise Conflict(_("Somebody else has saved this step since you opened it. Nothing was overwritten."), stale=True)
    _write(challenge, replace(before, **changes), changes)
    challenge.consented_by = challenge.consented_at = None  # the firm's, if a park posts for one: it was to other words
    challenge.changed_at = clock.db_now()
    last = last_event(challenge)
    if last is None or (last.action, last.actor_id) != ("challenge.edited", actor.id):
        record(actor, "challenge.edited", challenge, title=challenge.title)
    return challenge


def locked(challenge: Challenge) -> Sentence:
    """Why a challenge that is not a draft cannot be changed."""
    if challenge.published_at is not None:
        return _("The challenge is published. It changes only by a new version of its contract, which everybody sees.")
    if challenge.state == ChallengeState.SCREENING:
        return _("The challenge is being screened. Withdraw it first, then change it.")
    return _("Only a draft can be changed. Nothing was saved.")


def _write(challenge: Challenge, brief: Brief, changed: Collection[str] = briefs.FIELDS) -> None:
    """Write the brief. An error of a field that is not `changed` stops nobody; `briefs.gaps` tells it."""
    passed = briefs.closed_before(brief, challenge.closes_at, clock.now())
    found = [*briefs.errors(brief, rule_limits()), *passed]
    briefs.refuse((field, message) for field, message in found if field in changed)
    plain = (
        "title",
        "summary",
        "problem_statement",
        "language",
        "currency",
        "rights",
        "visibility",
        "opens_at",
        "closes_at",
        "passing_score",
    )
    for name in (*plain, "time_zone", "prize_total"):
        setattr(challenge, name, getattr(brief, name))
    if "attachments" in changed:
        entry.check_attachments(challenge, brief)
    challenge.entry, challenge.nda, challenge.full_text = dict(clause.stored(brief)), brief.nda, brief.full_text
    challenge.type = brief.type
    challenge.stage_id = _term(STAGE, "stage", brief.stage)
    challenge.tier_id = _term(NEED_TIER, "tier", brief.tier)
    challenge.tags = list(brief.tags)
    challenge.proposals_limit = brief.proposals_limit or limits().proposals_per_challenge
    challenge.appeal_seconds = brief.appeal_seconds or rule_limits().appeal_seconds
    for name in ("tie_rule", "silence", "centre_silence", "review_fee", "review_fee_cap"):
        setattr(challenge, name, getattr(brief, name))
    challenge.honoraria = briefs.honoraria(brief, rule_limits())
    challenge.prizes.clear()
    challenge.criteria.clear()
    db.session.flush()  # delete the old rows before new ones use their positions
    challenge.prizes.extend(
        Prize(position=i, round=challenge.round, **asdict(line)) for i, line in enumerate(brief.prizes, 1)
    )
    challenge.criteria.extend(Criterion(position=i, **asdict(line)) for i, line in enumerate(brief.criteria, 1))
    index(challenge, challenge.problem_statement)


def _term(scheme: str, field: str, code: str) -> int | None:
    """The term of a scheme. Raises Invalid for a code that is none."""
    entry = current().get(scheme, code)
    if code and entry is None:
        raise Invalid.at(field, NOT_OFFERED)
    return entry.id if entry else None


@atomic
def copy(actor: Actor, challenge_id: int, organisation_id: int) -> Challenge:
    """Copy a challenge, also another platform's, to a draft. Dates are left out: they would be past."""
    challenge = access(actor, challenge_id, to=policy.can_copy)
    brief = briefs.from_challenge(challenge)
    source = source_of(challenge) if challenge.external else None
    if source is not None:
        brief = briefs.from_external(brief, source.mapped.get("sections", {}), challenge.prize_total)
    fresh = briefs.for_copy(brief, limits())
    return create(actor, organisation_id, brief=fresh, copied_from_id=challenge.id)
