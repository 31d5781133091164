"""`crowd ledger check` as a person reads it; tests/crowd/ledger/test_check.py has it as a program does."""

from collections.abc import Callable
from typing import Any

from click.testing import CliRunner

from crowd.db import db
from crowd.ledger import cli
from tests.cast import Cast
from tests.crowd.ledger.conftest import deposited


def test_a_person_reads_that_the_ledger_balances_and_what_does_not(books: Cast, owner: Callable[..., Any]) -> None:
    deposited(500, organisation_id=books.luoyang.id, recorded_by=books.fen.id)
    db.session.rollback()
    good = CliRunner().invoke(cli.group, ["check"])
    assert (good.exit_code, good.stderr) == (0, "")
    assert good.stdout == "The ledger balances: 1 postings, 0 warnings.\n"
    db.session.rollback()
    off, on = (f"ALTER TABLE ledger_account {word} TRIGGER USER" for word in ("DISABLE", "ENABLE"))
    owner(off, "UPDATE ledger_account SET balance = balance + 1 WHERE kind = 'sponsor'", on)
    bad = CliRunner().invoke(cli.group, ["check"])
    assert bad.exit_code == 1
    assert bad.stdout == "The ledger does not balance: 2 errors, 0 warnings.\n"
    names = [line.split()[:2] for line in bad.stderr.splitlines()]
    assert sorted(names) == [["error", "balance_mismatch:"], ["error", "not_conserved:"]]
