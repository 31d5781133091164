"""An operation that does not start from the present state is rejected with a message: the state, and what could be
done.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest
from flask import Flask

from challenges import workflow as challenges
from crowd.access import open_operations
from crowd.audit import SYSTEM, Actor
from crowd.errors import Conflict
from crowd.ledger import workflow as ledger
from crowd.ledger.models import Deposit
from crowd.workflow import TransitionWording, next_state
from scoring import workflow as scoring
from submissions import workflow as submissions

ROOMS = (challenges, submissions, scoring, ledger)


def tables() -> Iterator[tuple[str, dict[str, Any], TransitionWording[Any]]]:
    """(name, transitions, sentences) of every table of transitions; one without sentences is an error."""
    for room in ROOMS:
        for name in vars(room):
            if name.endswith("TRANSITIONS"):
                yield (
                    f"{room.__name__}.{name}",
                    getattr(room, name),
                    getattr(room, name.replace("TRANSITIONS", "WORDING")),
                )


def test_every_table_of_moves_is_here() -> None:
    assert len(list(tables())) >= 8


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(
    ("name", "transitions", "said"), list(tables()), ids=[name for name, _moves, _said in tables()]
)
def test_each_refusal_is_two_sentences_of_its_own(
    name: str, transitions: dict[str, Any], said: TransitionWording[Any], language: str, isolated: Flask
) -> None:
    states: type[StrEnum] = type(next(iter(said.states)))
    assert set(said.states) == set(states)
    assert set(said.operations) == set(transitions)
    with isolated.test_request_context(headers={"Accept-Language": language}):
        told = {}
        for operation, (sources, _to) in transitions.items():
            for state in set(states) - set(sources):
                with pytest.raises(Conflict) as refused:
                    next_state(transitions, said, state, operation)
                told[operation, state] = str(refused.value.message)
    assert len(set(told.values())) == len(told)
    for words in told.values():
        assert re.fullmatch(
            r"[一-鿿].*。[一-鿿].*。" if language == "zh-CN" else r"This .*\. [A-Z].*\.|The .*\. .*\.", words
        )
        assert not re.search(r"_|: not from|%\(", words)


@pytest.mark.parametrize(
    ("state", "offered"),
    [("recorded", ["discard"]), ("suspense", ["allocate"]), ("credited", []), ("returned", []), ("discarded", [])],
)
def test_only_what_starts_here_and_is_allowed_is_offered(state: str, offered: list[str]) -> None:
    """`return` starts from two of these states, but its rule says no; what has no rule is offered to nobody."""

    def anybody(actor: Actor | None, deposit: Deposit) -> bool:
        return actor is SYSTEM

    def nobody(actor: Actor | None, deposit: Deposit) -> bool:
        return False

    rules = {"allocate": anybody, "discard": anybody, "return": nobody}
    found = ledger.DepositState(state)
    deposit = Deposit(state=found)
    assert open_operations(ledger.DEPOSIT_TRANSITIONS, found, rules, SYSTEM, deposit) == offered
    assert open_operations(ledger.DEPOSIT_TRANSITIONS, found, rules, None, deposit) == []
