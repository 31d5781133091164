"""A challenge for invited people only, of a product that is not announced yet, with invitations in every state; and
invitations to public ones: some that ended with the close, and some to a draft, which wait for the opening.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from challenges import services as challenges
from challenges.brief import Brief, PrizeLine
from challenges.criteria import CriterionLine
from challenges.invitations import answers
from challenges.invitations import services as invitations
from challenges.invitations.models import ChallengeInvitation
from challenges.invitations.tokens import token_of
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.visibility import Visibility
from crowd import clock
from crowd.db import db
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Part, Script, Simulator
from crowd.demo.timeline import approve, challenge_number
from crowd.ledger.deposits import services as deposits
from crowd.ledger.workflow import DepositState
from submissions import services as submissions

DAY = timedelta(days=1)
SPONSOR, CENTRE, FIRM = "ada", "luyao", "luojian-water"
ANNOUNCED, DRAFTED, DRAFTING = "leak-hydrants", "valve-noise", "ulrike"
REGISTERED, OPENED, UNOPENED = "luojin", "zouran", "dee"
TITLE = "为尚未发布的新型消火栓寻找防冻取水结构"
DECLINES, WITHDRAWN, WANTS_NONE = "wu@qingyuan-valves.example", "sun@beiyuan-pumps.example", "zhao@huanghe.example"
NO_ANSWER, WAITING = "tan@liangshui.example", "huber@ventilwerk.example"
REASON = "今年的研发任务已经排满，无法按期投入人员。"
MESSAGE = "这款消火栓明年春天发布，此前请勿外传。我们读过您在管网防冻方面的工作，很想看到您的方案。"


def _brief(opens_at: datetime, closes_at: datetime) -> Brief:
    return Brief(
        title=TITLE,
        summary="新型地下式消火栓在零下二十五度时阀座结冰，取水延迟超过两分钟。寻找无需电伴热的结构。",
        problem_statement="## 现状\n\n样机在低温箱内试验十二次，其中五次阀座结冰，开启力矩超过两百牛米。\n\n"
        "## 要求\n\n零下二十五度放置七十二小时后，一人可在三十秒内开启；不用电，不用防冻液。\n",
        tags=("pipe networks", "heat transfer"),
        rights="专利申请权归提出方，本公司获得非独占许可。",
        visibility=Visibility.INVITED,
        prizes=(PrizeLine(title="一等奖", amount=4_000_000),),
        criteria=(
            CriterionLine(title="低温下的可靠性", description="以试验或计算说明。", weight=70),
            CriterionLine(title="单件成本", weight=30),
        ),
        opens_at=opens_at,
        closes_at=closes_at,
    )


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """The public one first: with its email, one says later that they want no invitations."""
    yield _announced(end - 52 * DAY)
    yield _life(end)
    yield _drafted(end - 2 * DAY)


def _announced(at: datetime) -> Script:
    """Two firms hear of an open challenge, and do not answer."""
    yield working(at)
    _invite(SPONSOR, challenge_number(ANNOUNCED), NO_ANSWER, WANTS_NONE)


def _drafted(at: datetime) -> Script:
    yield working(at)
    _invite(DRAFTING, challenge_number(DRAFTED), WAITING)


def _life(end: datetime) -> Script:
    """From the draft to the answers of those who are invited."""
    opens, closes = end - 9 * DAY, end + 16 * DAY
    yield working(end - 17 * DAY)
    firm = personas.organisation_row(FIRM).id
    number = challenges.create(personas.account(SPONSOR), firm, brief=_brief(opens, closes)).id
    lifecycle.submit(personas.account(SPONSOR), number)
    yield working(end - 15 * DAY)
    approve(personas.account(CENTRE), number)
    yield from _paid(number, end - 13 * DAY)
    yield working(end - 11 * DAY)
    known = [personas.person(key).email for key in (REGISTERED, OPENED, UNOPENED)]
    _invite(SPONSOR, number, *known, DECLINES, WITHDRAWN, WANTS_NONE)
    yield working(end - 10 * DAY)
    answers.refuse(None, _token(challenge_number(ANNOUNCED), WANTS_NONE))  # from the earlier email
    yield opens + timedelta(hours=5)
    answers.see(personas.account(OPENED), _token(number, personas.person(OPENED).email))
    registered = personas.account(REGISTERED)
    answers.see(registered, _token(number, registered.email))
    submissions.register(registered, number, accepted=True)
    yield opens + timedelta(days=1, hours=3)
    answers.see(None, _token(number, DECLINES))
    answers.decline(None, _token(number, DECLINES), reason=REASON)
    yield working(opens + 2 * DAY)
    row = _find(number, WITHDRAWN)
    invitations.withdraw(personas.account(SPONSOR), number, row.public_id)


def _paid(number: int, at: datetime) -> Part:
    yield working(at)
    challenge = db.session.get_one(Challenge, number)
    row = deposits.record(
        personas.account("fen"),
        bank_reference=f"{clock.now():%Y%m%d}{number:08d}",
        value_date=clock.today(),
        payer=challenge.organisation.name,
        amount=challenge.cost,
        currency=challenge.currency,
        payment_reference=challenge.payment_reference or "",
    )
    deposit = row.id
    if row.state == DepositState.RECORDED:
        yield working(at + timedelta(hours=4))
        deposits.confirm(personas.account("finn"), deposit)
    yield working(at + DAY)
    deposits.reconcile(personas.account("fen"), deposit)
    return at + DAY


def _invite(sponsor: str, number: int, *addresses: str) -> None:
    people = "\n".join(addresses)
    invitations.invite(personas.account(sponsor), number, people=people, message=MESSAGE if len(addresses) > 3 else "")


def _find(number: int, address: str) -> ChallengeInvitation:
    query = sa.select(ChallengeInvitation).where(
        ChallengeInvitation.challenge_id == number, ChallengeInvitation.address == address
    )
    return db.session.scalars(query).one()


def _token(number: int, address: str) -> str:
    return token_of(_find(number, address))
