"""The demonstration's scenario: its required contents, and the same totals in each run.

Its totals are in its last event, whatever other tests have done on the platform since.
"""

import json
import re
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from challenges.workflow import ChallengeState
from crowd.config import ROOT
from crowd.demo import office, personas, scenario
from crowd.demo.personas import MAIN
from crowd.demo.texts.read import challenges
from crowd.feature import declared
from tests.browser.running import Platform

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
KEPT = ROOT / "tests" / "browser" / "story.json"
STATES = set(ChallengeState) - {ChallengeState.LISTED, ChallengeState.ARCHIVED}
LANGUAGES = {challenge.title: challenge.language for challenge in challenges()}


@pytest.fixture
def told(platform: Platform) -> dict[str, Any]:
    """The totals of the scenario."""
    return dict(platform.value("SELECT data FROM audit_event WHERE action = 'demo.loaded'"))


def test_it_comes_to_the_same_each_time(told: dict[str, Any]) -> None:
    """`crowd demo --json` prints them as "totals"; store them again from there after an intended change of the
    scenario.
    """
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    assert {name: told[name] for name in kept} == kept


def test_it_ends_at_the_same_hour_whenever_it_is_told() -> None:
    for now in (datetime(2026, 11, 20, 1, 59, tzinfo=UTC), datetime(2026, 11, 19, 2, 0, tzinfo=UTC)):
        assert scenario.ending(now) == datetime(2026, 11, 19, 2, tzinfo=UTC)


def test_there_is_something_in_every_state(told: dict[str, Any]) -> None:
    assert set(told["challenges"]) == STATES
    assert min(told["challenges"].values()) >= 2
    assert sum(told["challenges"].values()) >= 24
    languages = Counter(LANGUAGES.values())
    assert abs(languages["zh"] - languages["en"]) <= 1


def test_it_goes_back_more_than_a_year(platform: Platform) -> None:
    sql = "SELECT count(*) FROM challenge WHERE state = 'settled' AND settled_at < crowd_now() - interval '1 year'"
    assert platform.value(sql) >= 3
    assert platform.value("SELECT min(created_at) < crowd_now() - interval '540 days' FROM \"user\"")


def test_one_was_refunded_one_not_awarded_and_two_share_a_place(told: dict[str, Any], platform: Platform) -> None:
    refunds = "SELECT count(*) FROM transfer t JOIN challenge c ON c.id = t.challenge_id WHERE t.kind = 'refund'"
    assert platform.value(f"{refunds} AND c.state = 'cancelled'") >= 1
    assert told["counts"]["acts"]["challenge.not_awarded"] == 1
    ranks = [[line[0] for line in lines] for lines in told["standings"].values()]
    ties = [[place for place in set(places) if places.count(place) > 1] for places in ranks]
    assert [found for found in ties if found] == [[13]], "of forty, behind all prizes"


def test_one_leads_those_who_answer_and_those_who_review(platform: Platform) -> None:
    """Two with the same points may share a rank further down, but no list begins with many equal ones."""
    for points in ("solving", "reviewing"):
        sql = f"SELECT {points} FROM reputation_total WHERE user_id IS NOT NULL ORDER BY {points} DESC LIMIT 3"
        first, _second, third = (row[0] for row in platform.rows(sql))
        assert first > third > 0


def test_offices_act_in_office_hours(platform: Platform) -> None:
    """Staff, council and sponsors: no action in an evening, at a weekend or on a holiday."""
    sql = (
        'SELECT e.at, e.action, u.email FROM audit_event e JOIN "user" u ON u.id = e.actor_id WHERE u.demonstration '
        "AND e.at <= (SELECT at FROM audit_event WHERE action = 'demo.loaded')"
    )
    inside = {one.email for one in personas.PEOPLE if one.role not in {"solver", "agency", "expert"}}
    acts = [
        (row.at.astimezone(office.CHINA), row.action, row.email) for row in platform.rows(sql) if row.email in inside
    ]
    assert len(acts) > 200
    late = [act for act in acts if not (office.works(act[0].date()) and time(9) <= act[0].time() < time(17, 30))]
    assert late == []


def test_files_are_saved_under_their_names(platform: Platform) -> None:
    """In Chinese, with spaces and umlauts: the given name is the saved name."""
    sql = (
        "SELECT DISTINCT v.proposal_id AS id, f.id AS file, f.name, u.email FROM proposal_file x "
        "JOIN proposal_version v ON v.id = x.version_id JOIN stored_file f ON f.id = x.file_id "
        "JOIN \"user\" u ON u.id = f.owner_id WHERE f.name ~ '[^ -~]'"
    )
    found = platform.rows(sql)
    assert len(found) >= 10
    for row in found:
        answer = platform.ask(f"/proposals/{row.id}/files/{row.file}", row.email)
        assert answer.status == 200
        assert f"filename*=UTF-8''{quote(row.name)}" in str(answer.getheader("Content-Disposition"))


def test_every_comment_is_its_own(platform: Platform) -> None:
    """Those of the scenario, without what other tests wrote since."""
    told_at = "(SELECT at FROM audit_event WHERE action = 'demo.loaded')"
    words = f"SELECT comment FROM review WHERE submitted_at < {told_at}"
    number, distinct = platform.rows(f"SELECT count(*), count(DISTINCT comment) FROM ({words}) AS said")[0]
    assert number == distinct > 250
    own = "SELECT count(*) FROM review r JOIN score s ON s.review_id = r.id WHERE s.comment = r.comment"
    assert platform.value(own) == 0


def test_nothing_looks_wrong_beside_something_else(platform: Platform) -> None:
    """A review is due before the decision, and an organisation's money goes to its own account."""
    late = "SELECT a.id FROM assignment a JOIN challenge c ON c.id = a.challenge_id WHERE a.due_at > c.decided_at"
    assert platform.rows(f"{late} AND c.title = ANY(:titles)", titles=list(LANGUAGES)) == []
    strange = (
        "SELECT y.holder FROM payout_account y LEFT JOIN organisation o ON o.id = y.owner_id AND "
        "y.owner_type = 'organisation' LEFT JOIN \"user\" u ON u.id = y.owner_id AND y.owner_type = 'user' "
        "WHERE y.holder <> coalesce(o.name, u.name) AND y.created_at < "
        "(SELECT at FROM audit_event WHERE action = 'demo.loaded')"
    )
    assert platform.rows(strange) == []


@pytest.mark.parametrize("key", MAIN)
def test_nobody_s_inbox_is_empty_or_forgotten(platform: Platform, key: str) -> None:
    """It is not empty, the newest is unread, and nothing unread is older than ten days."""
    told_at = "(SELECT at FROM audit_event WHERE action = 'demo.loaded')"
    mine = f"FROM notification WHERE user_id = :me AND created_at < {told_at}"
    me = platform.id_of(key)
    assert platform.value(f"SELECT count(*) {mine}", me=me) >= 2
    fresh = f"SELECT count(*) {mine} AND created_at > {told_at} - interval '9 days'"
    assert platform.value(fresh, me=me) >= 1
    old = f"SELECT count(*) {mine} AND read_at IS NULL AND created_at < {told_at} - interval '10 days'"
    assert platform.value(old, me=me) == 0


def test_one_has_forty_proposals_and_twelve_reviewers(told: dict[str, Any]) -> None:
    sizes = {title: (len(lines), len(told["panels"][title])) for title, lines in told["standings"].items()}
    assert (40, 12) in sizes.values()


def test_there_are_people_houses_and_currencies(told: dict[str, Any]) -> None:
    assert told["counts"]["people"] == len(personas.PEOPLE) >= 60
    assert told["counts"]["organisations"] == len(personas.ORGANISATIONS) >= 12
    assert {name.split()[1] for name in told["balances"] if name.startswith("escrow")} == {"CNY", "EUR", "USD"}


def test_open_ones_close_in_three_to_forty_days(platform: Platform) -> None:
    """Those of the scenario: challenges of other tests have titles of their own."""
    sql = (
        "SELECT c.closes_at - e.at FROM challenge c, audit_event e WHERE e.action = 'demo.loaded' "
        "AND c.title = ANY(:titles) AND c.opens_at <= e.at AND c.closes_at > e.at AND c.state <> 'cancelled'"
    )
    left = [row[0] for row in platform.rows(sql, titles=list(LANGUAGES))]
    assert len(left) >= 2
    assert timedelta(days=3) < min(left) <= max(left) < timedelta(days=40)


def test_nothing_of_it_waits_for_workers_and_its_books_are_right(platform: Platform) -> None:
    """What is due by its end has been done; the hours until it is loaded are the platform's, whose workers go on."""
    end = scenario.ending(platform.value("SELECT at FROM audit_event WHERE action = 'demo.loaded'"))
    assert not platform.rows("SELECT id FROM job WHERE state IN ('ready', 'dead') AND run_at <= :end", end=end)
    said = json.loads(platform.command("ledger", "check", "--json").splitlines()[-1])
    assert said["errors"] == 0, said


def test_what_operations_and_jobs_record_has_a_name(platform: Platform) -> None:
    """The audit trail and the page of jobs show no key of a program (totals of the demonstration aside)."""
    sql = (
        "SELECT DISTINCT key FROM (SELECT jsonb_object_keys(data) AS key FROM audit_event "
        "WHERE action <> 'demo.loaded' UNION "
        "SELECT jsonb_object_keys(result) FROM job WHERE jsonb_typeof(result) = 'object') AS keys"
    )
    assert {row[0] for row in platform.rows(sql)} - set(declared().audit_data) == set()


@pytest.mark.parametrize("key", MAIN)
def test_every_desk_has_something_on_it(platform: Platform, key: str) -> None:
    page = platform.ask("/dashboard", key).body.decode()  # type: ignore[attr-defined]
    assert "You have nothing to do" not in page
    assert "No activity that concerns you" not in page


BEGIN_WITH = {  # what the README says is there, counted as it was when the scenario ended
    "ada": (
        "SELECT count(*) FROM challenge c JOIN membership m USING (organisation_id), told "
        "WHERE m.user_id = :me AND c.reviews_in_at < told.at AND (c.decided_at IS NULL OR c.decided_at > told.at)"
    ),
    "bo": (
        "SELECT count(*) FROM proposal p JOIN challenge c ON c.id = p.challenge_id, told WHERE p.user_id = :me "
        "AND p.created_at < told.at AND coalesce(p.submitted_at, 'infinity') > told.at AND c.closes_at > told.at"
    ),
    "cy": (
        "SELECT count(*) = 2 FROM assignment, told WHERE reviewer_id = :me AND created_at < told.at "
        "AND state IN ('pending', 'done') AND coalesce(done_at, 'infinity') > told.at"
    ),
    "eve": (
        "SELECT (data->'challenges'->>'screening')::int = 2 FROM audit_event WHERE action = 'demo.loaded' AND :me > 0"
    ),
    "fen": "SELECT count(*) FROM deposit, told WHERE created_at < told.at AND :me > 0",
}


@pytest.mark.parametrize("key", BEGIN_WITH)
def test_the_readme_s_accounts_have_what_it_says(platform: Platform, key: str) -> None:
    row = re.search(rf"^\| {re.escape(platform.email(key))} .*$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert row
    for path in re.findall(r"`(/\S+)`", row[0]):
        assert platform.ask(path, key).status == 200, path
    told = "WITH told AS (SELECT at FROM audit_event WHERE action = 'demo.loaded') "
    assert platform.value(told + BEGIN_WITH[key], me=platform.id_of(key))
    earned = f"{told} SELECT sum(balance) FROM ledger_account WHERE kind = 'payable' AND (owner_type, owner_id) IN "
    whose = "(SELECT 'organisation', organisation_id FROM membership WHERE user_id = :me)"
    assert key != "bo" or platform.value(earned + whose, me=platform.id_of(key)) > 0
