"""Digests: what a person wants later is one email, at their hour, in their language and zone, each once."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import background, clock
from crowd.accounts.models import User
from crowd.background import Job
from crowd.db import commit, db
from crowd.ledger.notifications import ACCOUNT
from crowd.notifications import digests, emails, jobs, kinds, queries, services, unsubscribing
from crowd.notifications.kinds import FOLLOWING
from crowd.notifications.models import Digest, Notification, OutgoingEmail
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.notifications.test_headers import told
from tests.crowd.notifications.test_notices import KIND, body, letters, run_mail, tell

MORNING = datetime(2026, 12, 1, 0, 1, tzinfo=UTC)  # a minute after eight in Shanghai, a Tuesday


@pytest.fixture
def evening(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the evening before, in Shanghai."""
    turn_to(monkeypatch, MORNING - timedelta(hours=12))


def turn_to(monkeypatch: pytest.MonkeyPatch, instant: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: instant)


def choose(person: User, frequency: str, *groups: str, quiet: tuple[int, int] | None = None) -> None:
    services.choose(person, frequencies=dict.fromkeys(groups or kinds.groups(), frequency), quiet=quiet)


def credited(cast: Cast) -> None:
    """Bo hears of money, too."""
    kind = "ledger.deposit_credited"
    services.notify(cast.bo.id, kind=kind, key="credited", path="/inbox", params=told(kind, "x").params)


def write() -> int:
    """Write all digests that are due, as the scheduler's job and those that it enqueues do; returns how many emails."""
    after, written = 0, 0
    while after is not None:
        _batch, number, after = digests.write_due(after)
        written += number
    commit()
    return written


@pytest.mark.usefixtures("evening")
def test_what_is_wanted_daily_is_one_email_in_the_morning(
    cast: Cast, isolated: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(cast.bo, "daily")
    for number in range(3):
        tell(cast.bo.id, key=f"tested:{number}")
        run_mail()
    assert letters(isolated) == []
    assert queries.unread_count(cast.bo.id) == 3, "the inbox has them at once"
    assert write() == 0, "it is not due yet"
    turn_to(monkeypatch, MORNING)
    assert [write(), write()] == [1, 0]
    row = db.session.scalars(sa.select(OutgoingEmail)).one()
    assert row.subject == "Quiet pumps <b> was tested, and 2 more"
    assert (row.text or "").count("Quiet pumps <b> was tested") == 3
    turn_to(monkeypatch, MORNING + timedelta(days=1))
    assert write() == 0, "nothing twice"


@pytest.mark.usefixtures("evening")
def test_daily_and_weekly_are_one_email_on_monday(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(cast.bo, "weekly", "challenges")
    choose(cast.bo, "daily", "ledger")
    tell(cast.bo.id)
    run_mail()
    monday = MORNING + timedelta(days=6)
    turn_to(monkeypatch, MORNING)
    assert write() == 0
    turn_to(monkeypatch, monday - timedelta(hours=1))
    credited(cast)
    run_mail()
    turn_to(monkeypatch, monday)
    assert write() == 1
    assert len(db.session.scalars(sa.select(Digest)).all()) == 1


@pytest.mark.usefixtures("evening")
@pytest.mark.parametrize(
    ("locale", "zone", "hour", "words"),
    [("zh_Hans_CN", "Europe/Berlin", 7, "11:00"), ("en", "America/New_York", 13, "05:00"), ("en", "UTC", 8, "10:00")],
)
def test_it_comes_at_the_persons_hour_and_speaks_their_language(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, locale: str, zone: str, hour: int, words: str
) -> None:
    cast.bo.locale, cast.bo.time_zone = locale, zone
    choose(cast.bo, "daily")
    tell(cast.bo.id)
    run_mail()
    due = datetime(2026, 12, 1, hour, tzinfo=UTC) if hour != 13 else datetime(2026, 11, 30, 13, tzinfo=UTC)
    assert db.session.scalars(sa.select(Notification.due_at)).one() == due
    turn_to(monkeypatch, due - timedelta(seconds=1))
    assert write() == 0
    turn_to(monkeypatch, due)
    assert write() == 1
    row = db.session.scalars(sa.select(OutgoingEmail)).one()
    assert row.locale == locale
    assert words in (row.text or "")
    assert ("您好" in (row.text or "")) == (locale == "zh_Hans_CN")


@pytest.mark.usefixtures("evening")
def test_in_quiet_hours_only_what_is_urgent_is_mailed(
    cast: Cast, isolated: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(cast.bo, "at_once", quiet=(19, 7))  # it is one minute past eight in the evening
    tell(cast.bo.id)
    urgent = {"currency": "CNY", "ending": "1"}
    services.notify(cast.bo.id, kind=ACCOUNT, key="account:1", path="/balance", params=urgent)
    run_mail()
    (letter,) = letters(isolated)
    assert letter["List-Unsubscribe"] is None
    turn_to(monkeypatch, MORNING - timedelta(hours=1))
    assert write() == 1
    turn_to(monkeypatch, MORNING)
    tell(cast.bo.id, key="tested:2")
    run_mail()
    assert len(letters(isolated)) == 1, "in the day it is mailed at once"


@pytest.mark.usefixtures("evening")
@pytest.mark.parametrize(("then", "mails"), [("never", 0), ("at_once", 1), ("weekly", 0), ("daily", 0)])
def test_a_new_choice_is_for_what_waits_too(cast: Cast, monkeypatch: pytest.MonkeyPatch, then: str, mails: int) -> None:
    choose(cast.bo, "daily")
    tell(cast.bo.id)
    run_mail()
    choose(cast.bo, then)
    assert write() == mails
    turn_to(monkeypatch, MORNING)
    assert write() == (then == "daily")
    turn_to(monkeypatch, MORNING + timedelta(days=6))
    assert write() == (then == "weekly")


@pytest.mark.usefixtures("evening")
def test_what_waits_is_not_sent_when_the_link_of_an_earlier_email_stops_it(
    cast: Cast, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(cast.bo, "daily")
    tell(cast.bo.id)
    credited(cast)
    run_mail()
    with browser.app.test_request_context():
        path = unsubscribing.path(cast.bo.id, [kinds.group_of(KIND)])
    assert browser.client.post(path).status_code == 200
    turn_to(monkeypatch, MORNING)
    assert write() == 1
    mail = db.session.scalars(sa.select(OutgoingEmail)).one()
    assert "was tested" not in f"{mail.subject} {mail.text}", "only the other group is left"


@pytest.mark.usefixtures("evening")
def test_each_group_is_stopped_alone(
    cast: Cast, isolated: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(cast.bo, "daily")
    tell(cast.bo.id)
    credited(cast)
    run_mail()
    turn_to(monkeypatch, MORNING)
    write()
    text = db.session.scalars(sa.select(OutgoingEmail.text)).one() or ""
    links = [line.rpartition(" ")[2] for line in text.splitlines() if "/unsubscribe/" in line]
    assert len(links) == 2
    assert browser.client.post("/unsubscribe/" + links[0].rpartition("/")[2]).status_code == 200
    chosen = queries.frequencies([cast.bo.id])[cast.bo.id]
    assert sorted([chosen["challenges"], chosen["ledger"]]) == ["daily", "never"]


@pytest.mark.usefixtures("evening")
def test_a_long_digest_says_how_many_more_there_are(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "MAX_ENTRIES", 2)
    choose(cast.bo, "daily")
    for number in range(5):
        tell(cast.bo.id, key=f"tested:{number}")
    run_mail()
    turn_to(monkeypatch, MORNING)
    assert [write(), write()] == [1, 0]
    row = db.session.scalars(sa.select(OutgoingEmail)).one()
    assert row.subject == "Quiet pumps <b> was tested, and 4 more"
    assert "3 more notifications are in your inbox" in (row.text or "")


@pytest.mark.usefixtures("evening")
def test_people_come_in_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "AT_ONCE", 2)
    people = [cast.bo, cast.bea, cast.dee, cast.cy, cast.gu]
    for person in people:
        choose(person, "daily")
    tell(*(person.id for person in people))
    run_mail()
    turn_to(monkeypatch, MORNING)
    assert jobs.write_digests() == {"emails": {"count": 2}}
    queued = db.session.scalars(sa.select(Job).where(Job.kind == "digests.write")).all()
    assert [job.args for job in queued] == [[sorted(person.id for person in people)[1]]]
    assert write() == 3


@pytest.mark.usefixtures("evening")
def test_what_comes_after_todays_digest_waits_for_tomorrows(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction that began before eight and ended after the digest was written: its notification is due as well."""
    choose(cast.bo, "daily")
    tell(cast.bo.id)
    run_mail()
    turn_to(monkeypatch, MORNING)
    assert write() == 1
    late = db.session.scalars(sa.select(Digest)).one().due_at
    tell(cast.bo.id, key="tested:2")
    run_mail()
    db.session.execute(sa.update(Notification).where(Notification.mailed_at.is_(None)).values(due_at=late))
    assert write() == 0, "one digest a day"
    turn_to(monkeypatch, MORNING + timedelta(days=1))
    assert write() == 1


@pytest.mark.usefixtures("evening")
def test_one_that_cannot_be_written_keeps_no_other(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for person in (cast.bo, cast.bea):
        choose(person, "daily")
    tell(cast.bo.id, cast.bea.id)
    run_mail()
    turn_to(monkeypatch, MORNING)
    whole = emails.of_digest

    def fail(person: object, *args: object) -> emails.RenderedEmail:
        if person.id == cast.bo.id:  # type: ignore[attr-defined]
            raise ValueError("broken")
        return whole(person, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(emails, "of_digest", fail)
    assert write() == 1
    monkeypatch.setattr(emails, "of_digest", whole)
    assert write() == 1


@pytest.mark.usefixtures("evening")
def test_a_closed_account_gets_none_and_stays_out_of_the_way(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(cast.bo, "daily")
    tell(cast.bo.id)
    run_mail()
    cast.bo.active = False
    commit()
    turn_to(monkeypatch, MORNING)
    assert [write(), queries.people_due(MORNING, 0, 10)] == [0, {}]


def test_followers_are_told_daily_unless_they_choose(cast: Cast) -> None:
    chosen = queries.frequencies([cast.bo.id])[cast.bo.id]
    assert chosen.pop(FOLLOWING) == "daily"
    assert set(chosen.values()) == {"at_once"}
    assert all(kinds.group_of(kind) == FOLLOWING for kind in kinds.of_group(FOLLOWING))


@pytest.mark.usefixtures("evening")
def test_the_job_sends_what_it_has_written(cast: Cast, isolated: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(cast.bo, "daily")
    tell(cast.bo.id)
    run_mail()
    turn_to(monkeypatch, MORNING)
    background.enqueue("digests.write")
    assert run_mail() == [True]
    assert run_mail() == [True]
    (letter,) = letters(isolated)
    assert letter["To"] == cast.bo.email
    assert "was tested" in body(letter)
    assert "was tested" in body(letter, "html")


def test_a_kind_of_another_group_is_chosen_there() -> None:
    assert kinds.group_of("challenges.followed_opened") == kinds.group_of("scoring.followed_award") == FOLLOWING
    assert kinds.group_of(KIND) == "challenges"


@pytest.mark.usefixtures("evening")
def test_what_was_read_meanwhile_is_not_mailed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(cast.bo, "daily")
    for number in range(3):
        tell(cast.bo.id, key=f"tested:{number}")
    run_mail()
    services.read(cast.bo, queries.recent(cast.bo.id, 1)[0].id)
    turn_to(monkeypatch, MORNING)
    assert write() == 1
    assert db.session.scalars(sa.select(OutgoingEmail)).one().subject == "Quiet pumps <b> was tested, and 1 more"
    tell(cast.bo.id, key="tested:4")
    run_mail()
    services.read_all(cast.bo)
    turn_to(monkeypatch, MORNING + timedelta(days=1))
    assert [write(), queries.people_due(clock.now(), 0, 10)] == [0, {}]


@pytest.mark.usefixtures("evening")
@pytest.mark.parametrize("frequency", ["daily", "weekly"])
@pytest.mark.parametrize("quiet", [None, (1, 2)])
def test_saving_what_stands_already_moves_no_digest(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, frequency: str, quiet: tuple[int, int] | None
) -> None:
    """A digest that is due and not written yet must not wait for a day or a week more; nor for new quiet hours."""
    choose(cast.bo, frequency)
    tell(cast.bo.id)
    run_mail()
    turn_to(monkeypatch, MORNING if frequency == "daily" else MORNING + timedelta(days=6))
    choose(cast.bo, frequency, quiet=quiet)
    assert write() == 1


@pytest.mark.usefixtures("evening")
def test_a_new_choice_about_one_group_moves_no_other(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(cast.bo, "daily")
    tell(cast.bo.id)
    credited(cast)
    run_mail()
    turn_to(monkeypatch, MORNING)
    services.choose(cast.bo, frequencies=dict.fromkeys(kinds.groups(), "daily") | {"ledger": "weekly"})
    assert write() == 1
    row = db.session.scalars(sa.select(OutgoingEmail)).one()
    assert (row.text or "").count("was tested") == 1
    assert queries.people_due(MORNING, 0, 10) == {}
    turn_to(monkeypatch, MORNING + timedelta(days=6))
    assert write() == 1
