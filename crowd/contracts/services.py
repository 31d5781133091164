"""Every write of contracts. The callers check who may, hold the subject's lock, and record what happened."""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.dialects.postgresql import insert

from crowd.audit import Actor
from crowd.canonical import Document, canonical, digest
from crowd.contracts import queries
from crowd.contracts.models import Acceptance, Contract, ContractVersion
from crowd.contracts.workflow import TRANSITIONS, WORDING, ChangeClass, VersionState
from crowd.db import atomic, db
from crowd.errors import Conflict
from crowd.workflow import next_state


@atomic
def begin(actor: Actor, kind: str, subject_id: int, document: Document, *, now: datetime) -> ContractVersion:
    """The first version of a subject's contract, in force from now on."""
    contract = Contract(kind=kind, subject_id=subject_id)
    db.session.add(contract)
    db.session.flush()
    version = _add(actor, contract.id, 1, document, change_class=ChangeClass.FIRST, reason="")
    version.state, version.in_force_at = VersionState.IN_FORCE, now
    db.session.flush()
    return version


@atomic
def propose(
    actor: Actor, kind: str, subject_id: int, document: Document, *, change_class: ChangeClass, reason: str
) -> ContractVersion:
    """The next version, not in force yet. Raises NotFound where nothing was begun, Conflict where another one waits
    already.
    """
    if queries.find_proposed(kind, subject_id) is not None:
        raise Conflict(_("Another change of this contract is waiting. It must be in force or withdrawn first."))
    last = queries.get_version(kind, subject_id, None)
    return _add(actor, last.contract_id, _next(last.contract_id), document, change_class=change_class, reason=reason)


@atomic
def begin_proposed(actor: Actor, kind: str, subject_id: int, document: Document, *, reason: str) -> ContractVersion:
    """The first version of a subject's contract, not in force yet."""
    contract = Contract(kind=kind, subject_id=subject_id)
    db.session.add(contract)
    db.session.flush()
    return _add(actor, contract.id, 1, document, change_class=ChangeClass.FIRST, reason=reason)


def next_number(kind: str, subject_id: int) -> int:
    """The number of the version that `propose` would add."""
    return _next(queries.get_version(kind, subject_id, None).contract_id)


def _next(contract_id: int) -> int:
    """Withdrawn versions keep their numbers."""
    last = sa.select(sa.func.max(ContractVersion.number)).where(ContractVersion.contract_id == contract_id)
    return (db.session.scalar(last) or 0) + 1


def _add(
    actor: Actor, contract_id: int, number: int, document: Document, *, change_class: ChangeClass, reason: str
) -> ContractVersion:
    written = canonical(document)
    version = ContractVersion(
        contract_id=contract_id,
        number=number,
        schema=document["schema"],
        document=written,
        digest=digest(written),
        change_class=change_class,
        reason=reason,
        created_by=actor.id,
    )
    db.session.add(version)
    db.session.flush()
    return version


@atomic
def put_in_force(version: ContractVersion, *, now: datetime) -> ContractVersion:
    """The proposed version replaces the one in force, from now on."""
    before = db.session.scalar(
        sa.select(ContractVersion).where(
            ContractVersion.contract_id == version.contract_id, ContractVersion.state == VersionState.IN_FORCE
        )
    )
    state = next_state(TRANSITIONS, WORDING, version.state, "put_in_force")
    if before is not None:
        before.state = next_state(TRANSITIONS, WORDING, before.state, "supersede")
        before.superseded_at = now
        db.session.flush()  # two versions are never in force at the same time, not even for a statement
    version.state, version.in_force_at = state, now
    db.session.flush()
    return version


@atomic
def withdraw(version: ContractVersion) -> None:
    """Drop a proposed version; it stays in the table with its number."""
    version.state = next_state(TRANSITIONS, WORDING, version.state, "withdraw")


@atomic
def accept(version: ContractVersion, user_id: int, organisation_id: int | None, *, now: datetime) -> None:
    """The person accepts this version, for themselves or for an organisation. Doing it again changes nothing."""
    row = {"version_id": version.id, "user_id": user_id, "organisation_id": organisation_id, "accepted_at": now}
    db.session.execute(insert(Acceptance).values(row).on_conflict_do_nothing())
