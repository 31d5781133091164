"""A whole row: what it says, what it does not, and that no garbage can break the reading."""

import json
import os
import random
import re
import time
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from challenges.importing.challenge_types import FieldKind
from challenges.importing.errors import NOTES, ImportErrorReason
from challenges.importing.feed import FeedRow, read
from challenges.importing.mapping import Section, understand
from challenges.importing.messages import EXPLANATIONS
from challenges.types import Type
from crowd.money import Money
from tests.challenges.importing.samples import ROW, row

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def reasons(source, now=None):
    return {(problem.field, problem.reason.value) for problem in understand(source, now=now).problems}


def test_a_good_row_is_understood_fully():
    made = understand(ROW, now=NOW)
    assert all(problem.is_note for problem in made.problems)
    assert made.problems == ()
    assert (made.origin_id, made.title) == ("4711", "Quiet Pumps Challenge")
    assert made.summary == "Make water move without the noise & the heat"
    assert made.url == "https://www.challenge.gov/challenge/quiet-pumps/"
    assert made.external_url == ""
    assert made.types == (FieldKind.TECHNOLOGY, FieldKind.SCIENTIFIC)
    assert made.types_given == ("Technology demonstration and hardware; Scientific",)
    assert made.type is Type.PRIZE
    assert (made.prize_total, made.prize_is_limit, made.prize_given) == (Money("USD", 42_500_000), False, "$425,000")
    assert made.opens_at == datetime(2020, 6, 23, 11, 15, tzinfo=UTC)
    assert made.closes_at == datetime(2021, 1, 1, 4, 59, tzinfo=UTC)
    assert made.fiscal_years == (2020, 2021)
    assert list(made.sections) == [Section.NEED, Section.PRIZES, Section.RULES, Section.HOW_TO_ENTER]
    assert made.sections[Section.NEED] == "<h3>The need</h3><p>Pumps are <strong>loud</strong>.</p>"
    assert 'href="https://www.challenge.gov/rules.pdf"' in made.sections[Section.RULES]
    assert "Pumps are loud." in made.text.split("\n")
    with pytest.raises(FrozenInstanceError):
        made.title = "Other"  # type: ignore[misc]


def test_it_is_listed_while_its_dates_run_and_not_after():
    made = understand(ROW)
    assert made.listed_at(datetime(2020, 12, 31, tzinfo=UTC))
    assert not made.listed_at(datetime(2021, 1, 1, 4, 59, tzinfo=UTC))
    endless = row(submission_end="", challenge_status="open")
    assert understand(endless).listed_at(NOW)
    assert not understand(row(submission_end="")).listed_at(NOW)


def test_an_end_before_the_start_is_reported_and_the_end_kept():
    made = understand(row(submission_start="02/01/2021 9:00 AM"))
    assert made.opens_at is None
    assert made.closes_at == datetime(2021, 1, 1, 4, 59, tzinfo=UTC)
    assert ("submission-end", "ends_before_start") in reasons(row(submission_start="12/31/2020 11:59 PM"))


def test_a_status_that_contradicts_the_dates_is_reported_where_the_time_is_known():
    contradiction = ("challenge-status", "status_contradicts_dates")
    assert contradiction in reasons(row(challenge_status="open"), NOW)
    assert contradiction not in reasons(row(challenge_status="open"))
    assert contradiction not in reasons(ROW, NOW)
    assert contradiction in reasons(ROW, datetime(2020, 7, 1, tzinfo=UTC))


def test_an_empty_row_is_a_row_of_problems():
    made = understand({})
    assert made.title == "?"
    assert {problem.reason for problem in made.problems} == {
        ImportErrorReason.NO_TITLE,
        ImportErrorReason.NO_AGENCY,
        ImportErrorReason.DATE_NOT_GIVEN,
        ImportErrorReason.TYPE_NOT_GIVEN,
        ImportErrorReason.PRIZE_NOT_GIVEN,
        ImportErrorReason.TEXT_NOT_GIVEN,
    }
    assert not all(problem.is_note for problem in made.problems)


def test_a_missing_title_is_taken_from_the_address():
    assert understand(row(challenge_title=" ")).title == "Quiet pumps"


def test_fiscal_years():
    assert understand(row(fiscal_year="FY18-FY20")).fiscal_years == (2018, 2019, 2020)
    assert understand(row(fiscal_year="2016; FY17")).fiscal_years == (2016, 2017)
    assert ("fiscal-year", "year_not_understood") in reasons(row(fiscal_year="FY"))


def test_one_line_is_one_line_without_tricks():
    made = understand(row(challenge_title=" Tom &amp;\n\u202e Jerry ", agency="x" * 1000))
    assert made.title == "Tom & Jerry"
    assert len(made.agency) == 300
    assert ("agency", "too_long") in {(problem.field, problem.reason.value) for problem in made.problems}


def test_an_address_that_is_none_is_reported():
    made = understand(row(external_url="javascript:alert(1)", permalink="{{ page.url }}/x"))
    assert (made.url, made.external_url) == ("", "")
    found = {(problem.field, problem.reason.value) for problem in made.problems}
    assert {("external-url", "address_not_understood"), ("permalink", "placeholder")} <= found


def test_the_later_interface_is_understood_as_well():
    made = understand(
        {
            "id": 1288, "title": "Quiet Pumps", "custom_url": "quiet-pumps", "agency_name": "GSA",
            "types": ["Ideas", "Scientific"], "prize_total": 10_000_000, "status": "published",
            "start_date": "2020-06-23T11:15:00Z", "end_date": "2020-12-31T22:00:00Z",
            "federal_partners": [{"id": 1, "name": "NASA"}, {"id": 2, "name": "NOAA"}],
            "description": "<p>Pumps</p>", "fiscal_year": "FY20", "judging_criteria": "<p>Silence</p>",
        }
    )  # fmt: skip
    assert (made.origin_id, made.url) == ("1288", "https://www.challenge.gov/?challenge=quiet-pumps")
    assert made.prize_total == Money("USD", 10_000_000)
    assert made.partners_federal == "NASA, NOAA"
    assert made.opens_at == datetime(2020, 6, 23, 11, 15, tzinfo=UTC)
    assert made.sections[Section.JUDGING] == "<p>Silence</p>"
    assert all(problem.is_note for problem in made.problems)


def test_every_reason_has_words():
    assert set(EXPLANATIONS) == set(ImportErrorReason)
    assert set(ImportErrorReason) > NOTES


GARBAGE = [
    None, True, False, 0, -1, 1e308, 10**30, "", " ", "\0", "\ud800", "{{ 7*7 }}", "<script>x</script>", [], {}, [[]],
    [None], [{"name": None}], {"name": "n"}, "𝟙𝟚/𝟛/𝟜𝟝𝟞𝟟", "9" * 400, "$" * 50, "<" * 200, "&#x110000;&#0;", "\u202e",
    "FY99-FY98", "12/31/9999 11:59 PM", "01/01/0001", "2020/02/30 99:99 PM", "$1,00.5 million to -3", "http://[::1",
    "a:b",
]  # fmt: skip
ALPHABET = "<>&;\"'/=: {}%$,.-0123456789aeimptxzPAMFY\n\0\u00a0é局😀\ud83d"


def mutate(source, chance):
    """A copy of the row with a few fields spoilt: replaced, cut, doubled, or with characters thrown in."""
    made = dict(source)
    for _ in range(chance.randint(1, 4)):
        key = chance.choice(list(made) or ["challenge-id"])
        value = made.get(key)
        way = chance.randint(0, 5)
        if way == 0 or not isinstance(value, str):
            made[key] = chance.choice(GARBAGE)
        elif way == 1:
            made.pop(key)
        elif way == 2:
            made[key] = value[: chance.randint(0, len(value))] * chance.randint(1, 3)
        elif way == 3:
            made[key] = made.get(chance.choice(list(made)))
        else:
            for _ in range(chance.randint(1, 6)):
                at = chance.randint(0, len(value))
                value = value[:at] + chance.choice(ALPHABET) + value[at + chance.randint(0, 2) :]
            made[key] = value
    return made


def test_no_garbage_breaks_the_reading():
    chance = random.Random(20261120)
    good = spoilt = 0.0  # seconds: both are read in turn, so that a busy machine and counted lines slow both down
    for _ in range(2_000):
        source = mutate(ROW, chance)
        started = time.process_time()
        understand(ROW, now=NOW)
        between = time.process_time()
        made = understand(source, now=NOW)
        good, spoilt = good + between - started, spoilt + time.process_time() - between
        for html in made.sections.values():
            assert not re.search(r"<(?!/?(?:p|h[3-6]|strong|em|ul|li|a|code|br|u|q|s)\b)[^>]*>", html), source
            assert not re.search(r"<[^>]*\son\w+=", html), source
        for instant in (made.opens_at, made.closes_at):
            assert instant is None or instant.tzinfo is not None
        assert all(
            isinstance(problem.reason, ImportErrorReason) and len(problem.source) <= 200 for problem in made.problems
        )
        assert made.title
    assert spoilt < 2 * good, "no garbage takes longer to read than what is right"


@pytest.mark.skipif("CROWD_FEED" not in os.environ, reason="CROWD_FEED names no feed to read")
def test_a_real_feed_is_understood():
    feed = read(os.environ["CROWD_FEED"])
    rows = [item for item in feed.rows if isinstance(item, FeedRow)]
    made = [understand(item.source, now=NOW) for item in rows]
    assert len(rows) == len(feed.rows)
    assert all(item.closes_at and item.opens_at for item in made)
    assert all(item.prize_total is not None for item in made if item.prize_given)
    assert not any("site.baseurl" in one.source for item in made for one in item.problems if not one.is_note)
    assert json.dumps([item.source for item in rows], allow_nan=False)
