"""Every write of rule sets: version 1, a version that the council adopted, and its beginning."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from crowd import clock
from crowd.audit import SYSTEM, record
from crowd.background import enqueue
from crowd.config import limits, zone
from crowd.contracts import services as contracts
from crowd.contracts.models import ContractVersion
from crowd.contracts.workflow import ChangeClass, VersionState
from crowd.db import atomic, db
from crowd.feature import declared
from crowd.rule_sets import RuleSet, Values
from crowd.rules import queries
from crowd.rules.document import KIND, build
from crowd.rules.models import RuleAdoption
from crowd.rules.queries import RulesInForce
from crowd.values import moment, term


@atomic
def founded(name: str) -> RulesInForce:
    """The rules in force of a set, for a document that will name them: version 1 is founded where there is none."""
    return queries.rules_of(version_in_force(name))


@atomic
def version_in_force(name: str) -> ContractVersion:
    """The version in force of a set; version 1 is founded where there is none."""
    of = queries.get_set(name)
    found = queries.find_in_force(of)
    if found is not None:
        return found
    _hold(of)
    return queries.find_in_force(of) or _found(of)


@atomic
def found_all() -> int:
    """Found version 1 of every set that has none; returns how many."""
    missing = [name for name, of in sorted(declared().rule_sets.items()) if queries.find_in_force(of) is None]
    for name in missing:
        version_in_force(name)
    return len(missing)


def _hold(of: RuleSet) -> None:
    """Nobody else changes the set before this transaction ends; before the first version it has no row to lock."""
    key = sa.func.hashtextextended(f"{KIND}:{of.name}", 0)
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


def _found(of: RuleSet) -> ContractVersion:
    now = clock.db_now()
    version = contracts.begin(SYSTEM, KIND, of.number, build(of, 1, of.first(), None), now=now)
    row = _keep(version, None, now)
    record(SYSTEM, "rules.founded", row, rule_set=term(of.name, "rule_set"), version=1)
    return version


def _keep(version: ContractVersion, case_id: int | None, applies_at: datetime) -> RuleAdoption:
    row = RuleAdoption(version_id=version.id, case_id=case_id, applies_at=applies_at)
    db.session.add(row)
    db.session.flush()
    return row


@atomic
def adopt(case_id: int, number: int, answers: Mapping[str, str]) -> RuleAdoption:
    """Keep what the council decided in a case as the next version, once."""
    of = queries.set_of(number)
    _hold(of)
    known = db.session.scalar(sa.select(RuleAdoption).where(RuleAdoption.case_id == case_id))
    if known is not None:
        return known
    values = {name: int(answers[name]) for name in of.rules}
    return adopt_values(of, values, answers["why"], applies_at(answers["applies_on"], clock.db_now()), case_id)


@atomic
def adopt_values(of: RuleSet, values: Values, reason: str, at: datetime, case_id: int | None) -> RuleAdoption:
    """The next version of a set, which comes into force at a time by a job. One that waits gives way to it."""
    _hold(of)
    version_in_force(of.name)
    if (waiting := queries.find_waiting(of)) is not None:
        contracts.withdraw(waiting.version)
        record(SYSTEM, "rules.replaced", waiting, rule_set=term(of.name, "rule_set"), version=waiting.version.number)
    document = build(of, contracts.next_number(KIND, of.number), values, at)
    version = contracts.propose(SYSTEM, KIND, of.number, document, change_class=ChangeClass.MATERIAL, reason=reason)
    row, called = _keep(version, case_id, at), term(of.name, "rule_set")
    record(SYSTEM, "rules.adopted", row, rule_set=called, version=version.number, applies=moment(at))
    enqueue("rules.begin", row.id, at=at, key=f"rules.begin:{row.id}")
    return row


def applies_at(wanted: str, decided_at: datetime) -> datetime:
    """From when a version applies: the beginning of the wanted day in the platform's zone, where that leaves the notice
    after the decision, else the first day that does.
    """
    first = decided_at.astimezone(zone()).date() + timedelta(days=limits().rule_notice_days)
    return datetime.combine(max(date.fromisoformat(wanted), first), time(), zone())


@atomic
def begin(adoption_id: int) -> VersionState:
    """An adopted version comes into force, once, unless a later decision has replaced it."""
    row = db.session.scalars(sa.select(RuleAdoption).where(RuleAdoption.id == adoption_id)).one()
    of = queries.set_of(row.version.contract.subject_id)
    _hold(of)
    db.session.refresh(row.version)
    now = clock.db_now()
    if row.version.state == VersionState.PROPOSED and row.applies_at <= now:
        contracts.put_in_force(row.version, now=now)
        record(SYSTEM, "rules.began", row, rule_set=term(of.name, "rule_set"), version=row.version.number)
    return row.version.state
