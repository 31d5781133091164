"""Every write of this package. `clock.arrived_at` decides whether a request is in time; a late request
takes no lock.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import IO

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from challenges import counts
from challenges import queries as challenges
from challenges.contract import queries as contracts
from challenges.contract.document import KIND
from challenges.invitations import answers as invitations
from challenges.models import Challenge
from challenges.monthly_totals import add_to_month
from challenges.policy import can_view as can_view_challenge
from challenges.rules import rules_of
from challenges.support import services as support
from challenges.support.workflow import GrantedTo
from challenges.workflow import ChallengeState as ChallengeState
from crowd import clock, files
from crowd.accounts.models import User
from crowd.audit import SYSTEM, Actor, record
from crowd.background import enqueue
from crowd.contracts.models import ContractVersion
from crowd.contracts.queries import in_force_at
from crowd.contracts.services import accept
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.file_kinds import megabytes, too_large_together
from crowd.values import term
from crowd.workflow import next_state
from submissions import notifications, queries, receipt
from submissions.confirmation import services as confirmation
from submissions.deadline import refusal
from submissions.entry import services as entry
from submissions.models import Proposal, ProposalFile, ProposalVersion, Registration
from submissions.participation.queries import participation_of
from submissions.participation.services import REMIND_BEFORE
from submissions.parties import is_close, refuse_conflict, why_not
from submissions.policy import agencies_of, can_edit, can_manage, can_register, can_start
from submissions.sealing.queries import REFUSED
from submissions.submission_errors import CLOSE_AGENCY, problems
from submissions.workflow import TRANSITIONS, WORDING, ProposalState

TEXTS = ("title", "abstract", "body", "language")


class EditConflict(Conflict):
    """Another person saved the text after this editor had opened it."""


# ---- registration


@atomic
def register(
    actor: User,
    challenge_id: int,
    *,
    organisation_id: int | None = None,
    accepted: bool = False,
    contract: int | None = None,
    answers: Mapping[str, str] | None = None,
    documents: entry.Kept | None = None,
) -> Registration:
    """Register, alone or for an agency, after accepting the contract; `contract` is the number of the version that the
    person was shown, `answers` and `documents` are what it asks.

    Raises Conflict (closed, full, registered already, another version is in force), Invalid (an insider of the
    challenge, not accepted, not invited where it must be, not the person's agency, the agency has its entry, may not
    enter, an answer is missing).
    """
    challenge, now = _in_time(challenges.access(actor, challenge_id, to=can_register))
    _check_entrant(actor, challenge, organisation_id, accepted)
    if participation_of(actor, challenge_id).registration:
        raise Conflict(_("You are registered for this challenge already."))
    version = contracts.in_force_as_shown(challenge, contract)
    invitations.register(actor, challenge, organisation_id)
    row = entry.enter(actor, challenge_id, organisation_id, now, version)
    entry.give(actor, challenge, row, answers or {}, documents or {})
    confirmation.ask(challenge, row)
    accept(version, actor.id, organisation_id, now=now)
    record(actor, "registration.created", row, organisation=organisation_id, contract=version.number)
    _remind_later(challenge)
    support.issue(challenge, GrantedTo.REGISTERED, actor.id, organisation_id, now=now)
    if not counts.add_registration(challenge):
        raise Conflict(_("This challenge takes no more registrations."))
    return row


@atomic
def unregister(actor: Actor, challenge_id: int) -> None:
    """Withdraw the registration. Raises Conflict where there is a proposal, or after the close; NotFound
    without one.
    """
    challenge, _now = _in_time(challenges.access(actor, challenge_id, to=can_register))
    part = participation_of(actor, challenge_id)
    if part.registration is None:
        raise NotFound
    if part.proposal is not None:
        raise Conflict(_("You have started a proposal, so you stay registered. You can withdraw the proposal."))
    record(actor, "registration.withdrawn", part.registration)
    support.void(actor, challenge, part.registration.user_id, part.registration.organisation_id)
    invitations.unregister(part.registration.user_id, challenge_id, part.registration.organisation_id)
    entry.drop_documents(part.registration)
    db.session.delete(part.registration)
    counts.add_registration(challenge, -1)


@atomic
def start(actor: User, challenge_id: int) -> Proposal:
    """Begin a proposal, or return the existing one. Raises Conflict (closed), Forbidden (not registered)."""
    challenge = challenges.access(actor, challenge_id, to=can_view_challenge)
    part = participation_of(actor, challenge_id)
    if part.proposal is not None:
        return part.proposal
    if not can_start(actor, part.registration):
        raise Forbidden(_("Register for the challenge first."))
    _in_time(challenge)
    assert part.registration is not None
    _refuse_insiders(actor, challenge, part.registration.organisation_id)
    proposal = Proposal(challenge_id=challenge_id, user_id=actor.id, organisation_id=part.registration.organisation_id)
    db.session.add(proposal)
    db.session.flush()
    _point(proposal, ProposalVersion(proposal_id=proposal.id, number=1, language=actor.locale, created_by=actor.id))
    record(actor, "proposal.started", proposal)
    _remind_later(challenge)
    return proposal


# ---- writing


@atomic
def save(
    actor: Actor, proposal_id: int, *, title: str, abstract: str, body: str, language: str | None = None,
    base: str | None = None, editor: str = "",
) -> ProposalVersion:  # fmt: skip
    """Save the draft's text; a submitted version stays unchanged, and the next one begins as its copy.

    `base` is the `receipt.stamp` of the text that the editor had opened, `editor` identifies that opened page: what it
    saved itself it may overwrite. Raises EditConflict where another person saved in between, Conflict after the close.
    """
    proposal, now = writable(actor, proposal_id, to=can_edit)
    current = queries.latest_version(proposal)
    texts = {"title": title, "abstract": abstract, "body": body, "language": language or current.language}
    if all(getattr(current, name) == text for name, text in texts.items()):
        return current
    own = bool(editor) and current.editor == editor
    if base is not None and base != receipt.stamp(current) and not own:
        raise EditConflict(_("Somebody else saved this proposal after you had opened it."))
    version = _draft(actor, proposal, current)
    for name, text in texts.items():
        setattr(version, name, text)
    if not own:
        record(actor, "proposal.saved", proposal, version=version.number)
    version.editor, version.changed_at, proposal.changed_at = editor, now, now
    return version


def attach(actor: Actor, proposal_id: int, *, stream: IO[bytes], filename: str) -> ProposalFile:
    """Add a file to the draft. Raises Invalid (too many, too large, contents do not match the name), Conflict
    (closed).
    """
    queries.access(actor, proposal_id, to=can_edit)
    return _attach(actor, proposal_id, files.keep(stream, filename))


@atomic
def _attach(actor: Actor, proposal_id: int, kept: files.Kept) -> ProposalFile:
    proposal, now = writable(actor, proposal_id, to=can_edit)
    last = queries.latest_version(proposal)
    sizes = [part.file.size for part in last.files]
    rules = rules_of(proposal.challenge)
    if len(sizes) >= rules.files_per_proposal:
        raise Invalid(_("A proposal may have at most %(number)s files.", number=rules.files_per_proposal))
    if sum(sizes) + kept.size > rules.proposal_bytes:
        raise Invalid(too_large_together(megabytes(sum(sizes) + kept.size), megabytes(rules.proposal_bytes)))
    stored = files.refer(actor, kept)
    version = _draft(actor, proposal, last)
    part = ProposalFile(version_id=version.id, file_id=stored.id)
    db.session.add(part)
    version.changed_at = proposal.changed_at = now
    record(actor, "proposal.file_attached", proposal, version=version.number, file=stored.id)
    db.session.expire(version, ["files"])
    return part


@atomic
def detach(actor: Actor, proposal_id: int, file_id: int) -> None:
    """Remove a file from the draft, and its upload where no submitted version has it. Raises NotFound, Conflict
    (closed).
    """
    proposal, now = writable(actor, proposal_id, to=can_edit)
    last = queries.latest_version(proposal)
    if file_id not in [part.file_id for part in last.files]:
        raise NotFound
    version = _draft(actor, proposal, last)
    db.session.execute(
        sa.delete(ProposalFile).where(ProposalFile.version_id == version.id, ProposalFile.file_id == file_id)
    )
    files.delete([file_id])
    version.changed_at = proposal.changed_at = now
    record(actor, "proposal.file_detached", proposal, version=version.number, file=file_id)
    db.session.expire(version, ["files"])


# ---- submitting


@atomic
def submit(actor: Actor, proposal_id: int, *, base: str | None = None) -> ProposalVersion:
    """Submit the draft as the version that counts, dated by the arrival of the request.

    `base` is the digest that the person was shown. Raises Conflict (late, full, withdrawn, nothing new to submit),
    EditConflict where the draft is no longer what the person was shown, Invalid (incomplete; messages by field).
    """
    proposal, now = held_open(actor, proposal_id, to=can_manage)
    refuse_conflict(proposal)
    first = proposal.state == ProposalState.DRAFT
    target = next_state(TRANSITIONS, WORDING, proposal.state, "submit")
    version = _complete_draft(proposal)
    if base is not None and base != receipt.digest(version):
        raise EditConflict(_("Somebody else changed the draft after you had opened it. Check it again."))
    contract = version.contract_version = _accepted_contract(proposal, now)
    version.digest, version.submitted_at = receipt.digest(version), now
    proposal.state, proposal.submitted_version_id, proposal.draft_version_id = target, version.id, None
    proposal.submitted_at = proposal.changed_at = now
    record(
        actor, "proposal.submitted", proposal, version=version.number, digest=version.digest,
        contract=contract.number,
    )  # fmt: skip
    notifications.receipt(proposal, version, now)
    if first and not counts.add_proposal(proposal.challenge):
        raise Conflict(_("This challenge is full: it takes no more proposals. Your draft was kept."))
    return version


@atomic
def withdraw(actor: Actor, proposal_id: int) -> Proposal:
    """Withdraw the proposal; its place is free again. Raises Conflict after the close."""
    proposal, now = held_open(actor, proposal_id, to=can_manage)
    counted = proposal.state == ProposalState.SUBMITTED
    proposal.state = next_state(TRANSITIONS, WORDING, proposal.state, "withdraw")
    proposal.submitted_version_id = proposal.submitted_at = None
    proposal.withdrawn_at = proposal.changed_at = now
    record(actor, "proposal.withdrawn", proposal)
    notifications.withdrawn(actor, proposal, now)
    if counted:
        counts.add_proposal(proposal.challenge, -1)
    return proposal


@atomic
def resume(actor: Actor, proposal_id: int) -> Proposal:
    """Resume a withdrawn proposal as a draft. Raises Conflict after the close."""
    proposal, now = held_open(actor, proposal_id, to=can_manage)
    refuse_conflict(proposal)
    proposal.state = next_state(TRANSITIONS, WORDING, proposal.state, "resume")
    proposal.withdrawn_at, proposal.changed_at = None, now
    _draft(actor, proposal, queries.latest_version(proposal))
    record(actor, "proposal.resumed", proposal)
    return proposal


# ---- operations of the platform itself


@atomic
def disqualify(actor: Actor, proposal_id: int) -> Proposal:
    """Disqualify a submitted proposal of a challenge that is being judged, whose row is locked: it does not count any
    more. Called by the packages above, after a case about its integrity was upheld.
    """
    proposal = queries.access(actor, proposal_id, to=_only_the_platform, view=_anybody)
    proposal.state, proposal.changed_at = next_state(TRANSITIONS, WORDING, proposal.state, "disqualify"), clock.db_now()
    record(actor, "proposal.disqualified", proposal)
    notifications.disqualified(proposal)
    counts.add_proposal(proposal.challenge, -1)
    if proposal.challenge.closed_at is not None:
        add_to_month(proposal.challenge, proposal.challenge.closed_at, proposals=-1)
    return proposal


@atomic
def record_denied_access(actor: Actor, proposal_id: int) -> None:
    """Record that a person asked for a proposal that is hidden from them."""
    proposal = queries.access(actor, proposal_id, to=_anybody, view=_anybody)
    record(actor, REFUSED, proposal, challenge_state=term(proposal.challenge.state, "challenge"))


def _only_the_platform(actor: Actor | None, proposal: Proposal) -> bool:
    return actor is SYSTEM


def _anybody(actor: Actor | None, proposal: Proposal) -> bool:
    return True


# ---- shared by the operations


def held_open(actor: Actor, proposal_id: int, *, to: queries.Policy) -> tuple[Proposal, datetime]:
    """The proposal under its lock, its challenge kept from closing, and the time at which the request arrived.

    Raises NotFound, Forbidden, and, before any lock is taken, Conflict where that was too late.
    """
    now = clock.arrived_at()
    held = queries.hold_open(now, proposal_id=proposal_id)
    proposal = queries.access(actor, proposal_id, to=to, held=held)
    if not held:
        raise Conflict(refusal(proposal.challenge, now))
    return proposal, now


def writable(actor: Actor, proposal_id: int, *, to: queries.Policy) -> tuple[Proposal, datetime]:
    """`held_open` for changes of a draft. Also raises Conflict where the proposal is withdrawn."""
    proposal, now = held_open(actor, proposal_id, to=to)
    if proposal.state == ProposalState.WITHDRAWN:
        raise WORDING.refusal(proposal.state, "submit")
    return proposal, now


def _in_time(challenge: Challenge) -> tuple[Challenge, datetime]:
    """The challenge kept from closing, and the time at which the request arrived. Raises Conflict as above."""
    now = clock.arrived_at()
    if not queries.hold_open(now, challenge_id=challenge.id):
        raise Conflict(refusal(challenge, now))
    return challenge, now


def _check_entrant(actor: User, challenge: Challenge, organisation_id: int | None, accepted: bool) -> None:
    if organisation_id is not None and organisation_id not in [agency.id for agency in agencies_of(actor)]:
        raise Invalid(fields={"organisation_id": [_("You do not act for this agency.")]})
    _refuse_insiders(actor, challenge, organisation_id)
    entry.refuse_ineligible(actor, challenge, organisation_id)
    if not accepted:
        raise Invalid(fields={"accepted": [_("Accept the terms to take part.")]})


def _refuse_insiders(actor: User, challenge: Challenge, organisation_id: int | None) -> None:
    """Raise Invalid where the person, or a member of the agency, is an insider of the challenge."""
    if refused := why_not(actor, challenge):
        raise Invalid(refused)
    if organisation_id is not None and is_close(challenge, organisation_id):
        raise Invalid.at("organisation_id", CLOSE_AGENCY)


def _point(proposal: Proposal, version: ProposalVersion) -> ProposalVersion:
    db.session.add(version)
    db.session.flush()
    proposal.draft_version_id = version.id
    db.session.flush()
    db.session.expire(proposal, ["draft_version"])
    return version


def _draft(actor: Actor, proposal: Proposal, last: ProposalVersion) -> ProposalVersion:
    """The version that may be changed: the last where it is the draft, or a new one as its copy, files included."""
    if proposal.draft_version_id == last.id:
        return last
    texts = {name: getattr(last, name) for name in TEXTS}
    version = ProposalVersion(
        proposal_id=proposal.id, number=last.number + 1, created_by=actor.id, editor=last.editor, **texts
    )
    _point(proposal, version)
    db.session.add_all(ProposalFile(version_id=version.id, file_id=part.file_id) for part in last.files)
    db.session.flush()
    return version


def _complete_draft(proposal: Proposal) -> ProposalVersion:
    version = queries.latest_version(proposal)
    if proposal.draft_version_id != version.id:
        raise Conflict(_("There is nothing new to submit: the submitted version is your latest."))
    if found := problems(proposal, version):
        raise Invalid(_("The proposal is not complete. Your draft was kept."), fields=found)
    return version


def _accepted_contract(proposal: Proposal, at: datetime) -> ContractVersion:
    """The version that was in force at that time. Raises Conflict where its entrant must accept it first."""
    version, accepted = in_force_at(
        KIND, proposal.challenge_id, at, user_id=proposal.user_id, organisation_id=proposal.organisation_id
    )
    if not accepted:
        raise Conflict(_("The contract has changed since you accepted it. Read the change and accept it, then submit."))
    return version


def _remind_later(challenge: Challenge) -> None:
    """Enqueue the reminder before the close, once per challenge and close; none where that time has passed."""
    at = (challenge.closes_at or clock.now()) - REMIND_BEFORE
    if challenge.state == ChallengeState.OPEN and at > clock.now():
        key = f"remind:{challenge.id}:{challenge.closes_at:%Y-%m-%dT%H:%M:%S.%fZ}"
        enqueue("proposals.remind_drafts", challenge.id, at=at, key=key, challenge_id=challenge.id)
