"""Unfinished work: drafts with a deadline, a share to agree to, an invitation, a rejected request."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO

import sqlalchemy as sa

from crowd import clock
from crowd.accounts.models import MemberRole
from crowd.accounts.organisations import services as organisations
from crowd.db import db
from crowd.demo import personas
from crowd.demo.entering import enter
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator
from crowd.demo.timeline import challenge_number
from submissions import services as submissions
from submissions.models import Proposal
from submissions.shares import services as shares

LISTEN = """## Idea

A camera sees where the ground is warm, not why. Wet insulation and a leaking joint look alike from eighty metres. After
the flight we put two recorders on the chambers of each warm stretch and listen for ten minutes: a leak has a voice, wet
wool has none.

## What we have measured

| stretch | warm spots | leaks by ear | leaks dug up |
|---|---|---|---|
| North ring | 14 | 3 | 3 |
| Station road | 9 | 1 | 1 |

## Still to write

The price for a district, and who flies.
"""
FRAME = """## Idea

A membrane that is clamped unevenly dies at its edge, and the test then measures the clamp. A frame with a soft ring of
known stiffness loads the whole edge within three per cent, whoever tightens the screws.

## What I have built

Three rings cut from one sheet of spring steel, 0.8 mm, with twelve waves each. Pressed between two plates on a kitchen
scale of 50 kg, then on a borrowed machine; the file has the numbers.

| ring | stiffness, N/mm | spread around the edge |
|---|---|---|
| A | 41.2 | 2.4 % |
| B | 40.7 | 2.9 % |
| C | 41.9 | 2.6 % |
| four screws, no ring | - | 31 % |

The last line is the present frame, measured with pressure film and a torque wrench.

## What it would change in a test

Cells of one membrane should scatter less, since the edge no longer decides. You ask for a scatter below a third of the
difference between neighbours; with an even edge I expect that to be possible in half the cells.

## Still to write

How the ring behaves at 80 degrees, and whether it gives metal ions to the water.
"""
GIMBAL = """## 思路

红外相机的视角一偏，同一段管道两次飞行的温度就不能比。

我们用被动减振云台把视角误差控制在半度以内，复飞时先对准三个地面标志再拍。

## 已经试过

| 装法 | 视角误差 | 同一点两次温差 |
|---|---|---|
| 硬连接 | 3.1度 | 0.9度 |
| 橡胶垫 | 1.4度 | 0.5度 |
| 被动云台样件 | 0.4度 | 0.2度 |

三种装法在同一条2公里管线上各飞了两遍，间隔一周，天气相近。

## 分工

康砺负责飞行和数据，机械部分请 Dee Larkin 来做，分成按三七开。

## 还要补充

云台的图纸和重量，抗风试验，以及里程碑二的人员安排。
"""
COLLEAGUE = "night.shift@luojian-water.example"  # has no account yet
STIFFNESS = b"ring,newton_per_mm\nA,41.2\nB,40.7\nC,41.9\n"


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """Two drafts, a share, invitations, and a request for a sealed proposal."""
    yield _bo(end - timedelta(days=2, hours=3))
    yield _dee(end - timedelta(days=3, hours=6))
    yield _a_share_for_dee(end - timedelta(days=1, hours=9))
    yield _invited(end - timedelta(days=2, hours=20), by="pia", to="yuzhong-bureau", email=personas.person("gu").email)
    yield _invited(end - timedelta(days=4, hours=18), by="ada", to="luojian-water", email=COLLEAGUE)
    yield _declined(end - timedelta(days=5, hours=2))
    yield _curious(end - timedelta(days=1, hours=2))


def _begin(person: str, key: str, *, title: str, abstract: str, body: str, language: str) -> int:
    """Register and write a first draft; returns its id."""
    author, number = personas.account(person), challenge_number(key)
    enter(author, number, key, signs=False)
    proposal = submissions.start(author, number).id
    submissions.save(author, proposal, title=title, abstract=abstract, body=body, language=language)
    return proposal


def _bo(at: datetime) -> Script:
    yield at
    abstract = (
        "An infrared flight finds what is warm; ten minutes of sound at two chambers say whether it leaks. "
        "Together they save the openings that find nothing but wet wool."
    )
    _begin("bo", "heat-drone", title="Listen where the camera sees heat", abstract=abstract, body=LISTEN, language="en")


def _dee(at: datetime) -> Script:
    """Two evenings' work: the text, then a file."""
    yield at
    proposal = _begin(
        "dee",
        "membrane-testing",
        title="A frame that clamps the membrane evenly",
        language="en",
        body=FRAME,
        abstract="Most early failures in a test begin at the clamp. A frame with a spring of known stiffness takes "
        "that away, so that what is left to fail is the membrane itself.",
    )
    yield clock.now() + timedelta(days=1)
    submissions.attach(personas.account("dee"), proposal, stream=BytesIO(STIFFNESS), filename="ring-stiffness.csv")


def _a_share_for_dee(at: datetime) -> Script:
    """Kang Li invites Dee for the mechanics, and offers a part of the prize."""
    yield at
    proposal = _begin(
        "kangli",
        "heat-drone",
        title="用减振云台让两次飞行可比",
        language="zh_Hans_CN",
        body=GIMBAL,
        abstract="把相机视角误差压到半度以内，复飞的温差才有意义。样件已经飞过，同一点两次温差由0.9度降到0.2度。",
    )
    wanted = [(personas.account("dee").email, 3_000)]
    shares.set_shares(personas.account("kangli"), proposal, own=7_000, others=wanted)


def _invited(at: datetime, *, by: str, to: str, email: str) -> Script:
    """Open invitations: the bureau invites the metrologist, the water company a colleague."""
    yield working(at)
    organisation = personas.organisation_row(to).id
    organisations.invite(personas.account(by), organisation, email=email, role=MemberRole.MEMBER)


def _declined(at: datetime) -> Script:
    """Northlight invites Sara, who declines."""
    yield at
    northlight, sara = personas.organisation_row("northlight").id, personas.account("sara").email
    number = organisations.invite(personas.account("bo"), northlight, email=sara, role=MemberRole.MEMBER).id
    yield clock.now() + timedelta(days=2, hours=5)
    organisations.decline(personas.account("sara"), number)


def _curious(at: datetime) -> Script:
    """A sponsor opens a proposal before the close by its URL: rejected, and recorded."""
    yield working(at)
    sealed = sa.select(Proposal.id).where(Proposal.challenge_id == challenge_number("membrane-testing"))
    submissions.record_denied_access(
        personas.account("elin"), db.session.scalars(sealed.order_by(Proposal.id).limit(1)).one()
    )
