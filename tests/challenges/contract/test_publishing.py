"""A challenge opens as version 1 of its contract, and from then on nothing but a version changes what it says."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from challenges.contract import projection, queries
from challenges.contract.document import KIND, brief_of, columns
from challenges.models import Challenge
from challenges.rules import from_settings, rules_of
from crowd.canonical import read
from crowd.contracts import queries as contracts
from crowd.contracts.models import Acceptance, ContractVersion
from crowd.contracts.workflow import VersionState
from crowd.db import db
from crowd.errors import Conflict
from submissions import services as submissions
from submissions.models import Registration
from tests import factories
from tests.cast import Cast


def other_settings(app: Flask, patch: pytest.MonkeyPatch) -> None:
    """Every setting on which a contract rests, changed after the opening."""
    settings = app.config["CROWD"]
    rules = from_settings(settings.limits).stored()
    limits = {name: number + 1 for name, number in rules.items() if hasattr(settings.limits, name)}
    changed = replace(settings, limits=replace(settings.limits, **limits))
    patch.setitem(app.config, "CROWD", changed)


def test_what_opens_is_version_one(cast: Cast) -> None:
    challenge = factories.opened(cast)
    version = queries.in_force(challenge)
    assert (version.number, version.state, version.schema) == (1, VersionState.IN_FORCE, "crowd.contract/3")
    assert challenge.contract_version_id == version.id
    assert version.digest == hashlib.sha256(version.document).hexdigest()
    document = read(version.document)
    assert document["prizes"]["tiers"][0] == {"title": "First", "amount": 20_000_000, "award_count": 1}
    assert brief_of(document).title == challenge.title
    assert version.data["sponsor"] == {"organisation": cast.luoyang.id, "name": cast.luoyang.name}


def test_a_draft_has_no_contract(cast: Cast) -> None:
    challenge = factories.funded(cast)
    assert contracts.find_in_force(KIND, challenge.id) is None
    assert challenge.rules is None


def test_no_setting_moves_an_open_challenge(isolated: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    challenge = factories.opened(cast)
    before = (challenge.grace, rules_of(challenge), dict(columns(read(queries.in_force(challenge).document))))
    other_settings(isolated, monkeypatch)
    db.session.expire_all()
    after = (challenge.grace, rules_of(challenge), dict(columns(read(queries.in_force(challenge).document))))
    assert after == before
    assert rules_of(factories.challenge(cast.ada, cast.luoyang)) != before[1]  # a draft follows the settings


def test_reviews_and_decision_are_due_by_the_contract(
    isolated: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    challenge = factories.opened(cast)
    rules = rules_of(challenge)
    other_settings(isolated, monkeypatch)
    closed = factories.closed(cast, challenge)
    assert closed.reviews_due_at - closed.closed_at == timedelta(days=rules.review_days)
    assert closed.decision_due_at - closed.reviews_due_at == timedelta(days=rules.decision_days)


def test_the_rows_are_what_the_version_says(cast: Cast) -> None:
    factories.opened(cast)
    assert projection.findings() == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE challenge SET title = 'Another'", "title"),
        ("UPDATE challenge SET closes_at = closes_at + interval '1 day'", "closes_at"),
        ("UPDATE challenge SET fee_basis_points = fee_basis_points + 1", "fee_basis_points"),
        ("UPDATE challenge SET rules = jsonb_set(rules, '{review_days}', '1')", "rules"),
        ("UPDATE prize SET amount = amount + 1 WHERE position = 1", "prizes"),
        ("DELETE FROM criterion WHERE position = 3", "criteria"),
    ],
)
def test_a_row_that_differs_is_found(cast: Cast, change: str, named: str) -> None:
    challenge = factories.opened(cast)
    db.session.execute(sa.text(change))
    found = [(one.name, one.subject, one.detail) for one in projection.findings()]
    assert found == [("contract_projection", f"challenge {challenge.id}", named)]


def test_a_challenge_without_its_contract_is_found(cast: Cast) -> None:
    challenge = factories.opened(cast)
    db.session.execute(sa.update(Challenge).values(contract_version_id=None))
    assert ("contract_missing", f"challenge {challenge.id}") in [
        (one.name, one.subject) for one in projection.findings()
    ]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE contract_version SET document = 'x'",
        "UPDATE contract_version SET number = 2",
        "UPDATE contract_version SET reason = 'another'",
        "UPDATE contract_version SET in_force_at = crowd_now() + interval '1 day'",
        "DELETE FROM contract_version",
        "DELETE FROM acceptance",
        "UPDATE acceptance SET accepted_at = crowd_now()",
        "UPDATE contract SET subject_id = 0",
    ],
)
def test_the_database_keeps_versions(cast: Cast, change: str) -> None:
    challenge = factories.opened(cast)
    submissions.register(cast.bo, challenge.id, accepted=True)
    with pytest.raises(DBAPIError), db.session.begin_nested():
        db.session.execute(sa.text(change))


def test_registering_accepts_the_version_that_was_shown(cast: Cast) -> None:
    challenge = factories.opened(cast)
    with pytest.raises(Conflict):
        submissions.register(cast.bo, challenge.id, accepted=True, contract=2)
    submissions.register(cast.bo, challenge.id, accepted=True, contract=1)
    version = queries.in_force(challenge)
    accepted = db.session.scalars(sa.select(Acceptance)).one()
    assert (accepted.version_id, accepted.user_id, accepted.organisation_id) == (version.id, cast.bo.id, None)
    assert db.session.scalars(sa.select(Registration.contract_version_id)).one() == version.id


def test_every_step_names_the_version_it_rests_on(cast: Cast) -> None:
    challenge = factories.decided(cast, cast.bo)
    tables = ("registration", "proposal_version", "panel", "award")
    named = {table: db.session.scalar(sa.text(f"SELECT max(contract_version_id) FROM {table}")) for table in tables}
    newest = db.session.scalar(sa.select(sa.func.max(ContractVersion.id)))
    assert challenge.contract_version_id == newest
    assert all(named.values())
