"""What followers hear: the public facts of a challenge, once each, and nobody what they did or hear of otherwise."""

import re
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from crowd.audit import SYSTEM
from crowd.background import Job
from crowd.db import commit, db
from crowd.following import services as following
from crowd.notifications import kinds
from crowd.notifications.models import Notification
from crowd.taxonomy.models import Term, TermState
from crowd.taxonomy.schemes import FIELD, INDUSTRY, REGION
from crowd.taxonomy.vocabulary import Entry, current, forget
from scoring import services as scoring
from scoring.awards import services as award_services
from scoring.settlement import services as settlement
from submissions import queries as submission_queries
from tests import factories
from tests.cast import Cast, join
from tests.challenges.importing.test_services import LATER, ROW, take
from tests.client import Browser

JOBS = ("challenges.notify_followers", "searches.notify_hits", "awards.notify_followers")
PARAMETERS = {FIELD: "tag", INDUSTRY: "industry", REGION: "region"}


def run_all() -> None:
    for kind in JOBS:
        while factories.run_jobs(kind):
            pass


def opened(cast: Cast) -> Challenge:
    """An open challenge, of whose opening everybody has heard who followed something then."""
    row = factories.opened(cast)
    run_all()
    return row


def heard(person: object) -> list[str]:
    """What a person has heard because they follow something, in order."""
    run_all()
    query = sa.select(Notification.kind).where(Notification.user_id == person.id).order_by(Notification.id)  # type: ignore[attr-defined]
    return [kind.partition(".")[2] for kind in db.session.scalars(query) if kinds.group_of(kind) == kinds.FOLLOWING]


def imported(folder: Path, title: str = "Better batteries") -> Challenge:
    """The record of another platform's challenge, imported, or changed by a second import."""
    take(folder, {**LATER, "challenge-title": title})
    return db.session.scalars(sa.select(Challenge).where(Challenge.title == title)).one()


def decided_for_northlight(cast: Cast) -> Challenge:
    for reviewer in cast.reviewers():
        assert reviewer.id
    row = opened(cast)
    following.follow(cast.dee, "challenge", row.id)
    factories.proposal(cast.nils, row, organisation=cast.northlight)
    factories.closed(cast, row)
    scoring.form_panel(SYSTEM, row.id)
    for assignment in factories.assignments(row):
        factories.review(assignment)
    (winner,) = submission_queries.submitted(row.id)
    prize = row.prizes[0]
    award_services.select_award(cast.ada, row.id, prize_id=prize.id, proposal_id=winner.id, reason="The best.")
    return award_services.decide(cast.ada, row.id)


def test_a_follower_hears_of_each_step_once(cast: Cast) -> None:
    row = decided_for_northlight(cast)
    assert heard(cast.dee) == ["followed_closed", "followed_decided"]
    factories.move_dates(row, appeals_until=row.decided_at)
    settlement.settle(SYSTEM, row.id)
    assert heard(cast.dee) == ["followed_closed", "followed_decided", "followed_settled"]
    assert heard(cast.dee) == ["followed_closed", "followed_decided", "followed_settled"]


def test_a_follower_hears_of_a_cancellation_and_its_public_reason(cast: Cast) -> None:
    row = opened(cast)
    following.follow(cast.dee, "challenge", row.id)
    lifecycle.cancel(cast.ada, row.id, reason="The mains are being replaced.")
    assert heard(cast.dee) == ["followed_cancelled"]
    (told,) = db.session.scalars(sa.select(Notification).where(Notification.user_id == cast.dee.id))
    assert "The mains are being replaced." in kinds.text(told.kind, told.params)


@pytest.mark.parametrize("whom", ["organisation", FIELD, INDUSTRY])
def test_who_follows_the_sponsor_a_field_or_an_industry_hears_of_a_new_challenge(cast: Cast, whom: str) -> None:
    field = current().find(FIELD, "acoustics")
    assert field is not None
    subject = ("organisation", cast.luoyang.id)
    if whom == FIELD:
        subject = ("term", field.id)
    elif whom == INDUSTRY:
        subject = ("term", current().linked(field, INDUSTRY)[0].id)
    following.follow(cast.dee, *subject)
    row = factories.funded(cast, opens_at=None)
    assert row.is_open
    assert heard(cast.dee) == ["followed_opened"]


@pytest.mark.parametrize("above", [0, 1, 2])
def test_who_follows_the_sponsors_region_or_one_above_it_hears_of_a_new_challenge(cast: Cast, above: int) -> None:
    prefecture = next(one for one in current().all(REGION) if len(current().above(one)) > 2)
    cast.luoyang.region_id = prefecture.id
    commit()
    following.follow(cast.dee, "term", current().above(prefecture)[above].id)
    factories.funded(cast, opens_at=None)
    assert heard(cast.dee) == ["followed_opened"]


def test_who_follows_a_merged_field_hears_of_the_field_that_it_became(cast: Cast) -> None:
    field, other = current().find(FIELD, "acoustics"), current().all(FIELD)[-1]
    following.follow(cast.dee, "term", other.id)
    row = db.session.get_one(Term, other.id)
    row.state, row.merged_into_id = TermState.MERGED, field.id
    db.session.flush()
    forget()
    factories.funded(cast, opens_at=None)
    assert heard(cast.dee) == ["followed_opened"]


def test_several_reasons_are_one_notification(cast: Cast) -> None:
    following.follow(cast.dee, "organisation", cast.luoyang.id)
    for name in ("leak detection", "acoustics"):
        entry = current().find(FIELD, name)
        assert entry is not None
        following.follow(cast.dee, "term", entry.id)
    factories.funded(cast, opens_at=None)
    assert heard(cast.dee) == ["followed_opened"]


def test_nobody_hears_of_what_is_not_published(cast: Cast) -> None:
    """Neither of a draft, nor of one that is screened, approved, paid, or cancelled before it opened."""
    following.follow(cast.dee, "organisation", cast.luoyang.id)
    row = factories.funded(cast)
    lifecycle.cancel(cast.eve, row.id, reason="Not this year.")
    assert heard(cast.dee) == []


def test_the_sponsors_people_and_participants_hear_it_once_as_such(cast: Cast) -> None:
    row = opened(cast)
    assert cast.abe.id
    for person in (cast.abe, cast.bo, cast.bea):
        following.follow(person, "challenge", row.id)
    following.follow(cast.abe, "organisation", cast.luoyang.id)
    factories.proposal(cast.bo, row)
    factories.proposal(cast.bea, row, submitted=False)
    factories.closed(cast, row)
    factories.run_jobs("registrations.notify_closed")
    for person in (cast.abe, cast.bo, cast.bea):
        assert heard(person) == []
        closed = sa.select(Notification.kind).where(Notification.user_id == person.id)
        assert [kind for kind in db.session.scalars(closed) if kind.endswith(".closed")] != []


def test_nobody_hears_of_their_own_act(cast: Cast) -> None:
    row = opened(cast)
    following.follow(cast.eve, "challenge", row.id)
    following.follow(cast.dee, "challenge", row.id)
    lifecycle.cancel(cast.eve, row.id, reason="The sponsor asked for it.")
    assert heard(cast.eve) == []
    assert heard(cast.dee) == ["followed_cancelled"]


def test_who_follows_an_agency_hears_of_its_award_but_not_its_own_people(cast: Cast) -> None:
    following.follow(cast.bea, "organisation", cast.northlight.id)
    following.follow(cast.nils, "organisation", cast.northlight.id)
    decided_for_northlight(cast)
    assert heard(cast.bea) == ["followed_award"]
    assert heard(cast.nils) == []


def test_no_text_of_a_proposal_reaches_a_follower(cast: Cast) -> None:
    following.follow(cast.bea, "organisation", cast.northlight.id)
    row = opened(cast)
    following.follow(cast.dee, "challenge", row.id)
    factories.proposal(
        cast.bo, row, title="CANARY title", abstract="CANARY abstract", body="CANARY body that nobody may read."
    )
    factories.closed(cast, row)
    run_all()
    told = db.session.scalars(sa.select(Notification).where(Notification.user_id == cast.dee.id)).all()
    assert told
    assert all("CANARY" not in str(one.params) + kinds.text(one.kind, one.params) for one in told)


def test_the_notification_opens_the_page_that_it_names(cast: Cast, browser: Browser) -> None:
    row = decided_for_northlight(cast)
    run_all()
    browser.sign_in(cast.dee)
    told = db.session.execute(
        sa.select(Notification.id, Notification.path).where(Notification.user_id == cast.dee.id)
    ).all()
    assert {path for _number, path in told} == {f"/challenges/{row.id}", f"/challenges/{row.id}/results"}
    for number, path in told:
        assert browser.get(f"/inbox/{number}").headers["Location"] == path


def test_many_followers_are_notified_in_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "AT_ONCE", 2)
    row = opened(cast)
    people = [cast.dee, cast.bo, cast.bea, cast.cy, cast.gu]
    for person in people:
        following.follow(person, "challenge", row.id)
    factories.closed(cast, row)
    run_all()
    assert [heard(person) for person in people] == [["followed_closed"]] * 5
    jobs = sa.select(sa.func.count()).where(Job.kind == "challenges.notify_followers")
    assert db.session.scalar(jobs) == 1 + 3, "the opening, and two, two and one followers of the close"


def test_who_joins_the_sponsor_is_no_follower_any_more(cast: Cast) -> None:
    row = opened(cast)
    following.follow(cast.dee, "challenge", row.id)
    join(cast.dee, cast.luoyang)
    factories.closed(cast, row)
    assert heard(cast.dee) == []


def test_who_follows_another_platforms_record_hears_of_changes_and_its_end(cast: Cast, tmp_path: Path) -> None:
    number = imported(tmp_path).id
    following.follow(cast.dee, "challenge", number)
    dee = SimpleNamespace(id=cast.dee.id)
    assert heard(dee) == []
    imported(tmp_path, title="Better batteries, again")
    assert heard(dee) == ["followed_changed"]
    lifecycle.archive(SYSTEM, number)
    assert heard(dee) == ["followed_changed", "followed_archived"]


def test_an_import_that_nobody_follows_enqueues_nothing(cast: Cast, tmp_path: Path) -> None:
    imported(tmp_path)
    imported(tmp_path, title="Better batteries, again")
    assert db.session.scalar(sa.select(sa.func.count()).where(Job.kind == "challenges.notify_followers")) == 0


def test_who_follows_another_platforms_agency_hears_of_its_new_records(
    cast: Cast, browser: Browser, tmp_path: Path
) -> None:
    agency = imported(tmp_path).organisation_id
    dee = SimpleNamespace(id=cast.dee.id)
    button = f"/follow/organisation/{agency}"
    assert f'action="{button}"' in browser.sign_in(cast.dee).get(f"/organisations/{agency}").text
    assert browser.post(button).status_code == 303
    imported(tmp_path, title="Better batteries, again")
    assert heard(dee) == [], "a change is heard by those who follow the record"
    take(tmp_path, {**LATER, "challenge-id": "79", "challenge-title": "Better pumps"})
    assert heard(dee) == ["followed_listed"]
    new = db.session.scalars(sa.select(Challenge).where(Challenge.title == "Better pumps")).one()
    assert f"/challenges/{new.id}" in db.session.scalars(sa.select(Notification.path)).all()
    take(tmp_path, {**ROW, "challenge-id": "80", "challenge-title": "Old pumps"})
    assert heard(dee) == ["followed_listed"], "what is over is no news"


def list_of(scheme: str, entry: Entry) -> str:
    """The list of the challenges of a term."""
    return f"/challenges?{PARAMETERS[scheme]}={entry.code if scheme != FIELD else quote(entry.names['en'])}"


@pytest.mark.parametrize("scheme", [FIELD, INDUSTRY, REGION])
@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_a_term_is_followed_from_its_list(cast: Cast, browser: Browser, scheme: str, locale: str) -> None:
    entry = current().all(scheme)[0]
    page = list_of(scheme, entry)
    assert f"/follow/term/{entry.id}" not in browser.get(page).text
    assert quote(page, safe="/?") in re.findall(r"/account/login\?next=([^\"]+)", browser.get(page).text)[-1]
    cast.dee.locale = locale
    commit()
    browser.sign_in(cast.dee)
    text = browser.get(page).text
    assert f'action="/follow/term/{entry.id}"' in text
    assert entry.name(locale) in text
    answer = browser.post(f"/follow/term/{entry.id}", headers={"Referer": f"http://localhost{page}"})
    assert answer.headers["Location"] == page
    assert f'action="/unfollow/term/{entry.id}"' in browser.get(page).text
    assert f"/unfollow/term/{entry.id}" not in Browser(browser.app).sign_in(cast.bea).get(page).text, "not kept for all"


def test_a_list_of_several_terms_or_of_none_has_nothing_to_follow(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.dee)
    two = "&".join(list_of(scheme, current().all(scheme)[0]).partition("?")[2] for scheme in (FIELD, REGION))
    for asked in ("", f"?{two}", "?tag=acoustics&tag=water", "?tag=a+field+of+nobody", "?industry=none-such"):
        assert "/follow/term/" not in browser.get(f"/challenges{asked}").text, asked
