"""Notifications reach the inbox at once and the mailbox by a job: once, in the reader's language and time zone."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_babel import lazy_gettext as _l

from challenges.notifications import KINDS
from crowd import background
from crowd.background import Job, JobState
from crowd.db import db, joined
from crowd.errors import NotFound
from crowd.notifications import kinds, queries, services
from crowd.notifications.emails import RenderedEmail
from crowd.notifications.feature import FEATURE
from crowd.notifications.models import Notification, OutgoingEmail
from crowd.values import moment, money
from tests.cast import Cast
from tests.client import Browser

KIND = KINDS.define("challenges.tested", _l("%(title)s was tested"), _l("The prize is %(prize)s, until %(until)s."))
FACTS = {
    "title": "Quiet pumps <b>",
    "prize": money(300_000_00, "CNY"),
    "until": moment(datetime(2026, 12, 14, 10, tzinfo=UTC)),
}


def tell(*people: int, key: str = "tested:1") -> None:
    with joined():
        for user_id in people:
            services.notify(user_id, kind=KIND, key=key, path="/challenges", params=FACTS, challenge_id=1)


def run_mail() -> list[bool]:
    """Do the mail jobs that wait, as a worker would."""
    waiting = sa.select(Job.id).where(Job.kind.in_(FEATURE.job_labels), Job.state == JobState.READY)
    return [background.run(job_id) for job_id in list(db.session.scalars(waiting.order_by(Job.id)))]


def letters(app: Flask) -> list[EmailMessage]:
    folder: Path = app.config["CROWD"].data_dir / "mail"
    found = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in folder.glob("*.eml")]
    for path in folder.glob("*.eml"):
        path.unlink()
    return sorted(found, key=lambda letter: str(letter["To"]))


def body(letter: EmailMessage, kind: str = "plain") -> str:
    part = letter.get_body((kind,))
    assert part
    return str(part.get_content())


def test_telling_twice_is_telling_once(cast: Cast) -> None:
    bo = cast.bo.id
    tell(bo)
    tell(bo)
    assert queries.unread_count(bo) == 1
    with pytest.raises(ValueError, match="not a path"):
        services.notify(bo, kind=KIND, key="x", path="//evil.example", params=FACTS)


def test_one_transaction_makes_one_mail_job_and_one_letter_a_person(cast: Cast, isolated: Flask) -> None:
    bo, dee = cast.bo, cast.dee
    dee.locale, dee.time_zone = "zh_Hans_CN", "Europe/Berlin"
    with joined():
        tell(bo.id, dee.id)
        tell(bo.id, key="tested:2")
    assert run_mail() == [True]
    to_bo, to_dee = letters(isolated)
    assert (to_bo["To"], to_dee["To"]) == (bo.email, dee.email)
    assert to_bo["Subject"] == "Quiet pumps <b> was tested, and 1 more"
    assert to_dee["Subject"].startswith("Quiet pumps <b>")
    assert "18:00 China Time" in body(to_bo)
    assert "11:00" in body(to_dee), "ten o'clock UTC in Berlin's winter"
    assert to_dee["Content-Language"] == "zh-CN"
    assert "Quiet pumps &lt;b&gt;" in body(to_bo, "html")
    assert run_mail() == []


def test_what_is_told_later_under_the_same_key_is_mailed_too(cast: Cast, isolated: Flask) -> None:
    tell(cast.bo.id)
    assert run_mail() == [True]
    tell(cast.dee.id)
    assert run_mail() == [True]
    assert {letter["To"] for letter in letters(isolated)} == {cast.bo.email, cast.dee.email}


def test_a_letter_is_written_once_sent_once_and_its_text_forgotten(cast: Cast, isolated: Flask) -> None:
    tell(cast.bo.id)
    batch = db.session.scalars(sa.select(Notification.batch)).one()
    (mail_id,) = services.write_emails(batch)
    assert services.write_emails(batch) == [mail_id], "a second try writes no second letter"
    assert run_mail() == [True]
    (letter,) = letters(isolated)
    row = db.session.scalars(sa.select(OutgoingEmail)).one()
    assert (row.text, row.html) == (None, None)
    assert row.sent_at
    assert letter["Message-ID"] == row.message_id
    assert services.write_emails(batch) == []


def test_who_wants_no_mail_gets_none_but_is_told(cast: Cast, isolated: Flask) -> None:
    services.choose(cast.bo, frequencies={"challenges": "never"})
    tell(cast.bo.id, cast.dee.id)
    run_mail()
    assert [letter["To"] for letter in letters(isolated)] == [cast.dee.email]
    assert queries.unread_count(cast.bo.id) == 1


def test_a_closed_account_is_not_written_to(cast: Cast, isolated: Flask) -> None:
    cast.bo.active = False
    tell(cast.bo.id)
    assert run_mail() == [True]
    assert letters(isolated) == []


def test_a_server_that_is_away_is_tried_again_and_nothing_is_lost(cast: Cast, isolated: Flask) -> None:
    with isolated.app_context():
        settings = isolated.config["CROWD"]
    isolated.config["CROWD"] = replace(settings, mail_url="smtp://127.0.0.1:9?tls=0")
    try:
        mail = RenderedEmail("Hello\nthere", "Text", None)
        services.post_mail(mail, kind="test", recipient="a@crowd.example", locale="en")
        assert run_mail() == [False]
    finally:
        isolated.config["CROWD"] = settings
    job = db.session.scalars(sa.select(Job)).one()
    assert (job.state, job.attempts) == (JobState.READY, 1)
    assert "refused" in (job.last_error or "").lower()
    job.run_at = sa.func.crowd_now()
    db.session.flush()
    assert run_mail() == [True]
    (letter,) = letters(isolated)
    assert (letter["Subject"], body(letter).strip()) == ("Hello there", "Text")


def test_an_email_is_tried_as_often_as_the_operator_says(cast: Cast, isolated: Flask) -> None:
    settings = isolated.config["CROWD"]
    limits = replace(settings.limits, mail_attempts=1)
    isolated.config["CROWD"] = replace(settings, mail_url="smtp://127.0.0.1:9?tls=0", limits=limits)
    try:
        services.post_mail(RenderedEmail("Hello", "Text", None), kind="test", recipient="a@crowd.example", locale="en")
        assert run_mail() == [False]
    finally:
        isolated.config["CROWD"] = settings
    assert db.session.scalars(sa.select(Job)).one().state == JobState.DEAD


def test_the_inbox(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.bo)
    assert "Nothing here yet" in browser.get("/inbox").get_data(as_text=True)
    for number in range(23):
        tell(cast.bo.id, key=f"tested:{number}")
    page = browser.get("/inbox").get_data(as_text=True)
    assert "23 notifications are unread" in page
    assert page.count("Quiet pumps &lt;b&gt; was tested") == 20
    after = page.partition("?after=")[2].partition('"')[0]
    assert browser.get(f"/inbox?after={after}").get_data(as_text=True).count("was tested") == 3
    first = queries.recent(cast.bo.id, 1)[0].id
    assert browser.get(f"/inbox/{first}").headers["Location"] == "/challenges"
    assert queries.unread_count(cast.bo.id) == 22
    assert browser.post(f"/inbox/{first - 1}/read").status_code == 303
    assert queries.unread_count(cast.bo.id) == 21
    assert browser.get("/inbox?show=unread").get_data(as_text=True).count("was tested") == 20
    assert browser.post("/inbox/read").status_code == 303
    assert queries.unread_count(cast.bo.id) == 0


def test_nobody_reads_the_inbox_of_another(cast: Cast, browser: Browser) -> None:
    tell(cast.bo.id)
    first = queries.recent(cast.bo.id, 1)[0].id
    browser.sign_in(cast.dee)
    assert "was tested" not in browser.get("/inbox").get_data(as_text=True)
    assert browser.get(f"/inbox/{first}").status_code == 404
    assert browser.post(f"/inbox/{first}/read").status_code == 404
    with pytest.raises(NotFound):
        services.read(cast.dee, first)
    assert queries.unread_count(cast.bo.id) == 1


def test_preferences_are_kept(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.bo)
    page = browser.get("/inbox/preferences").text
    assert page.count('selected value="at_once"') == len(kinds.groups()) - 1
    assert page.count('selected value="daily"') == 1, "what one follows, once a day"
    assert page.count("<select") == len(kinds.groups()) + 2
    chosen = {f"every_{group}": "weekly" for group in kinds.groups()} | {"every_ledger": "never"}
    assert browser.post("/inbox/preferences", chosen | {"quiet_begins": "22", "quiet_ends": "7"}).status_code == 303
    page = browser.get("/inbox/preferences").text
    assert page.count('selected value="weekly"') == len(kinds.groups()) - 1
    assert all(one in page for one in ('selected value="never"', 'selected value="22"', 'selected value="7"'))


@pytest.mark.parametrize(
    "wrong", [{"every_ledger": "hourly"}, {"quiet_begins": "22"}, {"quiet_begins": "7", "quiet_ends": "7"}]
)
def test_a_choice_that_is_none_is_rejected(cast: Cast, browser: Browser, wrong: dict[str, str]) -> None:
    browser.sign_in(cast.bo)
    chosen = {f"every_{group}": "at_once" for group in kinds.groups()}
    assert browser.post("/inbox/preferences", chosen | wrong).status_code == 422
    assert queries.quiet_hours([cast.bo.id]) == {}
