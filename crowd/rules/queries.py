"""Reads of rule sets: the values in force, and the versions."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crowd.audit import Actor
from crowd.canonical import canonical, digest, read
from crowd.contracts import queries as contracts
from crowd.contracts.changes import compare
from crowd.contracts.models import ContractVersion
from crowd.contracts.workflow import VersionState
from crowd.db import db
from crowd.errors import NotFound
from crowd.feature import declared
from crowd.rule_sets import RuleSet, Values
from crowd.rules.document import KIND, build, values_in
from crowd.rules.models import RuleAdoption


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """The rules of a set that apply now: the version by its number and SHA-256, and its values. Before a set is founded
    they are those with which version 1 will begin, and nothing has named it.
    """

    name: str
    number: int
    digest: str
    values: Values

    def named(self) -> dict[str, object]:
        """As a document that rests on it names it."""
        return {"set": self.name, "number": self.number, "sha256": self.digest}


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A value that a version changed."""

    rule: str
    before: int
    after: int


def get_set(name: str) -> RuleSet:
    """A set by its name. Raises NotFound."""
    found = declared().rule_sets.get(name)
    if found is None:
        raise NotFound
    return found


def set_of(number: int) -> RuleSet:
    """A set by the number of its contract. Raises NotFound."""
    found = next((one for one in declared().rule_sets.values() if one.number == number), None)
    if found is None:
        raise NotFound
    return found


def in_force(name: str) -> RulesInForce:
    """The rules that apply now."""
    of = get_set(name)
    found = find_in_force(of)
    if found is not None:
        return rules_of(found)
    document = build(of, 1, of.first(), None)
    return RulesInForce(name, 1, digest(canonical(document)), values_in(document))


def rules_of(version: ContractVersion) -> RulesInForce:
    """A version as what rests on it names it."""
    document = read(version.document)
    return RulesInForce(document["set"], version.number, version.digest, values_in(document))


def of_version(name: str, number: int | None) -> RulesInForce:
    """The rules of a version, of the one in force without a number. Version 1 need not be founded. Raises NotFound."""
    of = get_set(name)
    if number is None or (number == 1 and find_in_force(of) is None):
        return in_force(name)
    return rules_of(contracts.get_version(KIND, of.number, number))


def find_in_force(of: RuleSet) -> ContractVersion | None:
    """The version in force; None before the set is founded."""
    return contracts.find_in_force(KIND, of.number)


def find_waiting(of: RuleSet) -> RuleAdoption | None:
    """The version that is adopted and not in force yet."""
    waiting = contracts.find_proposed(KIND, of.number)
    return adoption_of(waiting) if waiting else None


def adoption_of(version: ContractVersion) -> RuleAdoption:
    """How a version was adopted."""
    return db.session.scalars(sa.select(RuleAdoption).where(RuleAdoption.version_id == version.id)).one()


def adoptions(of: RuleSet) -> Sequence[RuleAdoption]:
    """Of every version that is, was or will be in force, the newest first."""
    versions = {one.id for one in contracts.list_versions(KIND, of.number)}
    waiting = contracts.find_proposed(KIND, of.number)
    numbers = versions | ({waiting.id} if waiting else set())
    query = sa.select(RuleAdoption).join(RuleAdoption.version).where(RuleAdoption.version_id.in_(numbers))
    return db.session.scalars(query.order_by(ContractVersion.number.desc())).unique().all()


def get_adoption(name: str, number: int | None) -> RuleAdoption:
    """A version by its number, also one that waits; without a number the one in force. Raises NotFound."""
    for one in adoptions(get_set(name)):
        if one.version.number == number or (number is None and one.version.state == VersionState.IN_FORCE):
            return one
    raise NotFound


def changes(version: ContractVersion) -> list[RuleChange]:
    """What a version changed of the one before it."""
    before = contracts.previous(version)
    if before is None:
        return []
    found = compare(values_in(read(before.document)), values_in(read(version.document)))
    return [RuleChange(str(one.path[0]), _whole(one.before), _whole(one.after)) for one in found]


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value


def may_open(_actor: Actor | None, name: str) -> None:
    """Everybody may open the page of a set. Raises NotFound for one that does not exist."""
    get_set(name)
