"""Reports of abuse in several states: refused, upheld with a warning, withdrawn, and two that wait."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from challenges.discussion.models import ChallengeQuestion
from challenges.discussion.workflow import QuestionState
from crowd.cases import services
from crowd.cases.workflow import Finding
from crowd.db import db
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator

DAY = timedelta(days=1)
REGISTER = b"%PDF-1.4\n% Extract from the register: Northlight Sensing, Trondheim\n%%EOF\n"
REPLY, CHECK = 1, 2  # the steps of a report


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """The oldest first."""
    yield _refused(end - 40 * DAY)
    yield _warned(end - 24 * DAY)
    yield _withdrawn(end - 12 * DAY)
    yield _checked(end - 1.9 * DAY)
    yield _new(end - timedelta(minutes=50))


def _file(key: str, kind: str, about: str, ground: str, what: str) -> str:
    return services.file_case(personas.account(key), kind, about, answers={"ground": ground, "what": what}).public_id


def _act(key: str, case: str, step: int, finding: Finding, reasons: str) -> None:
    services.conclude(personas.account(key), case, step, finding=finding, reasons=reasons)


def _refused(at: datetime) -> Script:
    """The one reported replies, and the service centre finds nothing wrong."""
    yield working(at)
    about = str(personas.organisation_row("hemu").id)
    case = _file("lvping", "organisation_report", about, "false", "介绍中的业绩数量与其官网不一致。")
    yield working(at + DAY)
    _act("yaomin", case, REPLY, Finding.GIVEN, "官网尚未更新，合同清单可供核查。")
    yield working(at + 3 * DAY)
    _act("luyao", case, CHECK, Finding.NO, "已核对合同清单，业绩数量属实。")


def _warned(at: datetime) -> Script:
    """The one reported is silent; the case goes on without a reply, and ends with a warning."""
    yield working(at)
    about = str(personas.account("sunyi").id)
    case = _file("zhaohe", "profile_report", about, "advertising", "简介里曾放过收费课程的广告，私信也在推销。")
    yield working(at + 7 * DAY)
    _act("luyao", case, CHECK, Finding.PARTLY, "广告已由本人删除，情况属实，予以警告。")


def _withdrawn(at: datetime) -> Script:
    yield working(at)
    case = _file("xuanan", "profile_report", str(personas.account("tengfei").id), "copied", "简历似乎抄自他人。")
    yield working(at + timedelta(hours=3))
    services.withdraw(personas.account("xuanan"), case)


def _checked(at: datetime) -> Script:
    """The reply is there, and somebody of the service centre has taken the check."""
    yield working(at)
    case = _file("dee", "question_report", _question(), "advertising", "It offers a service instead of asking.")
    yield working(at + timedelta(hours=20))
    _act("cy", case, REPLY, Finding.GIVEN, "I only wanted to know whether foreign partners are allowed.")
    yield working(at + timedelta(hours=22))
    services.take(personas.account("eve"), case, CHECK, holder=None)
    services.add_entry(
        personas.account("eve"), case, text="Read together with the other questions of that day.", for_bodies=True
    )


def _question() -> str:
    """A question that is published and waits for its answer."""
    query = sa.select(ChallengeQuestion.public_id).where(ChallengeQuestion.state == QuestionState.PUBLISHED)
    return db.session.scalars(query.order_by(ChallengeQuestion.id.desc()).limit(1)).one()


def _new(at: datetime) -> Script:
    """With a file; the one reported has some days to reply."""
    yield working(at)
    about = str(personas.organisation_row("northlight-group").id)
    case = _file("bo", "organisation_report", about, "false", "One letter of the name is Greek and looks like ours.")
    upload = (io.BytesIO(REGISTER), "northlight-register.pdf")
    services.add_entry(personas.account("bo"), case, text="Our entry in the register.", upload=upload)
