"""What people follow: sponsors, agencies, fields and saved searches, and the digests that they get of them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from challenges import filtering
from challenges.queries import TAKING, Filters
from challenges.searches import services as searches
from crowd.background import enqueue
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator
from crowd.demo.timeline import challenge_number
from crowd.feeds import services as feeds
from crowd.following import services as following
from crowd.taxonomy.schemes import FIELD
from crowd.taxonomy.vocabulary import current

DAYS = 60  # before the end; the digests begin then
MORNINGS = timedelta(minutes=5)  # after midnight in UTC: eight in the morning in China
FOLLOWED = (  # who, a kind, and its key or name
    ("bo", "organisation", "luojian-water"),
    ("bo", "organisation", "nordlys"),
    ("bo", "term", "acoustics"),
    ("dee", "organisation", "northlight"),
    ("dee", "term", "membranes"),
    ("cy", "term", "leak detection"),
    ("pia", "organisation", "luojian-water"),
    ("ada", "organisation", "heze-heat"),
)
OPEN_ONES = (("bo", "heat-drone"), ("dee", "membrane-testing"), ("bo", "membrane-testing"), ("pia", "leak-hydrants"))
SEARCHES = (
    ("bo", "Pipe networks", Filters(question="管网", states=TAKING)),
    ("dee", "Hydrogen", Filters(question="hydrogen")),
)


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """What is followed from the beginning of these days, what is open now, and every morning's digests."""
    yield _begin(end - timedelta(days=DAYS))
    yield _follow_open_ones(end - timedelta(days=2.4))
    yield _mornings(end)


def _begin(at: datetime) -> Script:
    yield working(at)
    for who, kind, what in FOLLOWED:
        following.follow(personas.account(who), kind, _number(kind, what))
    for who, name, filters in SEARCHES:
        searches.save(personas.account(who), name=name, arguments=filtering.arguments(filters))
    feeds.create_link(personas.account("bo"))


def _number(kind: str, what: str) -> int:
    if kind == "organisation":
        return personas.organisation_row(what).id
    entry = current().find(FIELD, what)
    assert entry is not None
    return entry.id


def _follow_open_ones(at: datetime) -> Script:
    yield working(at)
    for who, key in OPEN_ONES:
        following.follow(personas.account(who), "challenge", challenge_number(key))


def _mornings(end: datetime) -> Script:
    """The scheduler's job, once a day: the scenario has no scheduler."""
    first = (end - timedelta(days=DAYS - 1)).replace(hour=0, minute=0) + MORNINGS
    for day in range(DAYS):
        yield first + timedelta(days=day)
        enqueue("digests.write")
