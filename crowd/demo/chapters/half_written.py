"""What people are in the middle of: drafts with a deadline, a share to agree to, an invitation, a curious look."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO

import sqlalchemy as sa

from challenges.models import Challenge
from crowd import clock
from crowd.accounts.models import MemberRole
from crowd.accounts.organisations import services as organisations
from crowd.db import db
from crowd.demo import company
from crowd.demo.stage import Script, Stage
from crowd.demo.texts import read
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
known stiffness loads the whole edge within three per cent.

## Drawings

See the file. The spring is cut from one sheet.

## Still to write

How the frame behaves at 80 degrees.
"""
GIMBAL = """## 思路

红外相机的视角一偏，同一段管道两次飞行的温度就不能比。我们用被动减振云台把视角误差控制在半度以内。

## 还要补充

云台的图纸和重量。
"""
STIFFNESS = b"ring,newton_per_mm\nA,41.2\nB,40.7\nC,41.9\n"


def scripts(theatre: Stage, end: datetime) -> Iterator[Script]:
    """Two drafts, a share, an invitation, and somebody who looked where there was nothing to see."""
    yield _bo(end - timedelta(days=2, hours=3))
    yield _dee(end - timedelta(days=3, hours=6))
    yield _a_share_for_dee(end - timedelta(days=1, hours=9))
    yield _an_invitation(end - timedelta(days=2, hours=20))
    yield _curious(end - timedelta(days=1, hours=2))


def _challenge(key: str) -> int:
    title = read.challenge(key).title
    return db.session.scalars(sa.select(Challenge.id).where(Challenge.title == title)).one()


def _begin(person: str, key: str, *, title: str, abstract: str, body: str, language: str) -> int:
    """Register and write a first draft; its number."""
    author, number = company.person(person), _challenge(key)
    agency = next((m.organisation_id for m in author.memberships if m.organisation.kind == "agency"), None)
    submissions.register(author, number, organisation_id=agency, accepted=True)
    proposal = submissions.start(author, number).id
    submissions.save(author, proposal, title=title, abstract=abstract, body=body, language=language)
    return proposal


def _bo(at: datetime) -> Script:
    yield at
    abstract = "An infrared flight finds what is warm; ten minutes of sound at two chambers say whether it leaks."
    _begin("bo", "heat-drone", title="Listen where the camera sees heat", abstract=abstract, body=LISTEN, language="en")


def _dee(at: datetime) -> Script:
    """Two evenings' work: the text, then a file."""
    yield at
    proposal = _begin(
        "dee", "membrane-testing", title="A frame that clamps the membrane evenly", language="en", body=FRAME,
        abstract="Most early failures in a test begin at the clamp. A frame with a known spring takes that away.",
    )  # fmt: skip
    yield clock.now() + timedelta(days=1)
    submissions.attach(company.person("dee"), proposal, stream=BytesIO(STIFFNESS), filename="ring-stiffness.csv")


def _a_share_for_dee(at: datetime) -> Script:
    """Kang Li wants Dee for the mechanics, and offers a part of the prize."""
    yield at
    proposal = _begin(
        "kangli", "heat-drone", title="用减振云台让两次飞行可比", language="zh_Hans_CN", body=GIMBAL,
        abstract="把相机视角误差压到半度以内，复飞的温差才有意义。",
    )  # fmt: skip
    wanted = [(company.person("dee").email, 3_000)]
    shares.set_shares(company.person("kangli"), proposal, own=7_000, others=wanted)


def _an_invitation(at: datetime) -> Script:
    """The bureau asks the retired metrologist of the council to join it."""
    yield at
    bureau = company.organisation("yuzhong-bureau").id
    organisations.invite(company.person("pia"), bureau, email=company.person("gu").email, role=MemberRole.MEMBER)


def _curious(at: datetime) -> Script:
    """A sponsor asks for a proposal before the close by its address: refused, and noted."""
    yield at
    sealed = sa.select(Proposal.id).where(Proposal.challenge_id == _challenge("membrane-testing"))
    submissions.note_refusal(company.person("elin"), db.session.scalars(sealed.order_by(Proposal.id).limit(1)).one())
