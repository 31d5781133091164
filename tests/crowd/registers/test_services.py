"""Entries through their whole life, and the role and the verification that go with those of accounts."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask, current_app

from crowd import background
from crowd.accounts import entries
from crowd.accounts import services as accounts
from crowd.accounts.kept_registers import AGENCIES, MANAGERS
from crowd.accounts.models import Organisation, PlatformRole, User
from crowd.accounts.organisations import closing
from crowd.accounts.organisations import services as organisations
from crowd.accounts.verification import services as verification
from crowd.accounts.verification.numbers import check_character
from crowd.audit import SYSTEM, AuditEvent
from crowd.background import Job
from crowd.canonical import canonical, digest, read
from crowd.clock import db_now
from crowd.db import commit, db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.notifications.models import Notification
from crowd.registers import keeping, queries, services
from crowd.registers.models import RegisterEntry, RegisterEvent
from crowd.registers.workflow import EntryOrigin, EntryState
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.registers.conftest import CHANGES


def expert(cast: Cast, person: User) -> RegisterEntry:
    """The person becomes an expert."""
    accounts.grant(cast.adm, person.id, role=PlatformRole.EXPERT)
    return entry_of(entries.EXPERTS, person.id)


def verified(cast: Cast, row: Organisation) -> RegisterEntry:
    """The organisation is verified by the service centre."""
    row.verified_at = None
    factories.registration(row)
    organisations.verify(cast.eve, row.id, reason="Compared with the register.")
    return entry_of(entries.ORGANISATIONS, row.id)


def entry_of(register: str, holder_id: int) -> RegisterEntry:
    return queries.of_holder(register, holder_id)[-1][0]


def state(row: RegisterEntry) -> EntryState:
    return queries.view(row).state


def happened(row: RegisterEntry) -> list[str]:
    return [str(one.kind) for one in reversed(queries.history(row.id))]


def heard(person: User) -> list[str]:
    query = sa.select(Notification.kind).where(Notification.user_id == person.id).order_by(Notification.id)
    return [kind for kind in db.session.scalars(query) if kind.startswith("registers.")]


def test_an_entry_is_what_its_digest_says(cast: Cast) -> None:
    row = verified(cast, cast.luoyang)
    document = read(row.document)
    assert digest(canonical(document)) == row.digest
    assert document["holder"] == {"kind": "organisation", "id": cast.luoyang.id}
    assert document["data"] == row.data
    assert row.data["name"] == "Luoyang Water Group"
    assert row.data["registration_number"] == cast.luoyang.registration_number
    assert (row.origin, row.number[:3]) == (EntryOrigin.GRANTED, "VF-")
    assert row.valid_until is not None
    assert row.valid_until - row.valid_from == timedelta(days=1095)


def test_nobody_guesses_from_the_digest_what_is_not_public(cast: Cast, browser: Browser) -> None:
    """Who knows every field still lacks the salt: it is drawn for each entry, and on no page, nor in the API."""
    one, other = verified(cast, cast.luoyang), expert(cast, cast.dee)
    assert re.fullmatch("[0-9a-f]{32}", one.salt)
    assert one.salt != other.salt
    document = dict(read(one.document))
    assert document.pop("salt") == one.salt
    assert digest(canonical(document)) != one.digest
    for row in (one, other):
        for path in (f"/registers/{row.register}/{row.number}", f"/verify/{row.number}",
                     f"/api/v1/registers/{row.register}/{row.number}"):  # fmt: skip
            told = browser.get(path)
            assert row.digest in told.text
            assert row.salt not in told.text


def test_an_expert_is_named_nowhere_in_the_entry(cast: Cast) -> None:
    row = expert(cast, cast.dee)
    assert b"Dee" not in row.document
    assert cast.dee.email.encode() not in row.document
    assert row.data == {}


def test_data_is_what_the_schema_says(bees: Flask, cast: Cast) -> None:
    for wrong in ({}, {"hives": 0}, {"hives": 2, "owner": "Bo"}, {"hives": "two"}):
        with pytest.raises(ValueError, match=r"hives|owner"):
            services.grant(SYSTEM, "bees", cast.bo.id, wrong)
    assert services.grant(SYSTEM, "bees", cast.bo.id, {"hives": 2}).data == {"hives": 2}
    with pytest.raises(Conflict):
        services.grant(SYSTEM, "bees", cast.bo.id, {"hives": 3})
    with pytest.raises(NotFound):
        services.grant(SYSTEM, "bees", 999_999, {"hives": 2})
    with pytest.raises(NotFound):
        services.grant(SYSTEM, "wasps", cast.bo.id, {"hives": 2})


def test_a_life_with_everything_that_happens(bees: Flask, cast: Cast) -> None:
    row = services.grant(SYSTEM, "bees", cast.bo.id, {"hives": 2}, reason="As applied for.")
    keep = lambda operation: keeping.keep(cast.eve, "bees", row.number, operation, reason=f"We {operation} it.")  # noqa: E731
    keep("suspend")
    assert state(row) == EntryState.SUSPENDED
    with pytest.raises(Conflict):
        keep("suspend")
    with pytest.raises(Conflict):
        keep("renew")
    keep("resume")
    before = queries.last_event(row.id).valid_until
    keep("renew")
    after = queries.last_event(row.id).valid_until
    assert before is not None
    assert after == before + timedelta(days=1095), "a renewal adds to the end that lies ahead"
    keep("revoke")
    for operation in ("suspend", "resume", "renew", "revoke"):
        with pytest.raises(Conflict):
            keep(operation)
    assert happened(row) == ["granted", "suspended", "resumed", "renewed", "revoked"]
    assert [(cast.bo.id, True), (cast.bo.id, False), (cast.bo.id, True), (cast.bo.id, False)] == CHANGES
    assert heard(cast.bo) == [f"registers.{kind}" for kind in happened(row)]
    first, *_rest, last = reversed(queries.history(row.id))
    assert (first.reason, first.acted_by) == ("As applied for.", None)
    assert (last.reason, last.acted_by) == ("We revoke it.", cast.eve.id)
    recorded = sa.select(AuditEvent.action).where(AuditEvent.subject_type == "register_entry").order_by(AuditEvent.id)
    assert list(db.session.scalars(recorded)) == [f"register.{kind}" for kind in happened(row)]


def test_keepers_do_nothing_for_themselves(bees: Flask, cast: Cast) -> None:
    row = services.grant(SYSTEM, "bees", cast.eve.id, {"hives": 2})
    with pytest.raises(Forbidden):
        keeping.keep(cast.eve, "bees", row.number, "renew", reason="For me.")


def test_keepers_give_a_reason(bees: Flask, cast: Cast) -> None:
    row = services.grant(SYSTEM, "bees", cast.bo.id, {"hives": 2})
    with pytest.raises(Invalid):
        keeping.keep(cast.eve, "bees", row.number, "suspend", reason=" \n")
    assert state(row) == EntryState.VALID


def test_who_is_no_keeper_any_more_is_refused(bees: Flask, cast: Cast) -> None:
    row = services.grant(SYSTEM, "bees", cast.bo.id, {"hives": 2})
    assert cast.eve.is_any(PlatformRole.SERVICE_CENTRE)
    db.session.execute(sa.text("DELETE FROM user_role WHERE user_id = :me"), {"me": cast.eve.id})
    with pytest.raises(Forbidden):
        keeping.keep(cast.eve, "bees", row.number, "suspend", reason="As a keeper, I believe.")


def test_the_end_is_carried_out_once_and_reminded_of(bees: Flask, cast: Cast) -> None:
    until = db_now() + timedelta(days=30)
    row = services.grant(SYSTEM, "bees", cast.bo.id, {"hives": 2}, valid_until=until)
    assert not services.expire(SYSTEM, row.id, until), "not yet"
    assert services.remind(row.id, until)
    assert services.remind(row.id, until)
    assert heard(cast.bo) == ["registers.granted", "registers.ends"], "one reminder"
    kept = db.session.get_one(RegisterEntry, row.id)
    db.session.execute(sa.text("UPDATE job SET run_at = crowd_now() WHERE kind = 'registers.expire'"))
    background.run(db.session.scalars(sa.select(Job.id).where(Job.kind == "registers.expire")).one())
    assert state(kept) == EntryState.VALID, "a job that runs early changes nothing"


def at_the_end(cast: Cast, act: Callable[[RegisterEntry], object]) -> RegisterEntry:
    """An entry whose end has just passed, after `act`."""
    until = db_now() + timedelta(seconds=0.3)
    row = services.grant(SYSTEM, "bees", cast.bo.id, {"hives": 2}, valid_until=until)
    act(row)
    db.session.execute(sa.text("SELECT pg_sleep(0.4)"))
    return row


def test_an_entry_expires(bees: Flask, cast: Cast) -> None:
    row = at_the_end(cast, lambda _row: None)
    until = queries.last_event(row.id).valid_until
    assert until is not None
    assert state(row) == EntryState.EXPIRED, "also before the job has run"
    with pytest.raises(Conflict):
        keeping.keep(cast.eve, "bees", row.number, "suspend", reason="Too late.")
    assert services.expire(SYSTEM, row.id, until)
    assert not services.expire(SYSTEM, row.id, until)
    assert happened(row) == ["granted", "expired"]
    keeping.keep(cast.eve, "bees", row.number, "renew", reason="Paid again.")
    assert state(row) == EntryState.VALID
    assert [(cast.bo.id, True), (cast.bo.id, False), (cast.bo.id, True)] == CHANGES


def test_a_suspended_entry_expires_too_and_a_revoked_one_does_not(bees: Flask, cast: Cast) -> None:
    act = lambda operation: lambda row: services.act(SYSTEM, row, operation)  # noqa: E731
    for operation, end in (("suspend", EntryState.EXPIRED), ("revoke", EntryState.REVOKED)):
        row = at_the_end(cast, act(operation))
        until = queries.last_event(row.id).valid_until
        assert until is not None
        assert services.expire(SYSTEM, row.id, until) == (end == EntryState.EXPIRED)
        assert state(row) == end
        if end == EntryState.EXPIRED:
            services.act(SYSTEM, row, "revoke")


def test_jobs_of_an_end_that_was_moved_do_nothing(bees: Flask, cast: Cast) -> None:
    row = at_the_end(cast, lambda row: services.act(SYSTEM, row, "renew"))
    first = queries.history(row.id)[-1].valid_until
    assert first is not None
    assert not services.expire(SYSTEM, row.id, first)
    assert not services.remind(row.id, first)
    assert state(row) == EntryState.VALID


def test_the_reminder_is_a_setting(bees: Flask, cast: Cast) -> None:
    def reminders() -> list[object]:
        return list(db.session.scalars(sa.select(Job.run_at).where(Job.kind == "registers.remind")))

    until = db_now().replace(microsecond=0) + timedelta(days=100)
    row = services.grant(SYSTEM, "bees", cast.bo.id, {"hives": 2}, valid_until=until)
    assert reminders() == [until - timedelta(days=60)]
    services.act(SYSTEM, row, "revoke")
    here = current_app.config["CROWD"]
    current_app.config["CROWD"] = replace(here, limits=replace(here.limits, register_reminder_days=0))
    try:
        services.grant(SYSTEM, "bees", cast.bo.id, {"hives": 2}, valid_until=until)
    finally:
        current_app.config["CROWD"] = here
    assert len(reminders()) == 1


# ---- what goes with entries of accounts


def test_the_role_and_the_entry_go_together(cast: Cast) -> None:
    row = expert(cast, cast.dee)
    keeping.keep(cast.adm, entries.EXPERTS, row.number, "suspend", reason="A complaint is examined.")
    assert not cast.dee.is_any(PlatformRole.EXPERT)
    accounts.grant(cast.adm, cast.dee.id, role=PlatformRole.EXPERT)
    assert state(row) == EntryState.VALID, "the role again is the entry again"
    accounts.revoke(cast.adm, cast.dee.id, role=PlatformRole.EXPERT)
    assert state(row) == EntryState.REVOKED
    again = expert(cast, cast.dee)
    assert again.number != row.number
    keeping.keep(cast.adm, entries.EXPERTS, again.number, "revoke", reason="The term is over.")
    assert not cast.dee.is_any(PlatformRole.EXPERT)
    recorded = sa.select(AuditEvent.action).where(
        AuditEvent.subject_id == cast.dee.id, AuditEvent.subject_type == "user"
    )
    assert [one for one in db.session.scalars(recorded.order_by(AuditEvent.id)) if one.startswith("role.")] == [
        "role.granted", "role.revoked", "role.granted", "role.revoked", "role.granted", "role.revoked"
    ]  # fmt: skip


def test_an_account_that_begins_with_the_role_is_entered(cast: Cast) -> None:
    made = accounts.create_user(SYSTEM, email="new@crowd.example", name="New", roles=[PlatformRole.EXPERT])
    assert state(entry_of(entries.EXPERTS, made.id)) == EntryState.VALID
    other = accounts.create_user(SYSTEM, email="other@crowd.example", name="Other", roles=[PlatformRole.FINANCE])
    assert queries.of_holder(entries.EXPERTS, other.id) == []


def test_a_closed_account_pauses_its_entry(cast: Cast) -> None:
    row = expert(cast, cast.dee)
    accounts.close_account(cast.adm, cast.dee.id, reason="Asked for it.")
    assert state(row) == EntryState.SUSPENDED
    assert cast.dee.is_any(PlatformRole.EXPERT), "the role stays with the account"
    accounts.reopen_account(cast.adm, cast.dee.id, reason="Is back.")
    assert state(row) == EntryState.VALID
    keeping.keep(cast.adm, entries.EXPERTS, row.number, "suspend", reason="A complaint is examined.")
    accounts.close_account(cast.adm, cast.dee.id, reason="Asked for it.")
    accounts.reopen_account(cast.adm, cast.dee.id, reason="Is back.")
    assert state(row) == EntryState.SUSPENDED, "what a keeper suspended stays so"


def test_the_verification_and_the_entry_go_together(cast: Cast) -> None:
    row = verified(cast, cast.luoyang)
    keeping.keep(cast.eve, entries.ORGANISATIONS, row.number, "suspend", reason="The licence is examined.")
    assert cast.luoyang.verified_at is None
    keeping.keep(cast.eve, entries.ORGANISATIONS, row.number, "resume", reason="It is right.")
    assert cast.luoyang.verified_at is not None
    organisations.edit(cast.ada, cast.luoyang.id, name="Luoyang Waters", kind=cast.luoyang.kind, country="CN",
                       city="", website="", about="")  # fmt: skip
    assert (state(row), cast.luoyang.verified_at) == (EntryState.REVOKED, None), "another name is checked again"
    organisations.verify(cast.eve, cast.luoyang.id, reason="Compared with the register.")
    again = entry_of(entries.ORGANISATIONS, cast.luoyang.id)
    assert again.data["name"] == "Luoyang Waters"
    assert again.number != row.number
    register = partial(
        verification.register, cast.ada, cast.luoyang.id, contact_name="C", contact_email="c@crowd.example"
    )
    register(registration_number=cast.luoyang.registration_number)
    assert state(again) == EntryState.VALID, "the same number changes nothing"
    register(registration_number="91410300900000001" + check_character("91410300900000001"))
    assert (state(again), cast.luoyang.verified_at) == (EntryState.REVOKED, None), "another number is checked again"


def test_a_closed_organisation_pauses_its_entry(cast: Cast) -> None:
    row = verified(cast, cast.luoyang)
    assert cast.ada
    closing.close(cast.adm, cast.luoyang.id, reason="Merged.")
    assert state(row) == EntryState.SUSPENDED
    closing.reopen(cast.adm, cast.luoyang.id, reason="Not merged.")
    assert state(row) == EntryState.VALID
    assert cast.luoyang.verified_at is not None


def test_an_entry_is_not_resumed_where_another_body_has_the_number(cast: Cast) -> None:
    row = verified(cast, cast.luoyang)
    keeping.keep(cast.eve, entries.ORGANISATIONS, row.number, "suspend", reason="Two claim this number.")
    verified(cast, cast.northlight)
    cast.northlight.registration_number = cast.luoyang.registration_number
    commit()
    with pytest.raises(Conflict, match="Northlight"):
        keeping.keep(cast.eve, entries.ORGANISATIONS, row.number, "resume", reason="It is right.")
    assert state(row) == EntryState.SUSPENDED


def test_what_ends_takes_the_role_and_a_new_verification_renews(cast: Cast) -> None:
    row = verified(cast, cast.luoyang)
    db.session.execute(sa.select(sa.func.crowd_now()))
    services.act(SYSTEM, row, "expire")
    assert cast.luoyang.verified_at is None
    organisations.verify(cast.eve, cast.luoyang.id, reason="Compared with the register.")
    assert entry_of(entries.ORGANISATIONS, cast.luoyang.id).number == row.number, "the same facts keep their number"
    assert happened(row) == ["granted", "expired", "renewed"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RegisterEvent)) == 3


OPERATIONS_WHILE_CLOSED = {"revoke": EntryState.REVOKED, "expire": EntryState.EXPIRED}


@pytest.mark.parametrize("operation", OPERATIONS_WHILE_CLOSED)
def test_an_expert_whose_entry_ends_while_they_are_away_has_no_role(operation: str, cast: Cast) -> None:
    row = expert(cast, cast.dee)
    accounts.close_account(cast.adm, cast.dee.id, reason="Asked for it.")
    services.act(SYSTEM, row, operation)
    accounts.reopen_account(cast.adm, cast.dee.id, reason="Is back.")
    assert state(row) == OPERATIONS_WHILE_CLOSED[operation]
    assert not cast.dee.is_any(PlatformRole.EXPERT)
    if operation == "expire":
        keeping.keep(cast.adm, entries.EXPERTS, row.number, "renew", reason="Is needed again.")
        assert cast.dee.is_any(PlatformRole.EXPERT)


@pytest.mark.parametrize("operation", OPERATIONS_WHILE_CLOSED)
def test_an_organisation_whose_entry_ends_while_it_is_closed_is_not_verified(operation: str, cast: Cast) -> None:
    row = verified(cast, cast.luoyang)
    assert cast.ada, "it has an owner"
    closing.close(cast.adm, cast.luoyang.id, reason="Merged.")
    services.act(SYSTEM, row, operation)
    closing.reopen(cast.adm, cast.luoyang.id, reason="Not merged.")
    assert state(row) == OPERATIONS_WHILE_CLOSED[operation]
    assert cast.luoyang.verified_at is None


def test_what_is_resumed_while_the_account_is_closed_gives_the_role_with_its_opening(cast: Cast) -> None:
    row = expert(cast, cast.dee)
    keeping.keep(cast.adm, entries.EXPERTS, row.number, "suspend", reason="A complaint is examined.")
    accounts.close_account(cast.adm, cast.dee.id, reason="Asked for it.")
    keeping.keep(cast.adm, entries.EXPERTS, row.number, "resume", reason="Nothing was found.")
    assert not cast.dee.is_any(PlatformRole.EXPERT), "not while it is closed"
    accounts.reopen_account(cast.adm, cast.dee.id, reason="Is back.")
    assert cast.dee.is_any(PlatformRole.EXPERT)


def test_closing_pauses_the_entries_of_every_register(cast: Cast) -> None:
    manager = services.grant(SYSTEM, MANAGERS, cast.dee.id, {"grade": "senior", "field": "Water", "basis": "Seen."})
    assert cast.ada, "Luoyang has an owner"
    agency = services.grant(SYSTEM, AGENCIES, cast.luoyang.id, {"services": "Tests", "basis": "Visited."})
    accounts.close_account(cast.adm, cast.dee.id, reason="Asked for it.")
    closing.close(cast.adm, cast.luoyang.id, reason="Merged.")
    assert {state(manager), state(agency)} == {EntryState.SUSPENDED}
    accounts.reopen_account(cast.adm, cast.dee.id, reason="Is back.")
    closing.reopen(cast.adm, cast.luoyang.id, reason="Not merged.")
    assert {state(manager), state(agency)} == {EntryState.VALID}
    assert happened(manager) == happened(agency) == ["granted", "suspended", "resumed"]
