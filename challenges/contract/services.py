"""Every write of a challenge's contract: the first version at the opening, and changes as later versions.

A change is `plan`ned (what differs, its class, what it costs), shown, and then made by `amend` with the digest that was
shown. What raises the prizes waits, as a proposed version, until its money is in escrow.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _

from challenges import brief as briefs
from challenges import counts, followers, policy
from challenges.brief import Brief
from challenges.contract import classes, queries
from challenges.contract.costs import added
from challenges.contract.document import INSTANT, KIND, brief_of, build, read_document, read_instant, rules_in
from challenges.contract.events import ContractAmended
from challenges.contract.projection import project
from challenges.entry import clause
from challenges.entry import document as entry
from challenges.honoraria import reserve
from challenges.indexing import index
from challenges.models import Challenge
from challenges.monthly_totals import add_to_month, count_from_now
from challenges.queries import access
from challenges.rule_set import named, rule_limits
from challenges.rules import from_settings, kept_by
from challenges.support.queries import clauses_of
from challenges.tier_rules import tier_rules
from challenges.types import prize_errors
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.audit import Actor, record
from crowd.background import enqueue
from crowd.canonical import Document, canonical, digest, read
from crowd.config import limits
from crowd.contracts import queries as versions
from crowd.contracts import services as contracts
from crowd.contracts.changes import Change, compare
from crowd.contracts.models import ContractVersion
from crowd.contracts.workflow import ChangeClass
from crowd.db import atomic
from crowd.errors import Conflict, Invalid
from crowd.events import publish
from crowd.ledger import queries as ledger
from crowd.ledger import transfers
from crowd.ledger.models import LedgerAccountKind, OwnerType
from crowd.limits import Limits
from crowd.money import Money
from crowd.reasons import required
from crowd.values import money, term


@dataclass(frozen=True, slots=True)
class Plan:
    """A change before it is made. `cost` is what it adds to the escrow: prizes and fee, in minor units."""

    before: Document
    after: Document
    changes: Sequence[Change]
    change_class: ChangeClass
    cost: int

    @property
    def closes_at(self) -> datetime:
        """When the challenge would close."""
        return read_instant(self.after["dates"]["closes_at"])

    @property
    def digest(self) -> str:
        """Of the version that the change would make."""
        return digest(canonical(self.after))


@atomic
def begin(actor: Actor, challenge: Challenge, now: datetime) -> ContractVersion:
    """The challenge opens: its brief and the platform's present settings become the first version of its contract."""
    assert challenge.closes_at is not None
    versions = kept_by(challenge)
    brief = briefs.by_tier(briefs.from_challenge(challenge), versions.tiers)
    brief = replace(brief, opens_at=challenge.opens_at or now)
    rules = from_settings(rule_limits(versions.clocks), brief.type, brief.tier, tiers=versions.tiers)
    entry.keep_text(challenge, brief)
    document = build(
        challenge, brief, rules, number=1, honoraria=challenge.honoraria, support=clauses_of(challenge.id),
        named=named(challenge.fee_version or 1, versions, brief.tier),
    )  # fmt: skip
    version = contracts.begin(actor, KIND, challenge.id, document, now=now)
    project(challenge, version)
    return version


# ---- planning: reads only


def plan(challenge: Challenge, brief: Brief, *, wanted: ChangeClass | None = None, answer: bool = False) -> Plan:
    """What a new brief changes. A material change moves the close by as much as the contract says, or more. `answer`:
    the platform has added a question and its answer to the end of the problem.

    Raises Invalid with messages by field: nothing differs, or something may not change.
    """
    before = read_document(queries.in_force(challenge).document)
    brief = _completed(before, brief)
    changes = classes.relevant(compare(before, _document(challenge, before, brief)))
    if not changes:
        raise Invalid(_("Nothing has changed."))
    others = [one for one in changes if one.path != classes.DEADLINE]
    least = classes.raised(classes.classify(others, answer=answer), wanted)
    if least == ChangeClass.MATERIAL:
        brief = _extended(before, brief)
    after = _document(challenge, before, brief)
    changes = classes.relevant(compare(before, after))
    found = Plan(before, after, changes, _class_of(changes, least), added(before, after))
    briefs.refuse([*briefs.errors(brief, _bounds(before)), *clause.gaps(brief), *_refused(challenge, found)])
    return found


def _bounds(before: Document) -> Limits:
    """Within which a brief may be changed: the rules of now, and what the contract has already."""
    bounds, window = rule_limits(), before["decision"]["appeal_seconds"]
    least, most = min(bounds.min_appeal_seconds, window), max(bounds.max_appeal_seconds, window)
    return replace(bounds, min_appeal_seconds=least, max_appeal_seconds=most)


def _completed(before: Document, brief: Brief) -> Brief:
    """A brief with what a draft may leave out. Raises Invalid without a closing date."""
    if brief.closes_at is None:
        raise Invalid.at("closes_at", _("Enter the closing time."))
    present = brief_of(before)
    return replace(
        brief,
        proposals_limit=brief.proposals_limit or present.proposals_limit,
        appeal_seconds=brief.appeal_seconds or present.appeal_seconds,
    )


def _document(challenge: Challenge, before: Document, brief: Brief) -> Document:
    number = contracts.next_number(KIND, challenge.id)
    rules = rules_in(before)
    wanted = reserve(
        brief.review_fee, brief.review_fee_cap, reviews=rules.reviews_per_proposal,
        proposals=brief.proposals_limit or 0,
    )  # fmt: skip
    honoraria = max(before["reviews"]["honoraria"], wanted)  # what is in escrow stays there until the end
    after = read(
        canonical(
            build(
                challenge,
                brief,
                rules,
                number=number,
                honoraria=honoraria,
                support=before["support"],
                named=before["rules"],
            )
        )
    )
    eligibility = {**after["eligibility"], "shares": before["eligibility"]["shares"]}  # as the first version has it
    return {**after, "eligibility": eligibility, "sponsor": before["sponsor"], "for": before["for"]}


def _extended(before: Document, brief: Brief) -> Brief:
    rules, old = rules_in(before), brief_of(before)
    assert old.closes_at is not None
    least = old.closes_at + timedelta(seconds=rules.amendment_seconds)
    return replace(brief, closes_at=max(brief.closes_at or least, least))


def _class_of(changes: Sequence[Change], least: ChangeClass) -> ChangeClass:
    """Another deadline alone is an extension, which asks for no acceptance."""
    alone = all(change.path == classes.DEADLINE for change in changes)
    return ChangeClass.EXTENSION if alone and least != ChangeClass.MATERIAL else least


def _refused(challenge: Challenge, planned: Plan) -> list[briefs.Problem]:
    entered = challenge.registrations_count > 0
    found = list(classes.refused(planned.before, planned.after, planned.changes, entered=entered))
    mixed = planned.change_class in (ChangeClass.CLERICAL, ChangeClass.CLARIFYING)
    if mixed and classes.moves_deadline(planned.changes):
        found.append(("closes_at", _("Another deadline is a version of its own: publish the other changes first.")))
    if planned.after["dates"]["closes_at"] <= clock.now().strftime(INSTANT):
        found.append(("closes_at", _("This time has passed. Choose a later one.")))
    if planned.closes_at - read_instant(planned.after["dates"]["opens_at"]) > timedelta(days=limits().max_open_days):
        message = _("The challenge may be open for at most %(days)s days.", days=limits().max_open_days)
        found.append(("closes_at", message))
    if planned.after["proposals"]["accepted"] < challenge.proposals_count:
        found.append(("proposals_limit", _("There are more proposals already.")))
    wanted = brief_of(planned.after)
    found.extend(prize_errors(wanted.type, wanted.prizes))
    if _opens_tier(challenge, planned):
        found.append(("verified_only", _("In this tier only verified organisations take part.")))
    weights = sum(line["weight"] for line in planned.after["rubric"])
    if weights != briefs.WHOLE:
        message = _("The weights of the criteria must add up to 100; they add up to %(sum)s.", sum=weights)
        found.append(("criteria", message))
    if planned.cost < 0:
        found.append(("prizes", _("The prizes together cannot become less: the money is in escrow.")))
    return found


def _opens_tier(challenge: Challenge, planned: Plan) -> bool:
    """Whether others than verified organisations could enter, where the tier asks for them."""
    before, after = (one["eligibility"] for one in (planned.before, planned.after))
    closed = tier_rules(planned.after["tier"], kept_by(challenge).tiers).verified and before["verified_only"]
    return bool(closed and (after["entrants"], after["verified_only"]) != (before["entrants"], True))


# ---- changing


@atomic
def amend(
    actor: Actor,
    challenge_id: int,
    *,
    brief: Brief,
    reason: str,
    shown: str,
    wanted: ChangeClass | None = None,
    answer: bool = False,
) -> ContractVersion:
    """Publish a change of an open challenge. `shown` is the digest of the version that the person was shown; `answer`
    as for `plan`.

    One that raises the prizes is in force once it is paid, which this does where the free balance suffices and the
    person may pay. Raises Invalid, Conflict (not open, another change waits, something changed meanwhile).
    """
    challenge = _open(actor, challenge_id)
    reason = required(reason)
    planned = plan(challenge, brief, wanted=wanted, answer=answer)
    if planned.digest != shown:
        raise Conflict(_("Something has changed since you checked this. Check it again; nothing was published."))
    entry.keep_text(challenge, brief)
    version = contracts.propose(
        actor, KIND, challenge.id, planned.after, change_class=planned.change_class, reason=reason
    )
    if planned.cost == 0:
        return _put_in_force(actor, challenge, version)
    record(actor, "contract.proposed", challenge, **_facts(version), amount=money(planned.cost, challenge.currency))
    if policy.can_fund(actor, challenge) and missing_for(challenge, planned.cost) <= 0:
        return fund(actor, challenge.id)
    return version


@atomic
def fund(actor: Actor, challenge_id: int) -> ContractVersion:
    """Pay for the waiting change from the sponsor's free balance, and put it in force. Raises Conflict where none
    waits, or the balance is short (`missing`, minor units).
    """
    challenge = _open(actor, challenge_id, to=policy.can_fund)
    version = _waiting(challenge)
    cost = cost_of(challenge, version)
    missing = missing_for(challenge, cost)
    if missing > 0:
        amount = Money(challenge.currency, missing)
        raise Conflict(_("The free balance is short by %(amount)s.", amount=amount), missing=missing)
    transfers.top_up(
        actor, version.id, challenge.id, organisation_id=challenge.organisation_id, currency=challenge.currency,
        amount=cost,
    )  # fmt: skip
    record(actor, "challenge.topped_up", challenge, **_facts(version), amount=money(cost, challenge.currency))
    add_to_month(challenge, clock.db_now(), funded=cost)
    return _put_in_force(actor, challenge, version)


@atomic
def withdraw(actor: Actor, challenge_id: int) -> None:
    """Withdraw the waiting change. Raises Conflict where none waits."""
    challenge = _open(actor, challenge_id)
    version = _waiting(challenge)
    contracts.withdraw(version)
    record(actor, "contract.withdrawn", challenge, **_facts(version))


@atomic
def drop_waiting(actor: Actor, challenge: Challenge) -> None:
    """Withdraw a change that was not paid when the challenge closed or was cancelled."""
    version = versions.find_proposed(KIND, challenge.id)
    if version is not None:
        contracts.withdraw(version)
        record(actor, "contract.withdrawn", challenge, **_facts(version))


def cost_of(challenge: Challenge, version: ContractVersion) -> int:
    """What a waiting version adds to the escrow, in minor units."""
    before, after = (read_document(one.document) for one in (queries.in_force(challenge), version))
    return added(before, after)


def missing_for(challenge: Challenge, cost: int) -> int:
    """What the sponsor's free balance lacks for this cost, in minor units; zero or less where it suffices."""
    whose, currency = challenge.organisation_id, challenge.currency
    return cost - ledger.balance(LedgerAccountKind.SPONSOR, OwnerType.ORGANISATION, whose, currency)


def _open(actor: Actor, challenge_id: int, *, to: policy.Rule[Challenge] = policy.can_amend) -> Challenge:
    """The challenge under its lock, if its contract can be changed now."""
    challenge = access(actor, challenge_id, to=to, lock=True)
    if challenge.state != ChallengeState.OPEN or not challenge.takes_proposals(clock.db_now()):
        raise Conflict(_("Only the contract of an open challenge can be changed."))
    return challenge


def _waiting(challenge: Challenge) -> ContractVersion:
    version = versions.find_proposed(KIND, challenge.id)
    if version is None:
        raise Conflict(_("No change is waiting."))
    return version


def _put_in_force(actor: Actor, challenge: Challenge, version: ContractVersion) -> ContractVersion:
    now = clock.db_now()
    closes_at, was_hidden = challenge.closes_at, challenge.by_invitation
    contracts.put_in_force(version, now=now)
    project(challenge, version)
    challenge.changed_at = now
    counts.set_limits(challenge)
    index(challenge, challenge.problem_statement)
    record(actor, "contract.amended", challenge, **_facts(version), reason=version.reason)
    if challenge.closes_at != closes_at:
        schedule_close(challenge)
    publish(ContractAmended(challenge.id, version.number))
    followers.announce(actor, challenge, "amended")
    if was_hidden and not challenge.by_invitation:
        count_from_now(challenge)
        followers.announce(actor, challenge, "opened")
    return version


def schedule_close(challenge: Challenge) -> None:
    """The job that closes it, at the close and its grace. One for an earlier date finds nothing to do."""
    assert challenge.to_close_at is not None
    key = f"close:{challenge.id}:{challenge.to_close_at.isoformat()}"
    enqueue("challenges.close", challenge.id, at=challenge.to_close_at, key=key, challenge_id=challenge.id)


def _facts(version: ContractVersion) -> Document:
    return {"version": version.number, "class": term(version.change_class, "change_class"), "contract": version.digest}
