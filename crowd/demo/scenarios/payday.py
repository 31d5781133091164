"""Payouts: winners request their earnings, Fen makes the batches, Finn approves them, the bank responds."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from crowd import clock
from crowd.accounts.models import Membership, Organisation, User
from crowd.background import enqueue
from crowd.db import atomic, db
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator, chance
from crowd.ledger import queries as ledger
from crowd.ledger.models import LedgerAccount, LedgerAccountKind, OwnerType
from crowd.ledger.payouts import queries as payouts
from crowd.ledger.payouts import services
from crowd.ledger.payouts.account_numbers import luhn, remainder
from crowd.money import CURRENCIES

# Days before the end. A settlement is well before one and well after the previous one, so that holidays, by which both
# may shift, do not change who is paid in which batch.
PAYDAYS = (406, 376, 236, 199, 138)
SLOW = 0.25  # of those with earnings
RESERVES = {"northlight": 2_000_00}  # the amount that an owner always leaves, in minor units
SAVERS = frozenset(personas.person(key).email for key in ("dee", "piotr", "linyue"))  # keep theirs for later
BANKS = {"zh": "澜岳商业银行", "en": "Bergholm Bank AS"}


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """A script for each payday; on the last one the batch is left for a visitor to approve."""
    for days in PAYDAYS:
        yield _payday(end - timedelta(days=days))
    yield _last(end)


def _payday(begins: datetime) -> Script:
    yield working(begins)
    _ask()
    at = begins + timedelta(hours=3)
    yield working(at)
    for currency in CURRENCIES:
        if _waits(currency):
            batch = services.make_batch(personas.account("fen"), currency=currency).id
            at += timedelta(hours=2)
            yield working(at)
            services.approve(personas.account("finn"), batch)
    yield begins + timedelta(days=1)
    _listen_to_the_bank()


def _last(end: datetime) -> Script:
    yield working(end - timedelta(days=1))
    _ask(everybody=True)
    yield working(end - timedelta(hours=20))
    for currency in CURRENCIES:
        if _waits(currency):
            services.make_batch(personas.account("fen"), currency=currency)


def _waits(currency: str) -> bool:
    return currency in [row.currency for row in payouts.asked_for()]


def _ask(*, everybody: bool = False) -> None:
    """People with earnings request payouts; some later, and a few keep theirs even on the last payday."""
    earned = (
        sa.select(LedgerAccount)
        .where(LedgerAccount.kind == LedgerAccountKind.PAYABLE, LedgerAccount.balance > 0)
        .order_by(LedgerAccount.id)
    )
    for ledger_account in db.session.scalars(earned).all():
        amount = ledger.balance(
            ledger_account.kind, ledger_account.owner_type, ledger_account.owner_id, ledger_account.currency
        ) - _reserve(ledger_account)
        person = _spender(ledger_account)
        slow = not everybody and chance("leaves it", _owner(ledger_account)).random() < SLOW
        if amount <= 0 or slow or person.email in SAVERS:
            continue
        if payouts.account(ledger_account.owner_type, ledger_account.owner_id, ledger_account.currency) is None:
            _open_account(person, ledger_account)
        services.request(person, ledger_account.id, amount=amount)


def _reserve(ledger_account: LedgerAccount) -> int:
    kept = {personas.organisation_row(key).id: amount for key, amount in RESERVES.items()}
    return kept.get(ledger_account.owner_id, 0) if ledger_account.owner_type == OwnerType.ORGANISATION else 0


def _owner(ledger_account: LedgerAccount) -> str:
    """The owner's name: a bank account belongs to the organisation, not to the person who adds it."""
    if ledger_account.owner_type == OwnerType.USER:
        return db.session.get_one(User, ledger_account.owner_id).name
    return db.session.get_one(Organisation, ledger_account.owner_id).name


def _spender(ledger_account: LedgerAccount) -> User:
    """The person who may request a payout: the owner, or an owner of the organisation."""
    if ledger_account.owner_type == OwnerType.USER:
        return db.session.get_one(User, ledger_account.owner_id)
    owners = sa.select(User).join(Membership, Membership.user_id == User.id)
    of_this = owners.where(Membership.organisation_id == ledger_account.owner_id).order_by(
        Membership.role.desc(), Membership.id
    )
    return db.session.scalars(of_this).first()  # type: ignore[return-value]


def _open_account(person: User, ledger_account: LedgerAccount) -> None:
    dice = chance("account", _owner(ledger_account), ledger_account.currency)
    digits = "".join(str(dice.randrange(10)) for _ in range(15)) + str(dice.randrange(1000, 9999))
    services.set_account(
        person,
        ledger_account.owner_type,
        ledger_account.owner_id,
        currency=ledger_account.currency,
        holder=_owner(ledger_account),
        bank=BANKS[personas.language_of(person)],
        number=_number(digits, ledger_account.currency),
        bic="BHLMDEFF" if ledger_account.currency == "EUR" else "",
    )


def _number(digits: str, currency: str) -> str:
    """A valid account number from 19 digits: a German IBAN for euros, else a card number with its check digit."""
    if currency == "EUR":
        bare = "00" + digits[:18]
        return f"DE{98 - remainder('DE' + bare):02}{digits[:18]}"
    card = f"6222{digits[:14]}"
    return next(f"{card}{last}" for last in range(10) if luhn(f"{card}{last}"))


@atomic
def _listen_to_the_bank() -> None:
    """What the scheduler does every half minute in reality."""
    enqueue("bank_responses.fetch", key=f"story:answers:{clock.now():%Y%m%d}")
