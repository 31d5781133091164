"""Reads of templates and their versions."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from challenges.brief_templates.document import KIND, TemplateText, text_in
from challenges.brief_templates.models import BriefTemplate, TemplateKind
from challenges.models import Challenge
from crowd.canonical import read
from crowd.contracts import queries as contracts
from crowd.contracts.models import Contract, ContractVersion
from crowd.contracts.workflow import VersionState
from crowd.db import db
from crowd.errors import NotFound


@dataclass(frozen=True, slots=True)
class Offered:
    """A template with the version in force, and its text in one language."""

    template: BriefTemplate
    version: ContractVersion
    text: TemplateText


@dataclass(frozen=True, slots=True)
class Used:
    """What a draft began with: the version that was inserted, its template, and whether a later one is in force."""

    template: BriefTemplate
    version: ContractVersion
    text: TemplateText
    newer: bool


_VERSIONS = (
    sa.select(BriefTemplate, ContractVersion)
    .join(Contract, sa.and_(Contract.kind == KIND, Contract.subject_id == BriefTemplate.id))
    .join(ContractVersion, ContractVersion.contract_id == Contract.id)
)
_CURRENT = _VERSIONS.where(ContractVersion.state == VersionState.IN_FORCE)


def list_templates(locale: str, kind: TemplateKind | None = None, *, offered: bool = False) -> Sequence[Offered]:
    """The templates (of one kind, those that are offered), the oldest first, with their texts in a language."""
    query = _CURRENT.order_by(BriefTemplate.kind, BriefTemplate.id)
    if kind is not None:
        query = query.where(BriefTemplate.kind == kind)
    if offered:
        query = query.where(BriefTemplate.retired_at.is_(None))
    return _read(query, locale)


def list_proposed(locale: str) -> Sequence[Offered]:
    """The versions on which the expert committee has not decided yet, the oldest first."""
    proposed = _VERSIONS.where(ContractVersion.state == VersionState.PROPOSED)
    return _read(proposed.order_by(ContractVersion.id), locale)


def _read(query: sa.Select[BriefTemplate, ContractVersion], locale: str) -> list[Offered]:
    rows = db.session.execute(query).all()
    return [Offered(template, version, text_in(read(version.document), locale)) for template, version in rows]


def get_template(template_id: int) -> BriefTemplate:
    """Raises NotFound."""
    row = db.session.get(BriefTemplate, template_id)
    if row is None:
        raise NotFound
    return row


def get_version(template_id: int, number: int | None) -> ContractVersion:
    """A version of a template by its number, the one in force without. Raises NotFound."""
    return contracts.get_version(KIND, template_id, number)


def every_version(template_id: int) -> Sequence[ContractVersion]:
    """All versions of a template, those that are proposed or were never adopted, too; the newest first."""
    query = sa.select(ContractVersion).join(ContractVersion.contract)
    of_template = (Contract.kind == KIND, Contract.subject_id == template_id)
    return db.session.scalars(query.where(*of_template).order_by(ContractVersion.number.desc())).all()


def shown_among(versions: Sequence[ContractVersion], number: int | None) -> ContractVersion:
    """The version with this number; without one the version in force, else the newest. Raises NotFound."""
    if number is not None:
        found = [one for one in versions if one.number == number]
    else:
        found = [one for one in versions if one.state == VersionState.IN_FORCE] or list(versions)
    if not found:
        raise NotFound
    return found[0]


def find_offered(code: str) -> ContractVersion | None:
    """The version in force of a shipped template; None where it is no longer offered."""
    query = _CURRENT.where(BriefTemplate.code == code, BriefTemplate.retired_at.is_(None))
    row = db.session.execute(query).one_or_none()
    return row[1] if row else None


def used_in(challenge: Challenge, kind: TemplateKind) -> Used | None:
    """The template with which this part of a draft began; None where there is none."""
    used = challenge.templates.get(kind.value)
    if used is None:
        return None
    version = db.session.get_one(ContractVersion, used["version"])
    template = get_template(version.contract.subject_id)
    text = text_in(read(version.document), challenge.language)
    return Used(template, version, text, version.state != VersionState.IN_FORCE)
