"""A park: two firms are members, a third one is invited, and a draft for a member waits for its consent.

Its founder also acts for a government body, so they see for whom they act, and can switch.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from challenges import services as challenges
from challenges.brief import Brief
from challenges.on_behalf import services as on_behalf
from crowd.accounts.parks import services as parks
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator

PARK, FOUNDER = "heluo-park", "heyan"
MEMBERS = {"luojian-water": "ada", "yuan-steel": "duanjun"}  # and who accepts for them
DRAFT = Brief(
    title="为园区循环水管网找出隐蔽漏点",
    summary="园区循环水管网18公里，夜间最小流量逐月上升。寻找不停水的检漏方法，并说明定位误差。",
    problem_statement="## 现状\n\n管网为球墨铸铁管，1998年至2011年分三期建成，埋深1.2至2.6米。"
    "夜间最小流量两年内上升了三成。\n",
    tags=("leak detection", "pipe networks"),
)


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """The members of the first year, an invitation of the last days, and the draft."""
    for number, (firm, owner) in enumerate(MEMBERS.items()):
        yield _member(end - timedelta(days=300 - 40 * number), firm, owner)
    yield _invite(end - timedelta(days=3), "jingrui")
    yield _draft(end - timedelta(days=2))


def _invite(at: datetime, firm: str) -> Script:
    yield working(at)
    park = personas.organisation_row(PARK).id
    parks.invite(personas.account(FOUNDER), park, firm=personas.organisation(firm).registration_number)


def _member(at: datetime, firm: str, owner: str) -> Script:
    yield working(at)
    park = personas.organisation_row(PARK).id
    number = parks.invite(personas.account(FOUNDER), park, firm=personas.organisation(firm).registration_number).id
    yield working(at + timedelta(days=2))
    parks.accept(personas.account(owner), number)


def _draft(at: datetime) -> Script:
    """The park drafts a challenge for the water company, which has not read it yet."""
    yield working(at)
    founder, park = personas.account(FOUNDER), personas.organisation_row(PARK).id
    number = challenges.create(founder, park, brief=DRAFT).id
    firm = personas.organisation_row("luojian-water").id
    on_behalf.choose_firm(founder, number, firm_id=firm)
