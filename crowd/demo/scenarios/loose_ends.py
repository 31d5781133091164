"""Open matters: money without a name, a payment that is too small, approvals that wait for a second person of
finance, a payment that the council holds.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from challenges.models import Challenge
from challenges.queries import access as access_challenge
from crowd import clock
from crowd.audit import SYSTEM
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator
from crowd.demo.timeline import challenge_number
from crowd.ledger.deposits import services as deposits
from crowd.ledger.models import Deposit
from scoring.holds import services as holds

HOLD = (
    "A participant wrote to the service centre that one of the reviewers had worked with the winner until last year. "
    "The council looks at the reviews before anything is paid."
)


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """Four payments of the last days, and a hold."""
    yield _held_by_the_council(end - timedelta(hours=1))
    yield _nameless(end - timedelta(days=2))
    yield _allocated_by_its_recorder(end - timedelta(hours=30))
    yield _short(end - timedelta(days=1))
    yield _waiting_for_a_second_person(end - timedelta(hours=5))


def _held_by_the_council(at: datetime) -> Script:
    """Gu holds the payment of a decision while appeals are possible."""
    yield working(at)
    holds.hold(personas.account("gu"), challenge_number("mould-cooling"), reason=HOLD)


def _nameless(at: datetime) -> Script:
    yield working(at)
    deposits.record(
        personas.account("fen"),
        bank_reference=_reference(44718206),
        value_date=clock.today(),
        payer="Sandvoss + Reker GbR",
        amount=1_250_00,
        currency="EUR",
        payment_reference="prize money",
    )


def _allocated_by_its_recorder(at: datetime) -> Script:
    """Fen allocates a payment; because Fen recorded it, Finn must approve."""
    yield working(at)
    number = deposits.record(
        personas.account("fen"),
        bank_reference=_reference(47720019),
        value_date=clock.today(),
        payer="Northlight Sensing",
        amount=86_000,
        currency="EUR",
        payment_reference="rest of invoice, thank you",
    ).id
    yield working(at + timedelta(hours=2))
    deposits.allocate(personas.account("fen"), number, organisation_id=personas.organisation_row("northlight").id)


def _short(at: datetime) -> Script:
    """The sponsor left the fee out, so that the challenge cannot open yet."""
    yield working(at)
    challenge = _challenge("pom-regrind")
    deposit = _paid(challenge, challenge.prize_total, 51930077).id
    yield working(at + timedelta(hours=2))
    deposits.confirm(personas.account("finn"), deposit)


def _waiting_for_a_second_person(at: datetime) -> Script:
    yield working(at)
    challenge = _challenge("sodium-hard-carbon")
    _paid(challenge, challenge.cost, 60015523)


def _challenge(key: str) -> Challenge:
    return access_challenge(SYSTEM, challenge_number(key))


def _reference(number: int) -> str:
    """References as the bank writes them: the date, then a number."""
    return f"{clock.today():%Y%m%d}{number}"


def _paid(challenge: Challenge, amount: int, number: int) -> Deposit:
    return deposits.record(
        personas.account("fen"),
        bank_reference=_reference(number),
        value_date=clock.today(),
        payer=challenge.organisation.name,
        amount=amount,
        currency=challenge.currency,
        payment_reference=challenge.payment_reference or "",
    )
