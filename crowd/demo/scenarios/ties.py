"""Reviewers declare conflicts of interest, when they begin to work for or with somebody."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from crowd.demo import personas
from crowd.demo.simulator import Script, Simulator
from scoring.reviews import services as review_services


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """A script for each declaration: with an organisation, or with a person."""

    def ago(days: float) -> datetime:
        return end - timedelta(days=days)

    yield _with_house(ago(401.4), "cy", "kronhagen", "I measure spindles for them two days a month from now on.")
    yield _with_house(ago(121.2), "lars", "vestkyst", "My institute has a framework contract with their blade crew.")
    yield _with_house(ago(238.6), "xiangnan", "hemu", "今年起担任该中心中试车间的兼职顾问。")
    yield _with_person(ago(96.3), "cy", "joost", "We are calibrating his hydrophones together, under both our names.")
    yield _with_person(ago(71.9), "mengxi", "muyang", "他的博士后合作导师，去年合署发表论文两篇。")


def _with_house(at: datetime, key: str, house: str, note: str) -> Script:
    yield at
    organisation = personas.organisation_row(house).id
    review_services.declare_conflict(personas.account(key), organisation_id=organisation, note=note)


def _with_person(at: datetime, key: str, person: str, note: str) -> Script:
    yield at
    review_services.declare_conflict(personas.account(key), user_id=personas.account(person).id, note=note)
