"""Two changes of the rules: one that the council adopted and that is in force, and one on which it votes."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from challenges.rule_set import CHANGE as CLOCKS_CHANGE
from challenges.rule_set import RULES as CLOCKS
from crowd import clock
from crowd.cases import minutes, services
from crowd.cases.workflow import Finding, VoteChoice
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator
from crowd.ledger.fees.rules import AWARD, FEES
from crowd.ledger.fees.rules import CHANGE as FEES_CHANGE
from crowd.procedure import CaseKind
from crowd.rule_sets import RuleSet
from crowd.rules import queries

DAY = timedelta(days=1)
PAPER, OPINION, VOTE = 1, 2, 3
ADOPTED = {
    "what": "决定到期前更早提醒",
    "why": "过去一年有三家发榜单位在最后几天才开始决定，提前7天提醒，留出内部审批的时间。",
}
PENDING = {
    "what": "服务费降到4.5%",
    "why": "平台运行成本连续两个季度低于预算，降低服务费，让更多中小企业发榜。",
}
VOTES = (
    ("gu", VoteChoice.FOR, "提醒早一些，逾期会少一些。"),
    ("heminzhi", VoteChoice.AGAINST, "提醒太早，容易被忘记。"),
    ("karin", VoteChoice.FOR, "Sponsors asked for it in our survey."),
    ("ruth", VoteChoice.FOR, "It costs nobody anything."),
)


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """The oldest first."""
    yield _adopted(end - 90 * DAY)
    yield _pending(end - 4 * DAY)


def _file(of: RuleSet, kind: CaseKind, words: Mapping[str, str], ahead: int, **changed: int) -> str:
    """The public id of a proposal by the service centre."""
    values = {name: str(value) for name, value in ({**queries.in_force(of.name).values, **changed}).items()}
    day = clock.today() + ahead * DAY
    answers = {**words, **values, "applies_on": day.isoformat()}
    return services.file_case(personas.account("eve"), kind.name, str(of.number), answers=answers).public_id


def _adopted(at: datetime) -> Script:
    """By three votes to one; the office has published the minutes."""
    yield working(at)
    case = _file(CLOCKS, CLOCKS_CHANGE, ADOPTED, 30, decision_reminder_days=7)
    yield working(at + DAY)
    paper = "提醒由到期前5天改为7天，只影响此后提交审核的榜题。理事会下周三开会表决。"
    services.conclude(personas.account("lanxin"), case, PAPER, finding=Finding.GIVEN, reasons=paper)
    yield working(at + 2 * DAY)
    opinion = "Two more days do no harm. We would not go beyond ten."
    services.conclude(personas.account("cy"), case, OPINION, finding=Finding.GIVEN, reasons=opinion)
    yield working(at + 6 * DAY)
    _vote(case, VOTES)
    yield working(at + 7 * DAY)
    text = "到会四人，三票赞成，一票反对，无人回避。通过，自提议的施行日起施行。"
    minutes.add(personas.account("lanxin"), case, text=text)


def _pending(at: datetime) -> Script:
    """The papers are there, and the first member has voted."""
    yield working(at)
    case = _file(FEES, FEES_CHANGE, PENDING, 60, **{AWARD: 450})
    yield working(at + DAY)
    paper = "服务费由5%降到4.5%，只影响此后提交审核的榜题。理事会下周三开会表决。"
    services.conclude(personas.account("lanxin"), case, PAPER, finding=Finding.GIVEN, reasons=paper)
    yield working(at + 1.5 * DAY)
    opinion = "没有意见：收费不影响评审。"
    services.conclude(personas.account("xiangnan"), case, OPINION, finding=Finding.GIVEN, reasons=opinion)
    yield working(at + 2 * DAY)
    services.vote(personas.account("ruth"), case, VOTE, choice=VoteChoice.FOR, reasons="The figures are clear.")


def _vote(case: str, votes: Iterable[tuple[str, VoteChoice, str]]) -> None:
    for key, choice, reasons in votes:
        services.vote(personas.account(key), case, VOTE, choice=choice, reasons=reasons)
