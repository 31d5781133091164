"""Reads of a challenge's contract, for those who may see the challenge."""

from dataclasses import dataclass, replace

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import aliased

from challenges import policy
from challenges import queries as challenges
from challenges.brief import Brief
from challenges.contract.costs import added
from challenges.contract.document import KIND, brief_of, read_document
from challenges.entry import document as entry
from challenges.models import Challenge
from crowd.access import Rule
from crowd.audit import Actor
from crowd.contracts import queries as contracts
from crowd.contracts.models import Contract, ContractVersion
from crowd.contracts.workflow import VersionState
from crowd.db import db
from crowd.errors import Conflict
from crowd.procedure import CaseSubject


def access(actor: Actor | None, challenge_id: int, number: int | None = None) -> tuple[Challenge, ContractVersion]:
    """The challenge and a version of its contract, the one in force without a number. Raises NotFound where the
    challenge is hidden, or there is no such version.
    """
    challenge = challenges.access(actor, challenge_id)
    return challenge, contracts.get_version(KIND, challenge_id, number)


def in_force(challenge: Challenge) -> ContractVersion:
    """The version in force of a challenge that has opened. Raises NotFound where it has not."""
    return contracts.get_version(KIND, challenge.id, None)


def rested_on(subject: CaseSubject) -> int | None:
    """The version in force on which a case about a challenge, or about what belongs to one, rests."""
    version = contracts.find_in_force(KIND, subject.challenge_id) if subject.challenge_id else None
    return version.id if version else None


def number_in_force(challenge_id: int) -> int | None:
    """The number of the version in force; None where there is none."""
    version = contracts.find_in_force(KIND, challenge_id)
    return version.number if version else None


def in_force_as_shown(challenge: Challenge, number: int | None) -> ContractVersion:
    """The version in force, which the person was shown under this number. Raises Conflict where it is another one."""
    version = in_force(challenge)
    if number is not None and number != version.number:
        raise Conflict(_("The contract has changed since you opened this page. Read the change, then accept it."))
    return version


def access_open(actor: Actor | None, challenge_id: int, *, to: Rule[Challenge]) -> Challenge:
    """An open challenge. Raises NotFound where it is hidden or has no contract, Forbidden, Conflict where it closed."""
    challenge = challenges.access(actor, challenge_id, to=to)
    in_force(challenge)
    if not challenge.is_open:
        raise Conflict(_("Only the contract of an open challenge can be changed."))
    return challenge


def brief_in_force(challenge: Challenge) -> Brief:
    """What the sponsor wrote, as the version in force has it."""
    document = read_document(in_force(challenge).document)
    return replace(brief_of(document), full_text=entry.text_in(challenge.id, document))


@dataclass(frozen=True, slots=True)
class WaitingRaise:
    """A change that waits for its money: what it adds to the escrow, in minor units."""

    challenge: Challenge
    version: int
    cost: int


def waiting_raise(challenge: Challenge) -> WaitingRaise | None:
    """The change of a challenge that waits for its money."""
    return next(iter(waiting_raises(Challenge.id == challenge.id)), None)


def waiting_raises(*of: sa.ColumnElement[bool]) -> list[WaitingRaise]:
    """Every change that waits for its money, or those `of` some challenges, in the order of these' close."""
    waits, present = aliased(ContractVersion), aliased(ContractVersion)
    query = (
        sa.select(Challenge, waits.number, present.document, waits.document)
        .join(Contract, sa.and_(Contract.kind == KIND, Contract.subject_id == Challenge.id))
        .join(waits, sa.and_(waits.contract_id == Contract.id, waits.state == VersionState.PROPOSED))
        .join(present, present.id == Challenge.contract_version_id)
        .where(*of)
        .order_by(Challenge.closes_at, Challenge.id)
    )
    return [
        WaitingRaise(challenge, number, added(read_document(before), read_document(after)))
        for challenge, number, before, after in db.session.execute(query)
    ]


def waiting(actor: Actor | None, challenge: Challenge) -> ContractVersion | None:
    """The version that waits for its money, for those who may see the sponsor's side."""
    if not policy.can_view_internal(actor, challenge):
        return None
    return contracts.find_proposed(KIND, challenge.id)
