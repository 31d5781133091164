"""Reads of contracts. Who may read a version is decided by the package that declares its kind."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crowd.contracts.models import Acceptance, Contract, ContractVersion
from crowd.contracts.workflow import ChangeClass, VersionState
from crowd.db import db
from crowd.errors import NotFound

# Made once: making an alias takes longer than the database takes to answer.
_EARLIER, _ACCEPTED = aliased(ContractVersion), aliased(ContractVersion)


def _versions(kind: str, subject_id: int) -> sa.Select[ContractVersion]:
    of_subject = Contract.kind == kind, Contract.subject_id == subject_id
    return sa.select(ContractVersion).join(ContractVersion.contract).where(*of_subject)


def find_in_force(kind: str, subject_id: int) -> ContractVersion | None:
    """The version in force; None where there is no contract."""
    return db.session.scalar(_versions(kind, subject_id).where(ContractVersion.state == VersionState.IN_FORCE))


def in_force_at(
    kind: str, subject_id: int, at: datetime, *, user_id: int, organisation_id: int | None
) -> tuple[ContractVersion, bool]:
    """The version that was in force at that time (the first for a time before it), and whether it is accepted: by the
    person for themselves, or by anybody for this organisation. One statement. Raises NotFound without a contract.
    """
    counts = ContractVersion.in_force_at <= at
    number = ContractVersion.number
    query = (
        _versions(kind, subject_id)
        .add_columns(_accepted(ContractVersion, user_id, organisation_id))
        .where(ContractVersion.in_force_at.is_not(None))
        .order_by(counts.desc(), sa.case((counts, -number), else_=number))
    )
    found = db.session.execute(query.limit(1)).first()
    if found is None:
        raise NotFound
    return found[0], found[1]


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


def must_accept(version: ContractVersion) -> int:
    """The number of the earliest version whose acceptance still counts for this one: its last material change, else the
    first.
    """
    query = sa.select(_earliest(ContractVersion)).where(ContractVersion.id == version.id)
    return db.session.scalar(query) or 1


def has_accepted(version: ContractVersion, user_id: int, organisation_id: int | None) -> bool:
    """Whether the person has accepted this version for themselves, or anybody for this organisation; or an earlier one
    since which nothing material has changed.
    """
    accepted = _accepted(ContractVersion, user_id, organisation_id)
    return db.session.scalar(sa.select(accepted).where(ContractVersion.id == version.id)) is True


def _earliest(version: type[ContractVersion]) -> sa.ScalarSelect[int]:
    """`must_accept` as SQL, over versions."""
    other = _EARLIER
    query = sa.select(sa.func.coalesce(sa.func.max(other.number), 1)).where(
        other.contract_id == version.contract_id,
        other.number <= version.number,
        other.in_force_at.is_not(None),
        other.change_class.in_([ChangeClass.FIRST, ChangeClass.MATERIAL]),
    )
    return query.correlate(version).scalar_subquery()


def _accepted(version: type[ContractVersion], user_id: int, organisation_id: int | None) -> sa.ColumnElement[bool]:
    """`has_accepted` as SQL, over versions."""
    other = _ACCEPTED
    own = sa.and_(Acceptance.organisation_id.is_(None), Acceptance.user_id == user_id)
    query = (
        sa.select(Acceptance.id)
        .join(other, other.id == Acceptance.version_id)
        .where(
            other.contract_id == version.contract_id,
            other.number.between(_earliest(version), version.number),
            own if organisation_id is None else Acceptance.organisation_id == organisation_id,
        )
    )
    return query.correlate(version).exists()
