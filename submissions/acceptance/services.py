"""Accept a changed contract, remind, and set aside."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _

from challenges import counts
from challenges import queries as challenges
from challenges.contract import queries as contracts
from challenges.models import Challenge
from challenges.notifications import titled
from challenges.policy import can_view as can_view_challenge
from crowd import clock
from crowd.accounts.models import User
from crowd.audit import Actor, record
from crowd.background import enqueue
from crowd.contracts.models import ContractVersion
from crowd.contracts.services import accept as accept_version
from crowd.db import atomic
from crowd.errors import Conflict, Forbidden
from crowd.notifications.kinds import path_to
from crowd.notifications.services import notify
from crowd.values import count, moment
from crowd.workflow import next_state
from submissions import notifications, queries
from submissions.acceptance.queries import REMIND, unaccepted_proposals
from submissions.deadline import refusal
from submissions.entry.services import refuse_incomplete, refuse_ineligible
from submissions.models import Proposal
from submissions.participation.queries import participation_of
from submissions.parties import contributors
from submissions.policy import can_start
from submissions.workflow import TRANSITIONS, WORDING, ProposalState

REMINDERS = 3  # spread evenly over the time from the change to the close


@atomic
def accept(actor: User, challenge_id: int, *, contract: int) -> ContractVersion:
    """Accept the version in force for the person's registration; `contract` is the number that they were shown.

    Raises Forbidden (not registered, or no longer with the agency), Conflict (closed, another version is in force, an
    answer is missing), Invalid (may not enter any more).
    """
    challenge = challenges.access(actor, challenge_id, to=can_view_challenge)
    now = clock.arrived_at()
    if not queries.hold_open(now, challenge_id=challenge.id):
        raise Conflict(refusal(challenge, now))
    registration = participation_of(actor, challenge_id).registration
    if registration is None or not can_start(actor, registration):
        raise Forbidden(_("Register for the challenge first."))
    version = contracts.in_force_as_shown(challenge, contract)
    refuse_ineligible(actor, challenge, registration.organisation_id)
    refuse_incomplete(challenge, registration)
    accept_version(version, actor.id, registration.organisation_id, now=now)
    registration.contract_version_id, registration.accepted_at = version.id, now
    record(actor, "registration.accepted", registration, contract=version.number)
    return version


@atomic
def notify_amended(actor: Actor, challenge_id: int, number: int) -> dict[str, object]:
    """Notify all registered people of a version that is in force, and schedule the reminders where it must be accepted;
    once, however often it is called.
    """
    challenge, version = contracts.access(actor, challenge_id, number)
    kind = notifications.ACCEPT_AGAIN if version.asks_for_acceptance else notifications.AMENDED
    people = queries.registered(challenge_id)
    _notify(challenge, version, people, kind, key=f"amended:{challenge_id}:{number}")
    assert version.in_force_at is not None
    if version.asks_for_acceptance and challenge.closes_at is not None:
        part = (challenge.closes_at - version.in_force_at) / (REMINDERS + 1)
        for turn in range(1, REMINDERS + 1):
            at, key = version.in_force_at + turn * part, f"remind_acceptance:{challenge_id}:{number}:{turn}"
            enqueue(REMIND, challenge_id, turn, at=at, key=key, challenge_id=challenge_id)
    return {"notified": count(len(people))}


@atomic
def remind(actor: Actor, challenge_id: int, turn: int) -> dict[str, object]:
    """Remind the people of proposals for which nobody has accepted the version in force."""
    challenge, version = contracts.access(actor, challenge_id)
    if not challenge.takes_proposals(clock.db_now()):
        return {"notified": count(0)}
    people = sorted({user_id for one in unaccepted_proposals(challenge) for user_id in contributors(one)})
    key = f"accept:{challenge_id}:{version.number}:{turn}"
    _notify(challenge, version, people, notifications.ACCEPT_REMINDER, key=key)
    return {"notified": count(len(people))}


def set_aside(actor: Actor, challenge: Challenge) -> list[Proposal]:
    """Set aside the submitted proposals for which nobody has accepted the version in force. The challenge is about to
    close, under its lock: from then on nobody but their people reads them.
    """
    found = [one for one in unaccepted_proposals(challenge) if one.state == ProposalState.SUBMITTED]
    now = clock.db_now()
    for proposal in found:
        _set_aside(actor, proposal, contracts.in_force(challenge), now)
    if found:
        counts.add_proposal(challenge, -len(found))
    return found


def _set_aside(actor: Actor, proposal: Proposal, version: ContractVersion, now: datetime) -> None:
    proposal.state = next_state(TRANSITIONS, WORDING, proposal.state, "set_aside")
    proposal.changed_at = now
    record(actor, "proposal.set_aside", proposal, contract=version.number)
    people = contributors(proposal)
    key = f"set_aside:{proposal.id}"
    _notify(proposal.challenge, version, people, notifications.SET_ASIDE, key=key)


def _notify(challenge: Challenge, version: ContractVersion, people: Sequence[int], kind: str, *, key: str) -> None:
    assert challenge.closes_at is not None
    title = titled(challenge)
    for user_id in people:
        notify(
            user_id,
            kind=kind,
            key=key,
            path=path_to("contracts.show", challenge_id=challenge.id),
            params={
                "challenge": title, "version": version.number, "closes": moment(challenge.closes_at),
                "reason": version.reason,
            },
            challenge_id=challenge.id,
        )  # fmt: skip
