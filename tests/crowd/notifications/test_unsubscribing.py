"""Mail about notifications can be stopped by its own link, without signing in; warnings of a stranger are
always sent.
"""

import re
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd.audit import AuditEvent
from crowd.db import db, joined
from crowd.errors import NotFound
from crowd.features import FEATURES
from crowd.ledger.notifications import ACCOUNT
from crowd.notifications import kinds, queries, services, unsubscribing
from crowd.notifications.models import Frequency
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.notifications.test_headers import told
from tests.crowd.notifications.test_notices import KIND, body, letters, run_mail, tell

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def link_of(letter: object) -> str:
    found = re.fullmatch(r"<http[^>]*?(/unsubscribe/[^>]+)>", str(letter["List-Unsubscribe"]))  # type: ignore[index]
    assert found
    return found[1]


def first_letter(cast: Cast, app: Flask) -> object:
    tell(cast.bo.id)
    run_mail()
    (letter,) = letters(app)
    return letter


def unwanted(cast: Cast) -> set[str]:
    chosen = queries.frequencies([cast.bo.id])[cast.bo.id]
    return {group for group, frequency in chosen.items() if frequency == Frequency.NEVER}


def test_a_mail_program_stops_mail_with_one_post(cast: Cast, isolated: Flask, browser: Browser) -> None:
    letter = first_letter(cast, isolated)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"  # type: ignore[index]
    link = link_of(letter)
    assert link in body(letter)  # type: ignore[arg-type]
    for _again in range(2):
        assert browser.client.post(link, data=ONE_CLICK).status_code == 200, "no cookie, no token of a form"
        assert unwanted(cast) == {"challenges"}
    noted = sa.select(sa.func.count()).where(AuditEvent.action == "preferences.unsubscribed")
    assert db.session.scalar(noted.where(AuditEvent.actor_id == cast.bo.id)) == 1
    tell(cast.bo.id, key="tested:2")
    run_mail()
    assert letters(isolated) == []
    assert queries.unread_count(cast.bo.id) == 2, "the inbox still has it"


def test_looking_asks_and_changes_nothing(cast: Cast, isolated: Flask, browser: Browser) -> None:
    link = link_of(first_letter(cast, isolated))
    page = browser.get(link)
    assert page.status_code == 200
    assert 'method="post"' in page.text
    assert browser.client.head(link).status_code == 200
    assert unwanted(cast) == set()


def test_all_notices_are_stopped_and_the_settings_show_and_undo_it(
    cast: Cast, isolated: Flask, browser: Browser
) -> None:
    link = link_of(first_letter(cast, isolated))
    assert browser.client.post(link, data={"scope": "all"}).status_code == 200
    assert unwanted(cast) == set(kinds.groups())
    browser.sign_in(cast.bo)
    assert browser.get("/inbox/preferences").text.count('selected value="never"') == len(kinds.groups())
    browser.post("/inbox/preferences", {f"every_{group}": "at_once" for group in kinds.groups()})
    assert unwanted(cast) == set()


@pytest.mark.parametrize("change", ["x", "", "WyJ4Il0.abc"])
def test_a_link_that_we_did_not_sign_does_nothing(cast: Cast, isolated: Flask, browser: Browser, change: str) -> None:
    token = unsubscribing.path(cast.bo.id, ["challenges"]).rpartition("/")[2]
    forged = change if "." in change else token[:-2] + change
    assert browser.client.post(f"/unsubscribe/{forged}", data=ONE_CLICK).status_code == 404
    assert unwanted(cast) == set()


def test_the_link_of_a_closed_account_does_nothing(cast: Cast, isolated: Flask) -> None:
    cast.bo.active = False
    db.session.flush()
    with isolated.test_request_context(), pytest.raises(NotFound):
        services.unsubscribe(unsubscribing.Link(cast.bo.id, ("challenges",)))


def test_what_warns_of_a_stranger_is_a_letter_of_its_own_without_such_a_link(cast: Cast, isolated: Flask) -> None:
    with joined():
        tell(cast.bo.id)
        services.notify(
            cast.bo.id, kind=ACCOUNT, key="account:1", path="/balance", params={"currency": "CNY", "ending": "1"}
        )
    run_mail()
    by_link = {bool(letter["List-Unsubscribe"]): letter for letter in letters(isolated)}
    assert set(by_link) == {True, False}
    assert "/unsubscribe/" not in body(by_link[False])
    services.unsubscribe(unsubscribing.Link(cast.bo.id, ()), all_groups=True)
    with joined():
        tell(cast.bo.id, key="tested:3")
        services.notify(
            cast.bo.id, kind=ACCOUNT, key="account:2", path="/balance", params={"currency": "CNY", "ending": "1"}
        )
    run_mail()
    (letter,) = letters(isolated)
    assert letter["List-Unsubscribe"] is None


SECURITY = {
    "accounts.role_granted", "accounts.role_revoked", "accounts.member_role", "accounts.removed", "accounts.joined",
    "accounts.left", "accounts.handed_over", "accounts.you_handed_over", "accounts.export_ready",
    "accounts.organisation_closed", "ledger.account_changed", "cases.warned", "registers.granted",
    "registers.suspended", "registers.resumed", "registers.revoked", "registers.expired",
    "sanctions.decided", "sanctions.begun", "sanctions.ended", "sanctions.lifted", "scoring.left_panel",
}  # fmt: skip
EVERY_KIND = sorted(kind for feature in FEATURES for kind in feature.notifications if not kind.endswith(".tested"))


def test_only_mail_of_security_cannot_be_stopped(cast: Cast, isolated: Flask) -> None:
    """Changes of rights and of payout accounts, and warnings: such mail has no link, and is sent even if the rest is
    stopped.
    """
    services.choose(cast.bo, frequencies=dict.fromkeys(kinds.groups(), "at_once"))
    first = {kind: mailed(isolated, cast, kind, "first") for kind in EVERY_KIND}
    assert {kind for kind, found in first.items() if len(found) != 1} == set()
    for name in ("List-Unsubscribe", "List-Unsubscribe-Post"):
        assert {kind for kind, (letter,) in first.items() if letter[name] is None} == SECURITY
    services.unsubscribe(unsubscribing.Link(cast.bo.id, ()), all_groups=True)
    assert {kind for kind in EVERY_KIND if mailed(isolated, cast, kind, "second")} == SECURITY


def mailed(app: Flask, cast: Cast, kind: str, key: str) -> list[EmailMessage]:
    """What Bo is mailed of a notification."""
    params = told(kind, "x").params
    services.notify(cast.bo.id, kind=kind, key=f"{kind}:{key}", path="/inbox", params=params)
    run_mail()
    return letters(app)


def test_letters_about_the_account_itself_have_no_such_link(cast: Cast, isolated: Flask, browser: Browser) -> None:
    assert browser.post("/account/reset", {"email": cast.bo.email}).status_code in (200, 302, 303)
    run_mail()
    found = letters(isolated)
    assert found
    assert all(letter["List-Unsubscribe"] is None for letter in found)


def test_the_groups_of_a_link_are_those_of_its_letter(isolated: Flask) -> None:
    with isolated.test_request_context():
        token = unsubscribing.path(7, {"ledger", "scoring"}).rpartition("/")[2]
        assert unsubscribing.read(token) == unsubscribing.Link(7, ("ledger", "scoring"))
    assert kinds.group_of(KIND) == "challenges"
