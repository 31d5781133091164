"""The rows that follow from the version in force: `project` writes them, `findings` says where they differ."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import lazyload, selectinload, undefer_group

from challenges.brief import PrizeLine, lines
from challenges.contract.document import KIND, brief_of, columns, read_document
from challenges.criteria import CriterionLine
from challenges.entry import document as entry
from challenges.models import Challenge, Prize
from challenges.rubric import Criterion
from challenges.support.queries import plain_clauses
from crowd.canonical import Document
from crowd.contracts.models import Contract, ContractVersion
from crowd.contracts.workflow import VersionState
from crowd.db import db, joined
from crowd.ledger.check import MAX_FINDINGS, LedgerFinding

AT_ONCE = 500  # challenges
Line = TypeVar("Line", Prize, Criterion)


def project(challenge: Challenge, version: ContractVersion) -> None:
    """Write the challenge's columns, its prizes and its criteria from the version in force. Rows keep their numbers."""
    document = read_document(version.document)
    brief = brief_of(document)
    for name, value in columns(document).items():
        if getattr(challenge, name) != value:
            setattr(challenge, name, value)
    challenge.full_text = entry.text_in(challenge.id, document)
    challenge.contract_version_id = version.id
    _write(challenge.prizes, partial(Prize, round=challenge.round), [asdict(line) for line in brief.prizes])
    _write(challenge.criteria, Criterion, [asdict(line) for line in brief.criteria])
    db.session.flush()


def _write(rows: list[Line], new: Callable[..., Line], wanted: Sequence[Document]) -> None:
    """Make the rows those that are wanted, by position: change, add, and leave out the last."""
    del rows[len(wanted) :]
    for place, values in enumerate(wanted):
        if place == len(rows):
            rows.append(new(position=place + 1, **values))
        for name, value in values.items():
            if getattr(rows[place], name) != value:
                setattr(rows[place], name, value)


def findings() -> list[LedgerFinding]:
    """The challenges whose rows differ from their contract, or that have none although they have opened."""
    with joined():  # a server-side cursor needs a transaction
        found = [*_without(), *_different()]
    return found[:MAX_FINDINGS]


def _without() -> Iterator[LedgerFinding]:
    query = sa.text(
        "SELECT id FROM challenge WHERE published_at IS NOT NULL AND contract_version_id IS NULL"
        " AND origin = 'platform' ORDER BY id LIMIT :most"
    )
    for (number,) in db.session.execute(query, {"most": MAX_FINDINGS}):
        yield LedgerFinding("contract_missing", f"challenge {number}", "has opened without a contract")


def _different() -> Iterator[LedgerFinding]:
    query = (
        sa.select(Challenge, ContractVersion.id, ContractVersion.document)
        .join(Contract, sa.and_(Contract.kind == KIND, Contract.subject_id == Challenge.id))
        .join(ContractVersion, ContractVersion.contract_id == Contract.id)
        .where(ContractVersion.state == VersionState.IN_FORCE)
        .options(
            selectinload(Challenge.prizes),
            selectinload(Challenge.criteria),
            lazyload(Challenge.organisation),
            undefer_group("gated"),
        )
        .execution_options(yield_per=AT_ONCE, populate_existing=True)
    )
    support = plain_clauses()
    for challenge, version_id, written in db.session.execute(query):
        document = read_document(written)
        differing = sorted(_differing(challenge, document))
        if [_plain(line) for line in document["support"]] != support.get(challenge.id, []):
            differing.append("support")
        if challenge.contract_version_id != version_id:
            differing.append("contract_version_id")
        if differing:
            yield LedgerFinding("contract_projection", f"challenge {challenge.id}", ", ".join(differing))


def _plain(line: Document) -> tuple[object, ...]:
    names = ("title", "quantity", "unit", "conditions", "granted_to", "valid_days")
    return (line["grantor"]["organisation"], *(line[name] for name in names))


def _differing(challenge: Challenge, document: Document) -> Iterator[str]:
    for name, value in columns(document).items():
        if getattr(challenge, name) != value:
            yield name
    brief = brief_of(document)
    if not entry.has_text(challenge, document):
        yield "full_text"
    if lines(PrizeLine, challenge.prizes) != brief.prizes:
        yield "prizes"
    if lines(CriterionLine, challenge.criteria) != brief.criteria:
        yield "criteria"
