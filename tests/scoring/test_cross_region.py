"""Awards across regions: both sides' regions are fixed in time, and shown only in sums that name nobody."""

import csv
import io
import itertools
import random
from importlib import import_module

import pytest
import sqlalchemy as sa

from challenges.models import Challenge
from crowd.accounts.models import Organisation, User
from crowd.db import db
from crowd.taxonomy.vocabulary import current
from scoring.areas import cross_region
from scoring.models import Award
from tests import factories
from tests.cast import Cast, commit
from tests.client import Browser

QINGDAO, YANTAI, CHENGDU, SHANDONG, CHINA, GERMANY = "370200", "370600", "510100", "370000", "CN", "DE"


def place(code: str, *rows: Organisation | User) -> None:
    """Where these are from now on."""
    region = current().get("region", code)
    assert region is not None
    for row in rows:
        row.region_id = region.id
    commit()


def code_of(region_id: int | None) -> str:
    """The code of a stored region; empty without one."""
    entry = current().by_id(region_id)
    return entry.code if entry else ""


def regions(challenge: Challenge) -> list[str]:
    """The codes that are stored for a challenge and for its awards."""
    awards = db.session.query(Award).filter_by(challenge_id=challenge.id).order_by(Award.id)
    return [code_of(challenge.region_id), *(code_of(award.region_id) for award in awards)]


def sums(browser: Browser) -> dict[tuple[str, str, str], int]:
    """The numbers of awards of the CSV, by level and codes."""
    answer = browser.get("/statistics/regions.csv")
    assert answer.status_code == 200
    rows = csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")))
    return {(row["level"], row["from_code"], row["to_code"]): int(row["awards"]) for row in rows}


def won_by_an_agency(cast: Cast, **changes: object) -> Challenge:
    """Ada's challenge, won by Northlight."""
    row = factories.opened(cast, **changes)
    for reviewer in cast.reviewers():
        assert reviewer.id
    factories.proposal(cast.nils, row, organisation=cast.northlight)
    return decide(cast, row)


def decide(cast: Cast, row: Challenge) -> Challenge:
    """Close it, judge it, and give the first prize to the first proposal."""
    factories.closed(cast, row)
    factories.scoring.form_panel(factories.SYSTEM, row.id)
    for assignment in factories.assignments(row):
        factories.review(assignment)
    winner = factories.submission_queries.submitted(row.id)[0]
    factories.award_services.select_award(
        cast.ada, row.id, prize_id=row.prizes[0].id, proposal_id=winner.id, reason="The best on hidden sites."
    )
    factories.award_services.decide(cast.ada, row.id)
    commit()
    return row


def test_what_is_for_invited_people_only_is_in_no_sum(cast: Cast, browser: Browser) -> None:
    place(QINGDAO, cast.luoyang)
    place(CHENGDU, cast.northlight)
    won_by_an_agency(cast, visibility="invited")
    assert sums(browser) == {}
    won_by_an_agency(cast)
    assert sums(browser)["prefecture", QINGDAO, CHENGDU] == 1


def test_both_regions_stay_what_they_were_when_it_opened_and_was_decided(cast: Cast) -> None:
    place(QINGDAO, cast.luoyang)
    place(YANTAI, cast.northlight)
    place(CHENGDU, cast.nils)
    challenge = won_by_an_agency(cast)
    assert regions(challenge) == [QINGDAO, YANTAI]  # the agency's, not that of its person
    place(GERMANY, cast.luoyang, cast.northlight)
    assert regions(challenge) == [QINGDAO, YANTAI]


def test_a_person_wins_for_their_own_region(cast: Cast) -> None:
    place(YANTAI, cast.bo)
    assert regions(factories.decided(cast, cast.bo, cast.bea)) == ["", YANTAI]


def test_an_award_that_is_only_chosen_has_no_region_and_is_in_no_sum(cast: Cast, browser: Browser) -> None:
    place(QINGDAO, cast.luoyang)
    place(CHENGDU, cast.bo)
    row = factories.judged(cast, cast.bo, cast.bea)
    winner = factories.submission_queries.submitted(row.id)[0]
    factories.award_services.select_award(
        cast.ada, row.id, prize_id=row.prizes[0].id, proposal_id=winner.id, reason="The best on hidden sites."
    )
    commit()
    assert regions(row) == [QINGDAO, ""]
    assert sums(browser) == {}


def test_the_migration_gives_challenges_and_awards_the_regions_of_their_sides(cast: Cast) -> None:
    place(QINGDAO, cast.luoyang)
    place(CHENGDU, cast.bo)
    decided, draft = factories.decided(cast, cast.bo, cast.bea), factories.challenge(cast.ada, cast.luoyang)
    db.session.flush()
    db.session.execute(sa.text("UPDATE challenge SET region_id = NULL"))
    db.session.execute(sa.text("UPDATE award SET region_id = NULL"))
    db.session.execute(sa.text(import_module("migrations.versions.0210_regions").FILL))
    db.session.expire_all()
    assert regions(decided) == [QINGDAO, CHENGDU]
    assert regions(draft) == [""]


def test_awards_are_counted_by_prefecture_province_country_and_tier(cast: Cast, browser: Browser) -> None:
    place(QINGDAO, cast.luoyang)
    place(YANTAI, cast.northlight)
    won_by_an_agency(cast)
    found = sums(browser)
    assert found["prefecture", QINGDAO, YANTAI] == 1
    assert [key for key in found if key[0] in {"province", "country"}] == []  # both lie in Shandong
    here, there = (current().get("region", code) for code in (QINGDAO, YANTAI))
    assert here is not None
    assert there is not None
    assert found["tier", here.attributes.get("tier", ""), there.attributes.get("tier", "")] == 1
    page = browser.get("/statistics/regions").text
    assert "Qingdao" in page
    assert "Yantai" in page
    assert "Yantai" not in browser.get("/statistics/regions?level=country").text


def test_a_region_that_may_hold_the_other_one_is_no_other_region(cast: Cast, browser: Browser) -> None:
    place(QINGDAO, cast.luoyang)
    place(SHANDONG, cast.northlight)
    won_by_an_agency(cast)
    assert sums(browser) == {}
    page = browser.get("/statistics/regions").text
    assert "Shandong" not in page


def test_regions_of_fewer_than_three_people_are_not_shown(cast: Cast, browser: Browser) -> None:
    place(QINGDAO, cast.luoyang)
    people = [factories.user(f"Solver {number}") for number in range(3)]
    place(CHENGDU, *people)
    for number, person in enumerate(people, 1):
        row = factories.opened(cast, title=f"Find leak {number}")
        for reviewer in cast.reviewers():
            assert reviewer.id
        factories.proposal(person, row)
        decide(cast, row)
        named = {key for key in sums(browser) if key[1]}
        assert bool(named) is (number == 3), number
        assert ("Chengdu" in browser.get("/statistics/regions").text) is (number == 3), number
    found = sums(browser)
    assert found["prefecture", QINGDAO, CHENGDU] == 3
    assert found["province", SHANDONG, "510000"] == 3


def test_the_page_is_found_from_the_statistics_and_from_the_industries(cast: Cast, browser: Browser) -> None:
    factories.decided(cast)
    for path in ("/statistics", "/industries"):
        assert 'href="/statistics/regions"' in browser.get(path).text, path


def row(pair: tuple[str, str], people: str, currency: str = "CNY", amount: int = 100) -> cross_region.Decided:
    """Awards of one pair of regions: `people` are letters, or empty for an agency."""
    source, target = (entry.id for side in pair if (entry := current().get("region", side)))
    number = len(people) or 1
    numbers = sorted(map(ord, people))
    return cross_region.Decided(source, target, currency, not people, number, amount * number, numbers)


def tables(rows: list[cross_region.Decided]) -> dict[str, dict[tuple[str, str], int]]:
    """The numbers of awards by level and pair, in one currency."""
    return {level: {one.pair: one.awards for one in sums} for level, sums in cross_region.tables(rows).items()}


SICHUAN, MIANYANG, JINAN = "510000", "510700", "370100"


@pytest.mark.usefixtures("cast")
def test_what_is_left_of_a_shown_pair_is_not_recovered_from_a_coarser_sum() -> None:
    found = tables([row((QINGDAO, CHENGDU), "abc"), row((QINGDAO, MIANYANG), "d")])
    assert found["prefecture"] == {(QINGDAO, CHENGDU): 3}
    assert found["province"] == {(SHANDONG, SICHUAN): 3}, "4 less 3 would be the one who lives in Mianyang"
    more = tables([row((QINGDAO, CHENGDU), "abc"), row((QINGDAO, MIANYANG), "d"), row((JINAN, MIANYANG), "ef")])
    assert more["prefecture"] == {(QINGDAO, CHENGDU): 3}
    assert more["province"] == {(SHANDONG, SICHUAN): 6}, "those left are three people, so they are a group"
    assert sum(more["tier"].values()) == 3, "sums of tiers would split that group"


@pytest.mark.usefixtures("cast")
def test_agencies_always_count_and_hide_nobody() -> None:
    found = tables([row((QINGDAO, CHENGDU), ""), row((QINGDAO, CHENGDU), "ab")])
    assert found["prefecture"] == {(QINGDAO, CHENGDU): 1}
    assert found["country"] == {}


@pytest.mark.usefixtures("cast")
def test_a_group_is_of_people_not_of_awards_and_of_one_currency() -> None:
    assert tables([row((QINGDAO, CHENGDU), "aaaa")])["prefecture"] == {}
    split = [row((QINGDAO, CHENGDU), "ab"), row((QINGDAO, CHENGDU), "c", "EUR")]
    assert tables(split)["province"] == {}


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("seed", range(60))
def test_no_difference_between_sums_is_of_fewer_than_three_people(seed: int) -> None:
    chance = random.Random(seed)
    places = [QINGDAO, JINAN, CHENGDU, MIANYANG, SICHUAN, GERMANY, "FR"]
    pairs = [(one, other) for one, other in (chance.sample(places, 2) for _ in range(chance.randint(1, 4)))]
    people = "abcdefghijklmnop"[: chance.randint(1, 16)]
    rows = [row(chance.choice(pairs), who, amount=2**bit) for bit, who in enumerate(people)]
    # The amount of each award is a bit of its own, so a sum says whose awards are in it.
    sums = [one.amount for each in cross_region.tables(rows).values() for one in each]
    for first, second in itertools.product(sums, repeat=2):
        for part in (first, first & second, first & ~second):
            assert part.bit_count() not in range(1, cross_region.FEWEST), (seed, bin(first), bin(second))
