"""Reads of contracts. Who may read a version is decided by the package that declares its kind."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from crowd.contracts.models import Acceptance, Contract, ContractVersion
from crowd.contracts.workflow import ChangeClass, VersionState
from crowd.db import db
from crowd.errors import NotFound


def _versions(kind: str, subject_id: int) -> sa.Select[ContractVersion]:
    of_subject = Contract.kind == kind, Contract.subject_id == subject_id
    return sa.select(ContractVersion).join(ContractVersion.contract).where(*of_subject)


def find_in_force(kind: str, subject_id: int) -> ContractVersion | None:
    """The version in force; None where there is no contract."""
    return db.session.scalar(_versions(kind, subject_id).where(ContractVersion.state == VersionState.IN_FORCE))


def find_in_force_at(kind: str, subject_id: int, at: datetime) -> ContractVersion | None:
    """The version that was in force at that time; the first for a time before it. None where there is no contract."""
    began = ContractVersion.in_force_at.is_not(None)
    latest = _versions(kind, subject_id).where(began).order_by(
        (ContractVersion.in_force_at <= at).desc(),
        sa.case((ContractVersion.in_force_at <= at, -ContractVersion.number), else_=ContractVersion.number),
    )  # fmt: skip
    return db.session.scalar(latest.limit(1))


def find_proposed(kind: str, subject_id: int) -> ContractVersion | None:
    """The version that is not in force yet, if there is one."""
    return db.session.scalar(_versions(kind, subject_id).where(ContractVersion.state == VersionState.PROPOSED))


def get_version(kind: str, subject_id: int, number: int | None) -> ContractVersion:
    """A version by its number, the one in force without. Raises NotFound where there is none, or it was never in
    force.
    """
    query = _versions(kind, subject_id).where(ContractVersion.in_force_at.is_not(None))
    wanted = ContractVersion.state == VersionState.IN_FORCE if number is None else ContractVersion.number == number
    found = db.session.scalar(query.where(wanted))
    if found is None:
        raise NotFound
    return found


def list_versions(kind: str, subject_id: int) -> Sequence[ContractVersion]:
    """All versions that are or were in force, the newest first."""
    query = _versions(kind, subject_id).where(ContractVersion.in_force_at.is_not(None))
    return db.session.scalars(query.order_by(ContractVersion.number.desc())).all()


def previous(version: ContractVersion) -> ContractVersion | None:
    """The version that this one replaced."""
    return db.session.scalar(
        sa.select(ContractVersion)
        .where(
            ContractVersion.contract_id == version.contract_id,
            ContractVersion.number < version.number,
            ContractVersion.in_force_at.is_not(None),
        )
        .order_by(ContractVersion.number.desc())
        .limit(1)
    )


def must_accept(contract_id: int, number: int) -> int:
    """The number of the earliest version that counts as accepted while version `number` does: its last material
    change, else the first.
    """
    last = sa.select(sa.func.max(ContractVersion.number)).where(
        ContractVersion.contract_id == contract_id,
        ContractVersion.number <= number,
        ContractVersion.in_force_at.is_not(None),
        ContractVersion.change_class.in_([ChangeClass.FIRST, ChangeClass.MATERIAL]),
    )
    return db.session.scalar(last) or 1


def has_accepted(version: ContractVersion, user_id: int, organisation_id: int | None) -> bool:
    """Whether the person has accepted this version for themselves, or anybody for this organisation; or an earlier one
    since which nothing material has changed.
    """
    least = must_accept(version.contract_id, version.number)
    own = sa.and_(Acceptance.organisation_id.is_(None), Acceptance.user_id == user_id)
    found = (
        sa.select(Acceptance.id)
        .join(Acceptance.version)
        .where(
            ContractVersion.contract_id == version.contract_id,
            ContractVersion.number.between(least, version.number),
            own if organisation_id is None else Acceptance.organisation_id == organisation_id,
        )
    )
    return db.session.scalar(sa.select(found.exists())) is True
