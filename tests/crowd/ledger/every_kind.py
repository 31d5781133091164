"""One transfer of each kind, made by the services, for tests of what all kinds have in common."""

import itertools
from dataclasses import replace

import sqlalchemy as sa

from challenges.contract import queries
from challenges.contract import services as amendments
from crowd.audit import SYSTEM
from crowd.db import db
from crowd.ledger import services
from crowd.ledger.deposits import services as deposits
from crowd.ledger.models import Deposit, Transfer
from crowd.ledger.payouts import services as payouts
from crowd.ledger.queries import transfers_about
from scoring.awards import services as awards
from scoring.honoraria import services as honoraria
from tests import factories
from tests.cast import Cast
from tests.crowd.ledger.test_payouts import a_batch_at_the_bank, answer, came_back, earned

_references = itertools.count(1)


def one_of_each(cast: Cast) -> dict[str, Transfer]:
    """By kind: the money of a challenge that Bo has won, alone (its first prize and nothing else), Bo's payouts, and
    deposits for the sponsor.
    """
    found = [
        *_of_raised_prizes(cast),
        *_of_a_review(cast),
        *_of_a_challenge(cast),
        *_of_payouts(cast),
        *_of_deposits(cast),
    ]
    return {transfer.kind: transfer for transfer in found}


def _of_a_challenge(cast: Cast) -> list[Transfer]:
    challenge = factories.settled(cast)
    return list(db.session.scalars(sa.select(Transfer).where(Transfer.challenge_id == challenge.id)))


def _of_a_review(cast: Cast) -> list[Transfer]:
    """Cy's review is paid; the others came too late."""
    challenge = factories.judging(cast, "bo", review_fee=1_000)
    mine = next(row for row in factories.assignments(challenge) if row.reviewer_id == cast.cy.id)
    factories.review(mine)
    factories.move_dates(challenge, reviews_due_at=challenge.panel_formed_at)
    awards.decide(cast.ada, challenge.id, reason="Nothing fits.")
    honoraria.pay(SYSTEM, challenge.id)
    return list(db.session.scalars(sa.select(Transfer).where(Transfer.kind == "honorarium")))


def _of_raised_prizes(cast: Cast) -> list[Transfer]:
    challenge = factories.opened(cast)
    brief = queries.brief_in_force(challenge)
    first, *others = brief.prizes
    raised = replace(brief, prizes=[replace(first, amount=first.amount + 1_000), *others])
    factories.pay_in(cast, cast.luoyang, 2_000)
    shown = amendments.plan(challenge, raised).digest
    amendments.amend(cast.ada, challenge.id, brief=raised, reason="More money.", shown=shown)
    return list(db.session.scalars(sa.select(Transfer).where(Transfer.challenge_id == challenge.id)))


def _of_payouts(cast: Cast) -> list[Transfer]:
    returned = a_batch_at_the_bank(cast)
    answer(returned, "paid")
    came_back(cast, returned)
    cancelled = payouts.request(cast.bo, earned(cast, cast.bo, 100).id, amount=100)
    payouts.cancel(cast.bo, cancelled.id)
    return [*transfers_about("payout", returned.id), *transfers_about("payout", cancelled.id)]


def _of_deposits(cast: Cast) -> list[Transfer]:
    returned, unknown = _deposit(cast, cast.luoyang.id), _deposit(cast, None)
    deposits.return_to_payer(cast.finn, returned.id, reason="The payer asked for it.")
    deposits.allocate(cast.finn, unknown.id, organisation_id=cast.luoyang.id)
    services.reverse(cast.fen, transfers_about("deposit", unknown.id)[-1].id, reason="Another payer's money.")
    return [*transfers_about("deposit", unknown.id), *transfers_about("deposit", returned.id)]


def _deposit(cast: Cast, organisation_id: int | None) -> Deposit:
    reference = f"KIND-{next(_references)}"
    return deposits.record(
        cast.fen, bank_reference=reference, value_date=cast.fen.created_at.date(), payer=reference, amount=500,
        currency="CNY", organisation_id=organisation_id,
    )  # fmt: skip
