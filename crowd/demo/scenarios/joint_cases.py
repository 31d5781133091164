"""Bodies at work: an agency that the departments of its region have recognised together, one department being
silent, and a park that waits for a signature; an opinion of the expert committee on a need; a complaint about an agency
that was upheld; a mediation in which both sides agreed; and a rubric template that the expert committee adopted.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from challenges.brief_templates import services as brief_templates
from challenges.brief_templates.adoption import ADOPTION
from challenges.brief_templates.document import TemplateText
from challenges.brief_templates.models import TemplateKind
from challenges.criteria import CriterionLine
from challenges.screening.names import OPINION
from crowd.accounts.complaints import KIND as COMPLAINT
from crowd.accounts.organisations import services as organisations
from crowd.cases import services
from crowd.cases.models import Case
from crowd.cases.workflow import Finding, VoteChoice
from crowd.db import db
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator
from crowd.demo.timeline import challenge_number
from crowd.service_platforms.names import KIND as SERVICE_PLATFORM
from submissions import queries as submissions
from submissions.mediation import KIND as MEDIATION

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DEPARTMENTS = ("zhongyuan-finance", "zhongyuan-market")  # that sign besides the bureau
AGENCY = ("hanzhi", "zhongyuan-acoustics", "管网听漏、旋转机械振动诊断与超声检测",
          "去年服务企业六十三家，出具检测报告四百一十份。")  # fmt: skip
PARK = ("heyan", "heluo-park", "仪器共享机时、入园企业技术需求代发榜", "去年十九家企业使用共享仪器两千三百小时。")

DISPUTE = {
    "what": "榜题结束后，发榜单位不同意我们在论文中使用验证期的发酵数据。",
    "tried": "通过两次电话，对方担心泄露产量。",
    "wanted": "允许在论文中使用温度和二氧化碳曲线。",
}
WEIGHTS = (50, 30, 20)
SOFTWARE = {
    locale: TemplateText(
        name=name,
        criteria=[
            CriterionLine(title=title, description=text, weight=weight)
            for weight, (title, text) in zip(WEIGHTS, lines, strict=True)
        ],
    )
    for locale, name, lines in (
        ("en", "Software", (
            ("Result on hidden data", "Measured on data that the proposal has not seen, by the sponsor's script."),
            ("Reproducible", "Others build and run it from what was submitted, and get the same figures."),
            ("Upkeep", "Tests, documentation, and licences of all parts."),
        )),
        ("zh_Hans_CN", "软件", (
            ("隐藏数据上的结果", "用方案未见过的数据和发榜单位的脚本测得。"),
            ("可复现", "他人用提交的内容即可构建、运行并得到相同结果。"),
            ("可维护", "测试、文档以及各组成部分的许可证。"),
        )),
    )
}  # fmt: skip
VOTES = {
    "cy": "Two panels asked for the second one.",
    "yanbo": "标准清楚，同意。",
    "qinlan": "评审时可以核对，同意。",
}


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """The oldest first."""
    yield _complained(end - 110 * DAY)
    yield _verified(end - 80 * DAY)
    yield _recognised(end - 45 * DAY)
    yield _signed(end - 4 * DAY)
    yield _adopted(end - 40 * DAY)
    yield _mediated(end - 30 * DAY)
    yield _asked(end - 26 * HOUR)


def _act(key: str, case: str, step: int, finding: Finding, reasons: str) -> Case:
    return services.conclude(personas.account(key), case, step, finding=finding, reasons=reasons)


def _complained(at: datetime) -> Script:
    """The agency replies, and the service centre upholds the complaint: the agency's page says so."""
    yield working(at)
    about = str(personas.organisation_row("hemu").id)
    what = {"ground": "late", "what": "窑炉节能诊断报告约定四周，第十周才交付，期间未说明原因。"}
    case = services.file_case(personas.account("jiangyu"), COMPLAINT, about, answers=what).public_id
    yield working(at + 3 * DAY)
    _act("yaomin", case, 1, Finding.GIVEN, "现场测试因停窑推迟，未及时告知，是我们的过失。")
    yield working(at + 6 * DAY)
    _act("luyao", case, 2, Finding.YES, "合同写明四周，延误未告知，投诉成立。")


def _verified(at: datetime) -> Script:
    """The departments that joined later are verified."""
    for key in DEPARTMENTS:
        yield working(at)
        reason = "Compared with the list of public bodies."
        organisations.verify(personas.account("eve"), personas.organisation_row(key).id, reason=reason)


def _recognised(at: datetime) -> Script:
    """Two of three departments sign; the third lets its time pass."""
    yield working(at)
    case, places = _apply(*AGENCY)
    yield working(at + DAY)
    _act("luyao", case, 1, Finding.YES, "材料齐全，转各部门签署。")
    yield working(at + 3 * DAY)
    _act("pia", case, places["yuzhong-bureau"], Finding.YES, "服务记录与台账一致，同意。")
    yield working(at + 5 * DAY)
    _act("heyuan", case, places["zhongyuan-market"], Finding.YES, "检验检测资质在有效期内，同意。")


def _signed(at: datetime) -> Script:
    """One of two departments has signed; the other has some days."""
    yield working(at)
    case, places = _apply(*PARK)
    yield working(at + DAY)
    _act("luyao", case, 1, Finding.YES, "材料齐全，转省级部门签署。")
    yield working(at + 2 * DAY)
    _act("xuning", case, places["zhongyuan-finance"], Finding.YES, "补助使用记录完整，同意。")


def _apply(key: str, organisation: str, offered: str, reached: str) -> tuple[str, Mapping[str, int]]:
    """An application; its number, and the step of each department."""
    about = str(personas.organisation_row(organisation).id)
    answers = {"services": offered, "what": reached}
    case = services.file_case(personas.account(key), SERVICE_PLATFORM, about, answers=answers)
    keys = {personas.organisation_row(one).id: one for one in ("yuzhong-bureau", *DEPARTMENTS)}
    return case.public_id, {keys[one.organisation_id]: one.position for one in case.steps if one.organisation_id}


def _mediated(at: datetime) -> Script:
    """The winner asks about the use of the data of the trial; with the service centre both agree."""
    yield working(at)
    author = personas.account("qiuhe")
    proposal = next(row for row in submissions.submitted(challenge_number("rice-wine")) if row.user_id == author.id)
    case = services.file_case(author, MEDIATION, str(proposal.id), answers=DISPUTE).public_id
    yield working(at + 2 * DAY)
    _act("ruanqing", case, 1, Finding.GIVEN, "数据可以用于论文，但罐号和产量须隐去，发表前请先给我们看。")
    yield working(at + 5 * DAY)
    _act("luyao", case, 2, Finding.YES, "双方同意：隐去罐号和产量后可用于论文，投稿前十天交发榜单位核对。")


def _adopted(at: datetime) -> Script:
    """Eve proposes a rubric for software; three experts vote before the time is over."""
    yield working(at)
    note = "Four sponsors of software wrote the same three criteria."
    number = brief_templates.add(personas.account("eve"), TemplateKind.RUBRIC, SOFTWARE, note=note).id
    case = db.session.scalars(sa.select(Case).where(Case.kind == ADOPTION, Case.subject_id == number)).one().public_id
    for key, reasons in VOTES.items():
        at += DAY
        yield working(at)
        services.vote(personas.account(key), case, 1, choice=VoteChoice.FOR, reasons=reasons)


def _asked(at: datetime) -> Script:
    """Eve asks the expert committee about a need in screening; it goes on as it is."""
    yield working(at)
    about = str(challenge_number("logger-repair"))
    what = {"what": "Can a repair at this depth be tested without opening the logger again?"}
    case = services.file_case(personas.account("eve"), OPINION, about, answers=what).public_id
    yield working(at + 6 * HOUR)
    _act("cy", case, 1, Finding.GIVEN, "Yes, by its noise floor before and after; the challenge asks for both.")
    yield working(at + 20 * HOUR)
    _act("luyao", case, 2, Finding.YES, "The need is clear. It goes on.")
