"""The commands in docs/operations.md do what it says."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask

from crowd.accounts import cli
from crowd.accounts.models import User
from crowd.audit import AuditEvent
from crowd.config import ROOT, Settings
from crowd.db import db
from crowd.feature import declared
from crowd.ledger import check
from crowd.ledger.models import LedgerAccount, LedgerAccountKind
from crowd.limits import Limits
from tests import factories
from tests.cast import Cast
from tests.crowd.accounts.test_personal_data import pay_out

TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def example(name: str) -> str:
    """The SQL of a marked block."""
    match = re.search(rf"```sql\n-- example: {name}\n(.*?)```", TEXT, re.DOTALL)
    assert match, name
    return match[1]


def as_owner(app: Flask, script: str, **values: Any) -> list[Any]:
    """Run a script as psql would, statement after statement; the rows of the last one."""
    engine = sa.create_engine(app.config["CROWD"].owner_database_url, poolclass=sa.NullPool)
    rows: list[Any] = []
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in filter(str.strip, script.split(";\n")):
            found = {name: value for name, value in values.items() if f":{name}" in statement}
            result = connection.execute(sa.text(statement), found)
            rows = list(result) if result.returns_rows else []
    return rows


def test_breaking_glass_repairs_a_balance_and_leaves_no_trigger_off(committed: Flask) -> None:
    with committed.app_context():
        factories.funded(Cast())
        account = db.session.scalars(
            sa.select(LedgerAccount.id).where(LedgerAccount.kind == LedgerAccountKind.ESCROW)
        ).one()
        db.session.rollback()
        as_owner(
            committed,
            "ALTER TABLE ledger_account DISABLE TRIGGER USER;\n"
            "UPDATE ledger_account SET balance = balance + 5 WHERE id = :account;\n"
            "ALTER TABLE ledger_account ENABLE TRIGGER USER",
            account=account,
        )
        assert "balance_mismatch" in {finding.name for finding in check.run_checks()}
        db.session.rollback()
        as_owner(committed, example("repair"), account=account)
        assert check.run_checks() == []
        event = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "ledger.repaired")).one()
        assert (event.subject_type, event.subject_id) == ("ledger_account", account)
        db.session.rollback()
    assert as_owner(committed, example("triggers")) == []
    with pytest.raises(sa.exc.DBAPIError, match="only a posting changes a balance"):
        as_owner(committed, "UPDATE ledger_account SET balance = 0")


def test_a_person_is_erased_and_the_books_stay_right(committed: Flask) -> None:
    with committed.app_context():
        cast = Cast()
        factories.settled(cast)
        person, address = cast.bo.id, cast.bo.email
        pay_out(cast, cast.bo)
    assert "crowd user erase --email" in TEXT
    with committed.app_context():
        answer = CliRunner().invoke(cli.group, ["erase", "--email", address])
    assert answer.exit_code == 0, answer.output
    with committed.app_context():
        assert check.run_checks() == []
        row = db.session.get_one(User, person)
        db.session.refresh(row)
        assert (row.name, row.active, row.password, row.expertise) == ("Erased person", False, None, [])
        acts = db.session.scalars(sa.select(AuditEvent.actor_name).where(AuditEvent.actor_id == person))
        assert set(acts) == {"Erased person"}
        db.session.rollback()
    everywhere = "SELECT kind FROM outgoing_email WHERE strpos(recipient, :address) > 0"
    assert as_owner(committed, everywhere, address=address) == [("account_erased",)]


def test_the_acts_of_operators_have_words() -> None:
    for action in re.findall(r"'((?:books|account)\.[a-z]+)'", TEXT):
        assert action in declared().audit


def test_every_setting_and_metric_named_is_real() -> None:
    known = {f"CROWD_{name.upper()}" for name in Settings.__slots__}
    known |= {f"CROWD_LIMIT_{name.upper()}" for name in Limits.__slots__}
    assert set(re.findall(r"\bCROWD_[A-Z_]+\b(?!\*)", TEXT)) <= known
    for family in re.findall(r"\b(CROWD_[A-Z_]+)\*", TEXT):
        assert any(name.startswith(family) for name in known), family
    source = (ROOT / "crowd" / "site" / "metrics.py").read_text(encoding="utf-8")
    for name in set(re.findall(r"\bcrowd_(?!app|owner)[a-z_]+[a-z]", TEXT)):
        assert name.removesuffix("_bucket") in source, name
