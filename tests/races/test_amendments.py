"""A material change and submissions at the same moment: each receipt names one version, and that one is accepted."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.contract import queries, services
from challenges.models import Challenge
from crowd.accounts.models import User
from crowd.audit import SYSTEM
from crowd.contracts.models import ContractVersion
from crowd.contracts.queries import has_accepted
from crowd.db import db
from crowd.errors import Conflict
from crowd.ledger import check
from submissions import services as submissions
from submissions.acceptance import services as acceptance
from submissions.models import ProposalVersion
from tests import factories
from tests.cast import Cast
from tests.races.solvers import FEW, MANY, at_once, each_first, entrants, finalise

TRIES = [(FEW, 20), pytest.param(MANY, 1_000, marks=[pytest.mark.long, pytest.mark.timeout(7200)])]


def change(user_id: int, challenge_id: int, turn: int) -> Callable[[], int]:
    """The act of the sponsor: what they had checked before, published now."""
    challenge = db.session.get_one(Challenge, challenge_id)
    brief = replace(queries.brief_in_force(challenge), rights=f"Rights of turn {turn}")
    shown = services.plan(challenge, brief).digest

    def act() -> int:
        sponsor = db.session.get_one(User, user_id)
        return services.amend(sponsor, challenge_id, brief=brief, reason="A race.", shown=shown).number

    return act


@pytest.mark.parametrize(("solvers", "tries"), TRIES)
def test_each_receipt_names_a_version_that_was_accepted(committed: Flask, solvers: int, tries: int) -> None:
    with committed.app_context():
        cast = Cast()
        challenge_id, sponsor = factories.opened(cast).id, cast.ada.id
        pairs = entrants(db.session.get_one(Challenge, challenge_id), solvers)
    outcomes = set()
    for turn in range(tries):
        with committed.app_context():
            _written_again(challenge_id, pairs, turn)
            acts = [change(sponsor, challenge_id, turn), *(finalise(*pair) for pair in pairs)]
        published, *submitted = at_once(committed, acts, each_first(turn))
        assert published == turn + 2
        assert all(not isinstance(one, Exception) or isinstance(one, Conflict) for one in submitted)
        outcomes |= {isinstance(one, Conflict) for one in submitted}
    with committed.app_context():
        _every_receipt_holds()
        assert check.errors(check.run_checks()) == []
    assert outcomes == {True, False}, "both orders have occurred"


def _written_again(challenge_id: int, pairs: list[tuple[int, int]], turn: int) -> None:
    """Everybody has accepted the version in force and has something new to submit."""
    number = queries.in_force(db.session.get_one(Challenge, challenge_id)).number
    for user_id, proposal_id in pairs:
        person = db.session.get_one(User, user_id)
        if number > 1:
            acceptance.accept(person, challenge_id, contract=number)
        submissions.save(person, proposal_id, title=f"Turn {turn}", abstract="Shorter.", body="How it works.")


def _every_receipt_holds() -> None:
    """Its version was in force when the request arrived, and its author had accepted it."""
    rows = db.session.execute(
        sa.select(ProposalVersion.submitted_at, ProposalVersion.created_by, ContractVersion).join(
            ContractVersion, ContractVersion.id == ProposalVersion.contract_version_id
        )
    ).all()
    assert rows
    for submitted_at, author, version in rows:
        assert version.in_force_at <= submitted_at
        assert version.superseded_at is None or submitted_at < version.superseded_at
        assert has_accepted(version, author, None)


def test_a_raise_without_money_is_never_in_force(committed: Flask) -> None:
    """The sponsor pays and withdraws at the same moment: one of both happens, and the escrow holds what is in force."""
    with committed.app_context():
        cast = Cast()
        challenge, sponsor = factories.opened(cast), cast.ada.id
        challenge_id, organisation = challenge.id, cast.luoyang
        first, *others = queries.brief_in_force(challenge).prizes
        brief = replace(
            queries.brief_in_force(challenge), prizes=[replace(first, amount=first.amount + 10_000), *others]
        )
        shown = services.plan(challenge, brief).digest
        services.amend(cast.ada, challenge_id, brief=brief, reason="More.", shown=shown)
        factories.pay_in(cast, organisation, 20_000)
    acts = [
        lambda: services.fund(db.session.get_one(User, sponsor), challenge_id).number,
        lambda: services.withdraw(db.session.get_one(User, sponsor), challenge_id),
        lambda: services.fund(SYSTEM, challenge_id).number,
    ]
    found = at_once(committed, acts)
    assert sum(not isinstance(one, Conflict) for one in found) == 1
    with committed.app_context():
        assert check.errors(check.run_checks()) == []
