"""Reads of registrations with what was answered and given, for those who may read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from challenges import queries as challenges
from challenges.contract.document import KIND
from challenges.entry.models import NdaSignature
from challenges.models import Challenge
from crowd.accounts.models import Organisation, User
from crowd.accounts.organisations.rights import Right
from crowd.audit import Actor
from crowd.contracts.models import Acceptance, Contract, ContractVersion
from crowd.db import db
from crowd.errors import NotFound
from crowd.files import StoredFile
from crowd.web.paging import Page, page
from submissions.entry import policy
from submissions.entry.models import RegistrationAnswer, RegistrationDocument
from submissions.models import Proposal, Registration, Share

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Given:
    """What was answered, by question, and given, by the document's name."""

    answers: Mapping[str, str]
    documents: Mapping[str, RegistrationDocument]


def given(registration: Registration | None) -> Given:
    """What was answered and given at a registration; nothing where there is none."""
    if registration is None:
        return Given({}, {})
    return _given([registration.id]).get(registration.id, Given({}, {}))


def _given(ids: Sequence[int]) -> dict[int, Given]:
    answers: dict[int, dict[str, str]] = {one: {} for one in ids}
    documents: dict[int, dict[str, RegistrationDocument]] = {one: {} for one in ids}
    written = sa.select(RegistrationAnswer).where(RegistrationAnswer.registration_id.in_(ids))
    for row in db.session.scalars(written.order_by(RegistrationAnswer.id)):
        answers[row.registration_id][row.question] = row.answer
    sent = sa.select(RegistrationDocument).where(RegistrationDocument.registration_id.in_(ids))
    for document in db.session.scalars(sent.order_by(RegistrationDocument.id)):
        documents[document.registration_id][document.name] = document
    return {one: Given(answers[one], documents[one]) for one in ids}


@dataclass(frozen=True, slots=True)
class Registrant:
    """A row of the sponsor's table; `signed_at` and `signed_as` are of the newest signature of the NDA."""

    id: int
    user_id: int
    person: str
    organisation: str | None
    accepted_at: datetime
    signed_at: datetime | None
    signed_as: str | None
    given: Given


def registrants(
    actor: Actor | None, challenge_id: int, *, after: str | None, size: int
) -> tuple[Challenge, Page[Registrant]]:
    """A page of who has registered, in the order in which they did. Raises NotFound for others than the sponsor and the
    service centre, and where the contract asks for nothing.
    """
    challenge = challenges.access(actor, challenge_id)
    if not policy.can_list(actor, challenge):
        raise NotFound
    query = sa.select(Registration).where(Registration.challenge_id == challenge_id)
    found = page(query, [(Registration.id, False)], name="registrants", after=after, size=size)
    return challenge, Page(_registrants([row.id for row in found.rows]), found.after, found.first)


def _registrants(ids: Sequence[int]) -> list[Registrant]:
    query = (
        sa.select(
            Registration.id, Registration.user_id, User.name.label("person"), Organisation.name.label("organisation"),
            Registration.accepted_at, _newest(NdaSignature.signed_at).label("signed_at"),
            _newest(NdaSignature.name).label("signed_as"),
        )
        .join(User, User.id == Registration.user_id)
        .outerjoin(Organisation, Organisation.id == Registration.organisation_id)
        .where(Registration.id.in_(ids))
        .order_by(Registration.id)
    )  # fmt: skip
    told = _given(ids)
    return [Registrant(**row._mapping, given=told[row.id]) for row in db.session.execute(query)]


def _newest(column: sa.SQLColumnExpression[T]) -> sa.ScalarSelect[T]:
    """This column of a registered person's newest signature."""
    whose = NdaSignature.challenge_id == Registration.challenge_id, NdaSignature.user_id == Registration.user_id
    query = sa.select(column).where(*whose).order_by(NdaSignature.id.desc()).limit(1)
    return query.correlate(Registration).scalar_subquery()


def document(actor: Actor | None, challenge_id: int, public_id: str) -> StoredFile:
    """A document that was given, for those who may read it. Raises NotFound, the same for an absent one."""
    challenge = challenges.access(actor, challenge_id)
    row = db.session.execute(
        sa.select(RegistrationDocument, Registration)
        .join(Registration, Registration.id == RegistrationDocument.registration_id)
        .where(Registration.challenge_id == challenge_id, RegistrationDocument.public_id == public_id)
    ).one_or_none()
    if row is None or not policy.can_read(actor, challenge, row[1]):
        raise NotFound
    found: StoredFile = row[0].file
    return found


def entered_at(actor: User, challenge_id: int) -> datetime | None:
    """Since when the person takes part: registered, with an agreed share in a proposal, or leading the proposals of a
    registered agency. None where they do not.
    """
    led = actor.organisations_with(Right.LEAD_PROPOSALS)
    mine = sa.or_(Registration.user_id == actor.id, Registration.organisation_id.in_(led))
    times = sa.union_all(
        sa.select(sa.func.min(Acceptance.accepted_at).label("at"))
        .join(ContractVersion, ContractVersion.id == Acceptance.version_id)
        .join(Contract, Contract.id == ContractVersion.contract_id)
        .where(
            Contract.kind == KIND,
            Contract.subject_id == challenge_id,
            sa.or_(Acceptance.user_id == actor.id, Acceptance.organisation_id.in_(led)),
            sa.exists().where(Registration.challenge_id == challenge_id, mine),
        ),
        sa.select(sa.func.min(Share.agreed_at))
        .join(Proposal, Proposal.id == Share.proposal_id)
        .where(Proposal.challenge_id == challenge_id, Share.user_id == actor.id),
    ).subquery("times")
    return db.session.scalar(sa.select(sa.func.min(times.c.at)))
