"""The operator's work on the taxonomy: terms that people wrote, one merged, one retired, one more name of a city."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from crowd.accounts import services as accounts
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator
from crowd.taxonomy import queries, services
from crowd.taxonomy.schemes import FIELD, REGION

OPERATOR = "eve"
WRITTEN = (("cy", "echo sounding"), ("dee", "membrane fouling"))  # who writes a field that is in no list
JOINED = ("echosounding", "acoustics")


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """Changes of the last months; one free term still waits."""
    yield _edit(end - timedelta(days=120))
    for number, (who, field) in enumerate(WRITTEN):
        yield _write(end - timedelta(days=40 - number), who, field)
    yield _join(end - timedelta(days=20))


def _edit(at: datetime) -> Script:
    yield working(at)
    services.merge(personas.account(OPERATOR), queries.get_by_code(FIELD, "noise-control").id, into="noise")
    yield working(at + timedelta(days=1))
    services.retire(
        personas.account(OPERATOR), queries.get_by_code(FIELD, "ideas").id, note="Too broad to choose a panel by"
    )
    yield working(at + timedelta(days=2))
    qingdao = queries.get_by_code(REGION, "370200")
    before = queries.record_of(qingdao)
    changed = replace(before, also=(*before.also, "Tsingtao"))
    services.edit(personas.account(OPERATOR), qingdao.id, changed, note="As in older documents")


def _write(at: datetime, who: str, field: str) -> Script:
    yield working(at)
    person = personas.account(who)
    accounts.edit_profile(
        person, person.id, name=person.name, locale=person.locale, time_zone=person.time_zone, bio=person.bio,
        expertise=[*person.expertise, field],
    )  # fmt: skip


def _join(at: datetime) -> Script:
    yield working(at)
    key, field = JOINED
    services.join(personas.account(OPERATOR), key, into=field)
