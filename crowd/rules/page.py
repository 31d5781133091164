"""What the page of a set shows: the values of a version, what it changed, how it was adopted, and what is proposed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from crowd.audit import Actor
from crowd.canonical import read
from crowd.contracts.models import ContractVersion
from crowd.errors import Sentence
from crowd.registers.questions import CASE_FORM
from crowd.rule_sets import RuleSet
from crowd.rules import labels, policy, queries
from crowd.rules.document import values_in
from crowd.rules.kinds import kind_name
from crowd.rules.models import RuleAdoption
from crowd.rules.questions import PROPOSALS, RULING, STATED, ProposedChange, Ruling
from crowd.web import link_access


@dataclass(frozen=True, slots=True)
class ValueShown:
    """A value by its name; `before` is that of the version before, where this one changed it."""

    label: Sentence
    value: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class ProposedChangeShown:
    """A pending proposal: its title and reasons, the values that it would change, and who acts by when."""

    proposal: ProposedChange
    opens: bool
    values: Sequence[ValueShown]

    @property
    def day(self) -> date:
        """From when it is to apply."""
        return date.fromisoformat(self.proposal.answers["applies_on"])


def values_of(of: RuleSet, version: ContractVersion) -> list[ValueShown]:
    """The values of a version, each with what it was before where that differs."""
    before = {one.rule: one.before for one in queries.changes(version)}
    return _values(of, values_in(read(version.document)), before)


def present_values(of: RuleSet) -> list[ValueShown]:
    """The values that apply now."""
    return _values(of, queries.in_force(of.name).values, {})


def _values(of: RuleSet, values: Mapping[str, int], before: Mapping[str, int]) -> list[ValueShown]:
    return [
        ValueShown(
            rule.label, labels.value(rule, values[name]),
            labels.value(rule, before[name]) if name in before else "",
        )
        for name, rule in of.rules.items()
    ]  # fmt: skip


def _proposals(actor: Actor | None, of: RuleSet) -> list[ProposedChangeShown]:
    present = queries.in_force(of.name).values
    found = []
    for one in PROPOSALS()(kind_name(of), of.number):
        wanted = {name: int(one.answers[name]) for name in of.rules}
        changed = {name: present[name] for name in of.rules if wanted[name] != present[name]}
        values = [line for line in _values(of, wanted, changed) if line.before]
        found.append(ProposedChangeShown(one, link_access.refusal(actor, one.path) is None, values))
    return found


def _coming(of: RuleSet, shown: RuleAdoption | None) -> tuple[RuleAdoption, Sequence[ValueShown]] | None:
    """The version that waits for its day, where another one is shown, and what it changes."""
    waiting = queries.find_waiting(of)
    if waiting is None or waiting == shown:
        return None
    return waiting, [line for line in values_of(of, waiting.version) if line.before]


def page_of(actor: Actor | None, of: RuleSet, adoption: RuleAdoption | None) -> dict[str, object]:
    """The values of the page about a version; None before the set is founded."""
    ruling: Ruling | None = RULING()(adoption.case_id) if adoption and adoption.case_id else None
    title, language = STATED()(adoption.case_id) if adoption and adoption.case_id else ({}, "")
    return {
        "of": of,
        "adoption": adoption,
        "values_shown": values_of(of, adoption.version) if adoption else present_values(of),
        "ruling": ruling,
        "ruling_opens": ruling is not None and link_access.refusal(actor, ruling.path) is None,
        "stated": title,
        "language": language,
        "adoptions": queries.adoptions(of),
        "coming": _coming(of, adoption),
        "proposals": _proposals(actor, of),
        "propose": CASE_FORM()(kind_name(of), str(of.number)) if policy.can_propose(actor) else "",
    }
