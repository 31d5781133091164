"""A sanction that the service centre proposed and the council reduced to a warning; and a colleague who is away."""

import io
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from crowd import clock
from crowd.cases import services
from crowd.cases.days_off import services as days_off
from crowd.cases.workflow import Finding, VoteChoice
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator

DAY = timedelta(days=1)
SCREENSHOTS = b"%PDF-1.4\n% Screenshots of five messages\n%%EOF\n"
REPLY, VOTE = 1, 2
RECUSALS = (
    ("karin", VoteChoice.RECUSED, "I took one of these courses."),
    ("ruth", VoteChoice.RECUSED, "One of the five messages came to me."),
)
VOTES = (
    ("gu", VoteChoice.PARTLY, "系首次，且本人已停止，警告即可。"),
    ("heminzhi", VoteChoice.PARTLY, "已停止发送，初次警告足矣。"),
    ("cy", VoteChoice.AGAINST, "Five messages are not enough for me to act on."),
)


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """The oldest first."""
    yield _sanction(end - 12 * DAY)
    yield _away(end - timedelta(hours=20))


def _sanction(at: datetime) -> Script:
    """With evidence and a reply; two of the council are recused, and somebody of the expert committee completes the
    quorum. An appeal is still possible.
    """
    yield working(at)
    answers = {"measure": "suspension_30", "what": "被警告后仍向五名揭榜人私信推销收费课程，截图附后。"}
    case = services.file_case(
        personas.account("luyao"), "person_sanction", str(personas.account("sunyi").id), answers=answers
    ).public_id
    upload = (io.BytesIO(SCREENSHOTS), "screenshots.pdf")
    services.add_entry(personas.account("luyao"), case, text="五段私信的截图。", upload=upload)
    yield working(at + DAY)
    sunyi = personas.account("sunyi")
    services.conclude(sunyi, case, REPLY, finding=Finding.GIVEN, reasons="课程已下架，不会再发。")
    yield working(at + 2 * DAY)
    _vote(case, RECUSALS)
    services.name_substitute(personas.account("eve"), case, VOTE, user_id=personas.account("cy").id)
    yield working(at + 3 * DAY)
    _vote(case, VOTES)


def _vote(case: str, votes: Iterable[tuple[str, VoteChoice, str]]) -> None:
    for key, choice, reasons in votes:
        services.vote(personas.account(key), case, VOTE, choice=choice, reasons=reasons)


def _away(at: datetime) -> Script:
    yield working(at)
    today = clock.today()
    days_off.add(personas.account("luyao"), first_day=today, last_day=today + 6 * DAY)
