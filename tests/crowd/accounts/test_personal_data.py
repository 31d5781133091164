"""What people take with them, and what is deleted with their account while books and results stay valid."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask_security import hash_password

from challenges.searches import services as searches
from crowd.accounts import cli, open_matters
from crowd.accounts import services as accounts
from crowd.accounts.models import MemberRole, Membership, User
from crowd.accounts.organisations import services as organisations
from crowd.accounts.personal_data import archive, services
from crowd.accounts.personal_data.models import DataExport
from crowd.accounts.services import ProfileDetails
from crowd.audit import SYSTEM, AuditEvent, record
from crowd.clock import now
from crowd.db import commit, db
from crowd.errors import Conflict, Forbidden
from crowd.feeds import services as calendar_links
from crowd.following import services as following
from crowd.languages import language_of
from crowd.ledger import check, jobs
from crowd.ledger.models import LedgerAccountKind, OwnerType
from crowd.ledger.payouts import services as payouts
from crowd.ledger.posting import get_account
from crowd.notifications.models import Digest, Notification, OutgoingEmail
from crowd.notifications.services import choose, notify
from crowd.taxonomy.schemes import REGION
from crowd.taxonomy.vocabulary import current
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.ledger.test_payouts import answer, with_account

PASSWORD = "correct horse battery"
SECRET = "A canary of another person"


def with_password(person: User) -> User:
    person.password = hash_password(PASSWORD)
    commit()
    return person


def pay_out(cast: Cast, who: User) -> None:
    """All that the person has earned, to their bank, which confirms it."""
    account = get_account(LedgerAccountKind.PAYABLE, OwnerType.USER, who.id, "CNY")
    amount = account.balance
    with_account(who)
    payout = payouts.request(who, account.id, amount=amount)
    batch = payouts.make_batch(cast.fen, currency="CNY")
    payouts.approve(cast.finn, batch.id)
    store = jobs.send_batch(batch.id)
    assert store is not None
    store()
    commit()
    answer(payout, "paid", amount=f"{amount / 100:.2f}")


def files(content: bytes) -> dict[str, list[dict[str, Any]]]:
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        return {name.removesuffix(".json"): json.loads(found.read(name)) for name in found.namelist()}


def test_an_export_is_made_by_a_job_and_holds_what_is_theirs_and_nothing_else(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    factories.proposal(cast.bea, challenge, title=SECRET)
    factories.proposal(cast.bo, challenge, title="What Bo offers")
    browser.sign_in(with_password(cast.bo))
    assert browser.post("/account/data/export", {"password": "wrong"}).status_code == 422
    assert browser.post("/account/data/export", {"password": PASSWORD}).status_code == 303
    assert "0 of" in browser.get("/account/data").text
    assert browser.post("/account/data/export", {"password": PASSWORD}).status_code == 409
    assert factories.run_jobs("accounts.export") == 1
    row = db.session.scalars(sa.select(DataExport)).one()
    assert row.done == row.parts == len(archive.parts())
    assert "accounts.export_ready" in set(db.session.scalars(sa.select(Notification.kind)))
    path = f"/account/data/exports/{row.id}.zip"
    assert path in browser.get("/account/data/progress").text
    content = browser.get(path).data
    found = files(content)
    assert found["account"][0]["email"] == cast.bo.email
    assert [one["title"] for one in found["proposals"]] == ["What Bo offers"]
    text = json.dumps(found, ensure_ascii=False)
    for secret in (SECRET, cast.bea.email, cast.bo.password or "", cast.bo.fs_uniquifier):
        assert secret not in text
    assert Browser(browser.app).get(path).status_code == 302
    assert Browser(browser.app).sign_in(cast.bea).get(path).status_code == 404
    row.expires_at = now()
    commit()
    assert browser.get(path).status_code == 404
    assert services.prune() == 1


def test_an_export_that_was_deleted_meanwhile_is_not_stored(cast: Cast) -> None:
    number = services.request_export(cast.bo).id
    services.delete_export(cast.bo)
    services.finish_export(SYSTEM, number, b"late")
    assert db.session.scalars(sa.select(DataExport)).all() == []


def test_each_table_that_names_a_person_is_exported_or_is_about_others(cast: Cast) -> None:
    """`user_id` or `reviewer_id` means whose the row is; other references say who did something, as `actions` does."""
    exported = {
        table.name
        for select in archive.parts().values()
        for table in select(1).get_final_froms()
        for table in _of(table)
    }
    named = {
        table.name
        for table in db.metadata.tables.values()
        if {"user_id", "reviewer_id"} & {column.name for column in table.columns}
    }
    # The export itself; what follows from exported rows; which emails were written.
    others = {"data_export", "share_period", "reputation_total", "digest"}
    assert sorted(named - exported - others) == []


def _of(source: Any) -> list[Any]:
    return [*_of(source.left), *_of(source.right)] if hasattr(source, "left") else [source]


OPEN: dict[str, Callable[[Cast], Any]] = {
    "a proposal under way": lambda cast: factories.proposal(cast.bo, factories.opened(cast)),
    "a draft under way": lambda cast: factories.proposal(cast.bo, factories.opened(cast), submitted=False),
    "a balance": lambda cast: factories.settled(cast),
    "the last owner": lambda cast: db.session.add(
        Membership(user_id=cast.bo.id, organisation_id=cast.northlight.id, role=MemberRole.OWNER)
    ),
}


@pytest.mark.parametrize("matter", OPEN)
def test_the_account_is_not_deleted_while_something_is_open(cast: Cast, browser: Browser, matter: str) -> None:
    OPEN[matter](cast)
    commit()
    (said, *_others) = open_matters.find("user", cast.bo.id)
    browser.sign_in(with_password(cast.bo))
    assert str(said) in browser.get("/account/data").text
    answered = browser.post("/account/data/delete-account", {"ending-password": PASSWORD})
    assert answered.status_code == 409
    assert str(said) in answered.text
    assert cast.bo.active


def test_an_administrator_and_a_reviewer_with_reviews_stay_too(cast: Cast) -> None:
    with pytest.raises(Conflict):
        services.erase_account(cast.adm, cast.adm.id)
    with pytest.raises(Forbidden):
        services.erase_account(cast.adm, cast.bo.id)


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_exported_and_deleted_the_ledger_and_the_results_stay_valid(cast: Cast, browser: Browser, locale: str) -> None:
    challenge = factories.settled(cast)
    pay_out(cast, cast.bo)
    person, name, address = cast.bo.id, cast.bo.name, cast.bo.email
    cast.bo.locale = locale
    browser.sign_in(with_password(cast.bo))
    assert browser.post("/account/data/export", {"password": PASSWORD}).status_code == 303
    factories.run_jobs("accounts.export")
    assert browser.post("/account/data/delete-account", {"ending-password": "wrong"}).status_code == 422
    assert browser.post("/account/data/delete-account", {"ending-password": PASSWORD}).status_code == 303
    assert browser.get("/account/data").status_code == 302, "signed out"
    row = db.session.get_one(User, person)
    assert (row.name, row.active, row.password, row.memberships, row.roles) == ("Erased person", False, None, [], [])
    assert check.run_checks() == []
    visitor = Browser(browser.app)
    results = visitor.get(f"/challenges/{challenge.id}/results")
    assert results.status_code == 200
    assert "Erased person" in results.text
    assert visitor.get(f"/people/{person}").status_code == 404
    acts = db.session.scalars(sa.select(AuditEvent.actor_name).where(AuditEvent.actor_id == person))
    assert set(acts) == {"Erased person"}
    (last,) = db.session.scalars(sa.select(OutgoingEmail).where(OutgoingEmail.recipient == address))
    assert (last.kind, last.locale) == ("account_erased", locale)
    assert name not in (last.text or "")
    assert db.session.scalars(sa.select(DataExport)).all() == []
    last.sent_at = now()
    services.prune()
    assert not db.session.scalars(sa.select(OutgoingEmail).where(OutgoingEmail.recipient == address)).all()


def test_the_database_lets_the_name_of_nobody_else_be_replaced(cast: Cast) -> None:
    before = db.session.scalar(sa.select(sa.func.count()).where(AuditEvent.actor_name == "Erased person"))
    db.session.execute(sa.select(sa.func.erase_audit_name(cast.ada.id)))
    assert db.session.scalar(sa.select(sa.func.count()).where(AuditEvent.actor_name == "Erased person")) == before


TRACE = "zq-trace"


def leave_traces(cast: Cast, browser: Browser) -> None:
    """Something of Bo's own in each place that the platform has for it, with a word that is nowhere else."""
    bo = cast.bo
    bo.name, bo.email = f"{TRACE} name", f"{TRACE}@crowd.example"
    commit()
    region = current().get(REGION, "LI")
    assert region
    details = ProfileDetails(
        languages=["fo"], region_id=region.id, links=[f"https://{TRACE}.example"], cv=TRACE, availability=TRACE,
        visibility={"bio": "nobody", "expertise": "nobody"},
    )  # fmt: skip
    plain: dict[str, Any] = {"name": bo.name, "locale": "en", "time_zone": "Asia/Shanghai", "bio": TRACE}
    accounts.edit_profile(bo, bo.id, **plain, expertise=[TRACE], details=details)
    with_password(bo)
    browser.sign_in(bo)
    following.follow(bo, "organisation", cast.luoyang.id)
    searches.save(bo, name=TRACE, arguments={"q": TRACE})
    calendar_links.create_link(bo)
    choose(bo, frequencies={"following": "weekly"}, quiet=(22, 6))
    organisations.accept(bo, organisations.invite(cast.ada, cast.luoyang.id, email=bo.email).id)
    organisations.leave(bo, cast.luoyang.id)
    organisations.invite(cast.ada, cast.luoyang.id, email=bo.email)
    notify(bo.id, kind="accounts.left", key="told", path="/", params={"person": TRACE, "organisation": "One"})
    services.request_export(bo)
    for kind in ("accounts.export", "notifications.email", "emails.send"):
        factories.run_jobs(kind)
    db.session.add(Digest(user_id=bo.id, due_at=now()))
    commit()


def test_nothing_of_the_person_is_left_in_any_table(cast: Cast, browser: Browser) -> None:
    leave_traces(cast, browser)
    tables = [table for table in db.metadata.tables.values() if table.name != "term"]
    word = [sa.cast(sa.literal_column(f'"{table.name}"'), sa.Text).contains(TRACE) for table in tables]
    named = sa.union_all(
        *(sa.select(sa.literal(table.name)).select_from(table).where(one)
          for table, one in zip(tables, word, strict=True))
    )  # fmt: skip
    theirs = sa.union_all(
        *(sa.select(sa.literal(table.name)).where(table.c.user_id == cast.bo.id)
          for table in tables if "user_id" in table.c)
    )  # fmt: skip
    assert {"user", "notification", "saved_search", "invitation", "audit_event"} <= set(db.session.scalars(named))
    assert {"follow", "saved_search", "calendar_link", "login_session", "data_export", "notification_choice",
            "quiet_hours", "digest", "membership_period"} <= set(db.session.scalars(theirs))  # fmt: skip
    services.erase_account(cast.bo, cast.bo.id)
    db.session.execute(sa.delete(OutgoingEmail).where(OutgoingEmail.kind == "account_erased"))
    assert set(db.session.scalars(named)) == set()
    assert set(db.session.scalars(theirs)) == {"membership_period"}, "when they belonged to what stays recorded"
    row = db.session.get_one(User, cast.bo.id, populate_existing=True)
    shown = (row.bio, row.expertise, row.languages, row.links, row.cv, row.availability, row.region_id, row.visibility)
    assert not any(shown)
    assert row.email == f"erased-{row.id}@crowd.invalid"
    assert browser.get("/account/data").status_code == 302, "no session is left"


def test_the_name_leaves_the_inboxes_of_others(cast: Cast, browser: Browser) -> None:
    """Whoever was told of what the person did; a namesake keeps the name."""
    assert cast.ada
    namesake = factories.user("Bo Linden")
    cast.bo.name = "Bo Linden"
    for who in (cast.bo, namesake):
        organisations.accept(who, organisations.invite(cast.ada, cast.luoyang.id, email=who.email).id)
    organisations.leave(cast.bo, cast.luoyang.id)
    organisations.decline(cast.bo, organisations.invite(cast.ada, cast.luoyang.id, email=cast.bo.email).id)
    notify(cast.ada.id, kind="accounts.left", key="before there were values", path="/",
           params={"person": "Bo Linden", "organisation": "Another"})  # fmt: skip
    factories.run_jobs("notifications.email")
    inbox = Browser(browser.app).sign_in(cast.ada)
    before = inbox.get("/inbox").text
    assert [before.count(f"{name} has ") for name in ("Bo Linden", "Erased person")] == [4, 0]
    assert cast.bo.email in before
    services.erase_account(cast.bo, cast.bo.id)
    after = inbox.get("/inbox").text
    assert [after.count(f"{name} has ") for name in ("Bo Linden", "Erased person")] == [1, 3]
    assert cast.bo.email not in after
    assert "bo@crowd.example" not in after
    subjects = list(db.session.scalars(sa.select(OutgoingEmail.subject).where(OutgoingEmail.sent_at.is_not(None))))
    assert "Erased person" in subjects
    assert sum("Bo Linden" in subject for subject in subjects) == 0


ADDRESSES: dict[str, tuple[str, str]] = {
    "alone": ("{0}", "{1}"),
    "in a sentence": ("Asked {0}. No answer.", "Asked {1}. No answer."),
    "in a line of its own": ("Asked\n{0}\nNo answer.", "Asked\n{1}\nNo answer."),
    "in Chinese": ("请联系{0}。", "请联系{1}。"),
    "in capitals": ("{2}", "{1}"),
    "of another, which ends with it": ("x{0}", "x{0}"),
    "of another, which begins with it": ("{0}.cn", "{0}.cn"),
}


@pytest.mark.parametrize("where", ADDRESSES)
def test_the_email_address_leaves_what_the_audit_trail_holds(cast: Cast, where: str) -> None:
    said, remains = ADDRESSES[where]
    address = "bo+a.b@crowd.example"
    cast.bo.email = address
    names = (address, f"erased-{cast.bo.id}@crowd.invalid", address.upper())
    record(cast.ada, "member.invited", cast.luoyang, email=said.format(*names), nested=[{"note": said.format(*names)}])
    record(cast.ada, "member.invited", cast.luoyang, email=cast.bea.email)
    services.erase_account(cast.bo, cast.bo.id)
    db.session.expire_all()
    invited = sa.select(AuditEvent.data).where(AuditEvent.action == "member.invited").order_by(AuditEvent.id)
    first, second = list(db.session.scalars(invited))[-2:]
    assert first == {"email": remains.format(*names), "nested": [{"note": remains.format(*names)}]}
    assert second == {"email": cast.bea.email}


def test_former_addresses_leave_it_too_unless_they_are_anothers_by_now(cast: Cast) -> None:
    for former in ("old@crowd.example", cast.bea.email):
        record(cast.bo, "email.changed", cast.bo, before=former, after=cast.bo.email)
        record(cast.ada, "member.invited", cast.luoyang, email=former)
    services.erase_account(cast.bo, cast.bo.id)
    db.session.expire_all()
    text = str(list(db.session.scalars(sa.select(AuditEvent.data))))
    assert "old@crowd.example" not in text
    assert "'bo@crowd.example'" not in text
    assert cast.bea.email in text


def test_the_operator_erases_by_a_command_and_hears_what_is_open(cast: Cast) -> None:
    factories.proposal(cast.bo, factories.opened(cast))
    refused = CliRunner().invoke(cli.group, ["erase", "--email", cast.bo.email])
    assert refused.exit_code == 1
    assert "proposal" in refused.output
    assert CliRunner().invoke(cli.group, ["erase", "--email", cast.dee.email]).exit_code == 0
    assert not cast.dee.active
    assert CliRunner().invoke(cli.group, ["erase", "--email", "nobody@crowd.example"]).exit_code == 1


def test_the_language_of_the_pages_is_the_language_of_the_emails(cast: Cast, browser: Browser) -> None:
    """The switch of every page is a form for a person; it leads back to the page."""
    switch = 'action="/language/zh_Hans_CN?next=/challenges%3Ftag%3Dwater"'
    assert switch in browser.sign_in(cast.bo).get("/challenges?tag=water").text
    answer = browser.post("/language/zh_Hans_CN?next=/challenges%3Ftag%3Dwater")
    assert answer.headers["Location"] == "/challenges?tag=water"
    db.session.refresh(cast.bo)
    assert cast.bo.locale == "zh_Hans_CN"
    assert 'action="/language/en' in browser.get("/challenges").text
    assert Browser(browser.app).get("/language/en").status_code == 303


@pytest.mark.parametrize(("kept", "led_to"), [("zh_Hans_CN", "en"), ("en", "zh_Hans_CN")])
def test_a_link_of_another_site_stores_no_language_for_a_person(
    cast: Cast, browser: Browser, kept: str, led_to: str
) -> None:
    cast.bo.locale = kept
    commit()
    browser.sign_in(cast.bo)
    actions = sa.select(sa.func.count()).select_from(AuditEvent)
    before = db.session.scalar(actions)
    elsewhere = {"Referer": "https://elsewhere.example/"}
    assert browser.get(f"/language/{led_to}", headers=elsewhere).status_code == 303
    assert f'<html lang="{language_of(led_to).tag}"' in browser.get("/challenges").text, "this browser shows it"
    assert browser.client.post(f"/language/{led_to}", headers=elsewhere).status_code == 400, "no token of a form"
    db.session.refresh(cast.bo)
    assert (cast.bo.locale, db.session.scalar(actions)) == (kept, before)
    assert browser.post("/language/de").status_code == 404
