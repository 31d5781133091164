"""The check names what is wrong: each invariant is broken here as the owner, with the triggers off."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask

from crowd.audit import SYSTEM, AuditEvent
from crowd.background import Job
from crowd.db import commit, db
from crowd.errors import Conflict
from crowd.feature import declare
from crowd.features import FEATURES
from crowd.ledger import check, cli, services, transfers
from crowd.ledger.feature import FEATURE
from crowd.ledger.payouts import services as payouts
from crowd.ledger.posting import Subject, digest
from tests.cast import Cast
from tests.crowd.ledger.conftest import deposited
from tests.crowd.ledger.test_payouts import a_batch_at_the_bank, earned, with_account


@pytest.fixture
def lived_in(books: Cast) -> Cast:
    """A correct ledger with deposits, an escrow and a payout at the bank."""
    deposited(100_000, organisation_id=books.luoyang.id, recorded_by=books.fen.id)
    deposited(700, organisation_id=None, recorded_by=books.fen.id)
    transfers.fund(SYSTEM, 7, organisation_id=books.luoyang.id, currency="CNY", amount=60_000)
    a_batch_at_the_bank(books)
    wrong = deposited(300, organisation_id=books.luoyang.id, recorded_by=books.fen.id)
    assert wrong.id
    commit()
    assert check.findings() == []
    return books


BREAKS: list[tuple[str, str, tuple[str, ...]]] = [
    ("balance_mismatch", "ledger_account", ("UPDATE ledger_account SET balance = balance + 1 WHERE kind = 'escrow'",)),
    ("floor_broken", "ledger_account", ("ALTER TABLE ledger_account DROP CONSTRAINT ck_ledger_account_floor",
                             "UPDATE ledger_account SET balance = -1 WHERE kind = 'escrow'")),
    ("floor_missing", "ledger_account", ("ALTER TABLE ledger_account DROP CONSTRAINT ck_ledger_account_has_floor",
                              "UPDATE ledger_account SET has_floor = false, balance = 0 WHERE kind = 'escrow'")),
    ("unbalanced", "posting", ("ALTER TABLE posting DROP CONSTRAINT ck_posting_amount",
                               "UPDATE posting SET amount = -amount WHERE id = (SELECT min(id) FROM posting)")),
    ("currency_mismatch", "posting", ("UPDATE posting SET currency = 'EUR' WHERE id = (SELECT min(id) FROM posting)",)),
    ("no_posting", "posting", ("DELETE FROM posting WHERE id = (SELECT max(id) FROM posting)",)),
    ("key_repeated", "transfer", ("ALTER TABLE transfer DROP CONSTRAINT uq_transfer_key",
                                  "UPDATE transfer SET key = 'deposit:1'")),
    ("posting_altered", "posting", ("UPDATE posting SET amount = 9 WHERE id = (SELECT min(id) FROM posting)",)),
    ("posting_altered", "transfer", ("UPDATE transfer SET subject_id = 99 WHERE kind = 'fund'",)),
    ("not_conserved", "ledger_account", ("UPDATE ledger_account SET balance = balance + 5 WHERE kind = 'sponsor'",)),
    ("payout_held", "ledger_account", ("UPDATE payout SET state = 'paid' WHERE state = 'sent'",)),
    ("payout_bank", "ledger_account", ("UPDATE payout SET state = 'paid' WHERE state = 'sent'",)),
    ("deposit_booked", "ledger_account", ("UPDATE deposit SET amount = amount + 1 WHERE state = 'credited'",)),
    ("deposit_booked", "ledger_account", ("UPDATE deposit SET state = 'discarded' WHERE state = 'suspense'",)),
    ("approval_one_person", "ledger_account", ("ALTER TABLE approval DROP CONSTRAINT ck_approval_two_people",
                                    "INSERT INTO approval (kind, subject_id, state, sums, data, requested_by,"
                                    " decided_by, decided_at) SELECT 'deposit', id, 'approved', '{}', '{}',"
                                    " recorded_by, recorded_by, now() FROM deposit")),
    ("batch_one_person", "ledger_account", ("ALTER TABLE payout_batch DROP CONSTRAINT ck_payout_batch_two_people",
                                 "UPDATE payout_batch SET approved_by = created_by")),
    ("batch_state", "ledger_account", ("UPDATE payout_batch SET state = 'draft'",)),
    ("batch_file", "ledger_account", ("UPDATE payout_account SET number = '66660000'",)),
]  # fmt: skip


def found_after(committed: Flask, *statements: str) -> set[str]:
    """The errors that the check finds after the owner's statements, all of which are rolled back again."""
    db.session.rollback()
    owners = sa.create_engine(committed.config["CROWD"].owner_database_url, poolclass=sa.NullPool)
    ours = db.engines[None]
    with owners.connect() as connection, connection.begin() as everything:
        for statement in statements:
            connection.execute(sa.text(statement))
        db.session.remove()
        engines: Any = db.engines
        engines[None] = connection
        try:
            return {finding.name for finding in check.errors(check.findings())}
        finally:
            db.session.remove()
            engines[None] = ours
            everything.rollback()


# Rules about reversals: a reversal of the test breaks them.
OF_REVERSALS = {"reversed_twice", "reversal_reversed", "reversal_differs"}


@pytest.mark.parametrize("name", [rule.name for rule in check.RULES])
def test_every_rule_is_broken_once(name: str) -> None:
    assert name in {row[0] for row in BREAKS} | OF_REVERSALS, f"BREAKS needs a row whose statements break {name}"


def test_each_broken_invariant_is_named(lived_in: Cast, committed: Flask) -> None:
    for name, table, statements in BREAKS:
        found = found_after(committed, f"ALTER TABLE {table} DISABLE TRIGGER USER", *statements)
        assert name in found, f"{statements[-1]}: found {found}"
    assert check.findings() == []


def test_broken_reversals_are_named(lived_in: Cast, committed: Flask) -> None:
    last = db.session.scalar(sa.text("SELECT max(id) FROM transfer"))
    first = transfers.reverse(SYSTEM, last, reason="wrong").id
    assert {finding.name for finding in check.findings()} == {"deposit_booked"}
    columns = "kind, body_digest, actor_name, subject_type, subject_id, note, effective_on"
    copy = (
        "INSERT INTO transfer (key, reverses_id, {columns})"
        " SELECT key || '{more}', {reverses}, {columns} FROM transfer WHERE id = {first}"
    )
    found = found_after(
        committed,
        "ALTER TABLE transfer DISABLE TRIGGER USER",
        "ALTER TABLE transfer DROP CONSTRAINT uq_transfer_reverses_id",
        copy.format(columns=columns, more="b", reverses=last, first=first),
        copy.format(columns=columns, more="c", reverses=first, first=first),
    )
    assert OF_REVERSALS | {"no_posting"} <= found


def test_what_waits_too_long_is_a_warning_only(lived_in: Cast, owner: Callable[..., Any]) -> None:
    db.session.rollback()
    owner("UPDATE deposit SET created_at = created_at - interval '60 days'")
    findings = check.findings()
    assert [finding.name for finding in findings] == ["stuck"]
    assert check.errors(findings) == []


@pytest.fixture
def ledger_alone() -> Iterator[None]:
    """Only the ledger's own check is declared: its tests have escrows without challenges."""
    declare([FEATURE])
    yield
    declare(FEATURES)


def test_the_command_says_it_and_exits_accordingly(
    lived_in: Cast, owner: Callable[..., Any], ledger_alone: None
) -> None:
    db.session.rollback()
    good = CliRunner().invoke(cli.group, ["check", "--json"])
    assert good.exit_code == 0
    assert json.loads(good.stdout.splitlines()[-1])["errors"] == 0
    db.session.rollback()
    owner(
        "ALTER TABLE ledger_account DISABLE TRIGGER USER",
        "UPDATE ledger_account SET balance = balance + 1 WHERE kind = 'escrow'",
    )
    bad = CliRunner().invoke(cli.group, ["check", "--json"])
    assert bad.exit_code == 1
    assert {f["name"] for f in json.loads(bad.stdout.splitlines()[-1])["findings"]} == {
        "balance_mismatch",
        "not_conserved",
    }


def test_wrong_books_freeze_payouts(lived_in: Cast) -> None:
    account = earned(lived_in, lived_in.bea, 900)
    with_account(lived_in.bea)
    payouts.request(lived_in.bea, account.id, amount=900)
    batch = payouts.make_batch(lived_in.fen, currency="CNY")
    check.keep(SYSTEM, [check.LedgerFinding("balance_mismatch", "account 1", "x")], milliseconds=1)
    with pytest.raises(Conflict):
        payouts.approve(lived_in.finn, batch.id)
    check.keep(SYSTEM, [], milliseconds=1)
    assert payouts.approve(lived_in.finn, batch.id).approved_by == lived_in.finn.id


def test_the_digest_sees_every_part_of_the_body() -> None:
    lines = [(1, 2, 100, "CNY"), (1, 3, 5, "CNY")]
    base = ("k", "award", Subject("award", 3, 7), None, lines)
    others = [
        ("k2", *base[1:]),
        ("k", "fund", *base[2:]),
        ("k", "award", Subject("award", 4, 7), None, lines),
        ("k", "award", Subject("award", 3, 8), None, lines),
        ("k", "award", Subject("award", 3, 7), 1, lines),
        ("k", "award", Subject("award", 3, 7), None, lines[:1]),
        ("k", "award", Subject("award", 3, 7), None, [(1, 2, 101, "CNY"), lines[1]]),
        ("k", "award", Subject("award", 3, 7), None, [(2, 1, 100, "CNY"), lines[1]]),
        ("k", "award", Subject("award", 3, 7), None, [(1, 2, 100, "EUR"), lines[1]]),
    ]
    assert len({digest(*body) for body in [base, *others]}) == len(others) + 1


def test_who_asks_for_a_check_is_recorded(cast: Cast) -> None:
    services.ask_for_check(cast.fen)
    asked = sa.select(AuditEvent.actor_id).where(AuditEvent.action == "ledger.check_requested")
    assert db.session.scalars(asked).all() == [cast.fen.id]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Job).where(Job.kind == "ledger_checks.run")) == 1
