"""No link leads to a page that its reader may not open: neither from a notification nor from the dashboard."""

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd.accounts import services as accounts
from crowd.accounts.models import MemberRole, PlatformRole, User
from crowd.accounts.organisations import services as organisations
from crowd.clock import today
from crowd.config import ROOT
from crowd.db import db
from crowd.feature import declared
from crowd.ledger.deposits import services as deposits
from crowd.notifications.models import Notification
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser

CLOSED = "You cannot open the page"


def newest(person: User, path: str) -> int:
    """The person's newest notification that links to this path."""
    query = sa.select(Notification.id).where(Notification.user_id == person.id, Notification.path == path)
    return db.session.scalars(query.order_by(Notification.id.desc())).first() or pytest.fail(f"no notice of {path}")


def links(page: str) -> set[str]:
    """The links of the page itself, without the layout."""
    return set(re.findall(r'href="(/[^"#?]*)', page.split('id="main"')[1].split("<footer")[0]))


def test_a_notice_that_a_role_brought_stays_readable_when_the_role_is_gone(cast: Cast, browser: Browser) -> None:
    accounts.grant(cast.adm, cast.dee.id, role=PlatformRole.SERVICE_CENTRE)
    challenge = factories.screened(cast)
    path = f"/screening/{challenge.id}"
    notice = newest(cast.dee, path)
    browser.sign_in(cast.dee)
    assert browser.get(f"/inbox/{notice}").headers["Location"] == path
    accounts.revoke(cast.adm, cast.dee.id, role=PlatformRole.SERVICE_CENTRE)
    page = browser.get(f"/inbox/{notice}")
    assert page.status_code == 200
    assert CLOSED in page.text
    assert "Service centre" in page.text, "it says for whom the page is"
    assert challenge.title in page.text
    assert f"/challenges/{challenge.id}" not in links(page.text), "what is screened is not public"


def test_who_left_is_told_so_and_led_to_what_is_still_open(cast: Cast, browser: Browser) -> None:
    assert cast.abe.id
    challenge = factories.judging(cast)
    notice = newest(cast.abe, f"/challenges/{challenge.id}/panel")
    organisations.leave(cast.abe, cast.luoyang.id)
    page = browser.sign_in(cast.abe).get(f"/inbox/{notice}")
    assert page.status_code == 200
    assert CLOSED in page.text
    assert f"/challenges/{challenge.id}" in links(page.text)
    assert f"/challenges/{challenge.id}/panel" not in links(page.text)


def test_who_left_an_organisation_is_not_led_to_its_balance(cast: Cast, browser: Browser) -> None:
    join(cast.dee, cast.luoyang, MemberRole.FINANCE)
    path = f"/organisations/{cast.luoyang.id}/balance"
    deposits.record(
        cast.fen, bank_reference="B1", value_date=today(), payer="Luoyang Water", amount=500, currency="CNY",
        organisation_id=cast.luoyang.id,
    )  # fmt: skip
    notice = newest(cast.dee, path)
    browser.sign_in(cast.dee)
    assert browser.get(f"/inbox/{notice}").headers["Location"] == path
    organisations.leave(cast.dee, cast.luoyang.id)
    page = browser.get(f"/inbox/{notice}")
    assert (page.status_code, CLOSED in page.text) == (200, True)
    assert path not in links(page.text)
    assert browser.get(path).status_code == 404


def test_the_desk_leads_to_notices_and_so_to_no_refusal(cast: Cast, browser: Browser) -> None:
    accounts.grant(cast.adm, cast.dee.id, role=PlatformRole.SERVICE_CENTRE)
    challenge = factories.screened(cast)
    accounts.revoke(cast.adm, cast.dee.id, role=PlatformRole.SERVICE_CENTRE)
    browser.sign_in(cast.dee)
    found = links(browser.get("/dashboard").text)
    assert f"/screening/{challenge.id}" not in found
    for address in found:
        assert browser.get(address).status_code in (200, 303), address


def test_a_sponsor_who_takes_part_is_not_asked_to_decide(cast: Cast, browser: Browser) -> None:
    """A person who joins the sponsor after submitting: the judging is hidden from them, and so is the task."""
    challenge = factories.judged(cast)
    task = f"/challenges/{challenge.id}/awards"
    join(cast.bo, cast.luoyang)
    join(cast.dee, cast.luoyang)
    assert task in links(browser.sign_in(cast.dee).get("/dashboard").text)
    assert task not in links(browser.sign_in(cast.bo).get("/dashboard").text)
    assert browser.get(task).status_code == 403


def test_an_author_who_left_the_agency_is_not_asked_for_its_proposal(cast: Cast, browser: Browser) -> None:
    join(cast.dee, cast.northlight)
    proposal = factories.proposal(cast.dee, factories.opened(cast), submitted=False, organisation=cast.northlight)
    task = f"/proposals/{proposal.id}/edit"
    browser.sign_in(cast.dee)
    assert task in links(browser.get("/dashboard").text)
    organisations.leave(cast.dee, cast.northlight.id)
    assert task not in links(browser.get("/dashboard").text)
    assert browser.get(task).status_code == 403


def notification_sources() -> list[Path]:
    """The modules in which the packages define their notifications and emails."""
    sources = [path for path in Path(ROOT).rglob("notifications.py") if ".venv" not in path.parts]
    assert len(sources) >= 6
    return sources


def linked_endpoints() -> Iterator[tuple[str, set[str]]]:
    """(endpoint, the values in its URL) of every page that they link to; a question names an upper package's page."""
    for path in notification_sources():
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("path_to"):
                endpoint = eval(ast.unparse(call.args[0]), vars(module))
                yield endpoint, {each.arg for each in call.keywords if each.arg}


def test_notifications_name_endpoints_and_no_paths(isolated: Flask) -> None:
    written = [
        text.value
        for path in notification_sources()
        for text in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and re.match(r"/\w", text.value)
    ]
    assert written == []
    for endpoint, values in linked_endpoints():
        assert any(values == rule.arguments for rule in isolated.url_map.iter_rules(endpoint)), endpoint


def test_every_row_that_a_notice_leads_to_is_asked_for_by_the_rule_of_its_door(isolated: Flask) -> None:
    emailed = {"accounts.invitation", "accounts.choose_password"}  # behind a code, not a sign-in
    led = {endpoint for endpoint, values in linked_endpoints() if values} - emailed
    assert len(led) >= 10
    assert led - declared().link_access.keys() == set()
    assert declared().link_access.keys() <= isolated.view_functions.keys()


@pytest.mark.parametrize("endpoint", sorted(declared().link_access))
def test_every_rule_takes_the_values_of_its_url(isolated: Flask, endpoint: str) -> None:
    rule = declared().link_access[endpoint]
    for url in isolated.url_map.iter_rules(endpoint):
        inspect.signature(rule).bind(None, **dict.fromkeys(url.arguments, 1))
