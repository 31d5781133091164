"""The database's own rules: what the application may not do, and what not even the owner does by mistake."""

import pytest
import sqlalchemy as sa

from crowd.audit import SYSTEM
from crowd.db import atomic, db
from crowd.ledger import transfers
from crowd.ledger.models import LedgerAccount, LedgerAccountKind, OwnerType, Posting, Transfer
from crowd.ledger.posting import get_account
from crowd.ledger.queries import balance
from tests.cast import Cast
from tests.crowd.ledger.conftest import Owner, deposited, refused

CHALLENGE = 7


@pytest.fixture
def funded(books: Cast) -> Transfer:
    """Luoyang has paid in 1,000.00, of which 600.00 are in the escrow of challenge 7."""
    deposited(100_000, organisation_id=books.luoyang.id, recorded_by=books.fen.id)
    return transfers.fund(SYSTEM, CHALLENGE, organisation_id=books.luoyang.id, currency="CNY", amount=60_000)


def run(statement: str, **values: object) -> None:
    """One statement of the application's role, in a transaction of its own."""

    @atomic
    def act() -> None:
        db.session.execute(sa.text(statement), values)

    act()


NOT_OURS = [
    "UPDATE posting SET amount = 1",
    "DELETE FROM posting",
    "TRUNCATE posting",
    "UPDATE transfer SET note = 'x'",
    "DELETE FROM transfer",
    "TRUNCATE transfer CASCADE",
    "UPDATE ledger_account SET balance = 10",
    "DELETE FROM ledger_account",
    "SELECT 1 FROM ledger_account FOR UPDATE",
    "INSERT INTO ledger_account (kind, owner_type, owner_id, currency, has_floor, balance) "
    "VALUES ('sponsor','user',1,'CNY',true,5)",
    "ALTER TABLE posting DISABLE TRIGGER posting_append_only",
]
NOBODYS = [  # and the words of the refusal
    ("UPDATE posting SET amount = 1", "append-only"),
    ("DELETE FROM posting", "append-only"),
    ("TRUNCATE posting", "append-only"),
    ("UPDATE transfer SET note = 'x'", "append-only"),
    ("DELETE FROM transfer", "append-only"),
    ("TRUNCATE transfer CASCADE", "append-only"),
    ("TRUNCATE ledger_account CASCADE", "append-only"),
    ("DELETE FROM ledger_account", "append-only"),
    ("UPDATE ledger_account SET balance = 10", "only a posting"),
    ("UPDATE ledger_account SET owner_id = 10", "only a posting"),
    (
        "INSERT INTO ledger_account (kind, owner_type, owner_id, currency, has_floor, balance)"
        " VALUES ('sponsor','user',1,'CNY',true,5)",
        "begins empty",
    ),
    (
        "INSERT INTO ledger_account (kind, owner_type, owner_id, currency, has_floor)"
        " VALUES ('escrow','user',1,'CNY',false)",
        "ck_ledger_account_has_floor",
    ),
]


@pytest.mark.usefixtures("funded")
def test_the_application_may_only_read_and_add() -> None:
    for statement in NOT_OURS:
        with refused("permission denied|must be owner"):
            run(statement)


@pytest.mark.usefixtures("funded")
def test_not_even_the_owner_rewrites_the_books_by_mistake(owner: Owner) -> None:
    db.session.commit()
    for statement, words in NOBODYS:
        with pytest.raises(sa.exc.DBAPIError, match=words):
            owner(statement)


def test_two_people_can_break_the_glass_as_the_owner(funded: Transfer, owner: Owner) -> None:
    db.session.commit()
    owner(
        "ALTER TABLE transfer DISABLE TRIGGER transfer_append_only",
        "UPDATE transfer SET note = 'repaired'",
        "ALTER TABLE transfer ENABLE TRIGGER transfer_append_only",
    )
    assert db.session.scalar(sa.select(Transfer.note).limit(1)) == "repaired"


def test_no_line_is_added_to_a_transfer_that_was_committed(funded: Transfer) -> None:
    line = funded.postings[0]
    values = {"t": funded.id, "s": line.source_id, "g": line.target_id}
    db.session.commit()
    with refused("which is closed"):
        run(
            "INSERT INTO posting (transfer_id, source_id, target_id, amount, currency) VALUES (:t,:s,:g,1,'CNY')",
            **values,
        )


def test_a_transfer_cannot_claim_another_transaction(books: Cast) -> None:
    with refused("permission denied"):
        run(
            "INSERT INTO transfer (key, kind, body_digest, actor_name, subject_type, subject_id, note, effective_on,"
            " transaction_id) VALUES ('k','fund','0','x','challenge',1,'','2026-01-01',5)"
        )


def test_a_transfer_has_a_line(books: Cast) -> None:
    with refused("has no posting"):
        run(
            "INSERT INTO transfer (key, kind, body_digest, actor_name, subject_type, subject_id, note, effective_on)"
            " VALUES ('k','fund','0','x','challenge',1,'','2026-01-01')"
        )


def _raw(
    books: Cast,
    source: LedgerAccount,
    target: LedgerAccount,
    amount: int,
    currency: str,
    reverses_id: int | None = None,
) -> None:
    @atomic
    def act() -> None:
        transfer = Transfer(
            key=f"raw:{source.id}:{target.id}:{reverses_id}", kind="raw", body_digest="0" * 64, actor_name="x",
            subject_type="x", subject_id=1, effective_on=sa.func.current_date(), reverses_id=reverses_id,
        )  # fmt: skip
        db.session.add(transfer)
        db.session.flush()
        db.session.add(
            Posting(transfer_id=transfer.id, source_id=source.id, target_id=target.id, amount=amount, currency=currency)
        )

    act()


def test_the_floor_holds_where_the_code_forgets_it(funded: Transfer, books: Cast) -> None:
    escrow = get_account(LedgerAccountKind.ESCROW, OwnerType.CHALLENGE, CHALLENGE, "CNY")
    fee = get_account(LedgerAccountKind.FEE, OwnerType.PLATFORM, 0, "CNY")
    with refused("ck_ledger_account_floor"):
        _raw(books, escrow, fee, 60_001, "CNY")
    assert balance(LedgerAccountKind.ESCROW, OwnerType.CHALLENGE, CHALLENGE, "CNY") == 60_000


@pytest.mark.parametrize("amount", [0, -1])
def test_an_amount_is_above_zero(funded: Transfer, books: Cast, amount: int) -> None:
    escrow = get_account(LedgerAccountKind.ESCROW, OwnerType.CHALLENGE, CHALLENGE, "CNY")
    with refused("ck_posting_amount"):
        _raw(books, escrow, get_account(LedgerAccountKind.FEE, OwnerType.PLATFORM, 0, "CNY"), amount, "CNY")


def test_a_posting_has_the_currency_of_both_pots(funded: Transfer, books: Cast) -> None:
    escrow = get_account(LedgerAccountKind.ESCROW, OwnerType.CHALLENGE, CHALLENGE, "CNY")
    with refused("currency of both"):
        _raw(books, escrow, get_account(LedgerAccountKind.FEE, OwnerType.PLATFORM, 0, "EUR"), 1, "CNY")
    with refused("currency of both"):
        _raw(books, escrow, get_account(LedgerAccountKind.FEE, OwnerType.PLATFORM, 0, "CNY"), 1, "EUR")


def test_a_reversal_is_the_mirror_image_and_is_itself_final(funded: Transfer, books: Cast) -> None:
    line = funded.postings[0]
    with refused("swaps the ends"):
        _raw(books, line.target, line.source, line.amount - 1, "CNY", reverses_id=funded.id)
    reversal = transfers.reverse(SYSTEM, funded.id, reason="wrong challenge")
    with refused("a reversal is not reversed"):
        _raw(books, line.source, line.target, line.amount, "CNY", reverses_id=reversal.id)


def test_pots_without_a_floor_keep_no_balance_and_are_summed(funded: Transfer, books: Cast) -> None:
    bank = get_account(LedgerAccountKind.BANK, OwnerType.PLATFORM, 0, "CNY")
    assert bank.balance == 0
    assert balance(LedgerAccountKind.BANK, OwnerType.PLATFORM, 0, "CNY") == -100_000
