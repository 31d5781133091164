"""SMEs in their register: one that was entered again for its second year, one whose end is near, one that an objection
kept out, one that is published now; referrals; and inspections of entries, confirmed, suspended and one that waits.
"""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta

from crowd.accounts.kept_registers import AGENCIES, MANAGERS
from crowd.cases import services
from crowd.cases.workflow import Finding
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator
from crowd.registers import queries
from crowd.registers.inspections import INSPECTION
from crowd.small_firms.kinds import APPLICATION, OBJECTION
from crowd.small_firms.referrals import services as referrals
from crowd.small_firms.register import REGISTER

DAY = timedelta(days=1)
PDF = b"%PDF-1.4\n% Annual report\n%%EOF\n"
STRONG = {
    "staff": "86", "rd_staff": "31", "revenue": "4200000000", "assets": "3850000000", "costs": "3900000000",
    "rd_expenses": "294000000", "class_one": "2", "class_two": "5", "allowed": "yes", "clean": "yes",
}  # fmt: skip
PLAIN = STRONG | {"staff": "240", "rd_staff": "52", "class_one": "0", "class_two": "3", "rd_expenses": "220000000"}


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """One script for each firm and each inspection."""
    yield _entered("jiangyu", "jingrui", end - 392 * DAY, STRONG)
    yield _entered("jiangyu", "jingrui", end - 52 * DAY, STRONG | {"class_two": "6"})
    yield _entered("zhaohe", "heze-heat", end - 330 * DAY, PLAIN)
    yield _entered("shenluo", "yuechuan", end - 210 * DAY, PLAIN | {"class_one": "1"})
    yield _objected(end - 70 * DAY)
    yield _entered("tangke", "kehan", end - 3.2 * DAY, STRONG | {"staff": "64", "rd_staff": "20"})
    yield _inspected(end - 96 * DAY, "hemu", AGENCIES, Finding.NO, "现场核查，服务能力与登记一致，予以确认。")
    yield _inspected(end - 44 * DAY, "yuechuan", REGISTER, Finding.YES, "研发费用辅助账缺失，整改期间中止登记。")
    yield _referred(end - 30 * DAY)
    yield _waiting(end - 1.3 * DAY)


def _apply(key: str, firm: str, answers: dict[str, str]) -> None:
    upload = (io.BytesIO(PDF), "annual-report.pdf")
    about = str(personas.organisation_row(firm).id)
    services.file_case(personas.account(key), APPLICATION, about, answers=answers, uploads=[upload])


def _entered(key: str, firm: str, at: datetime, answers: dict[str, str]) -> Script:
    """Nobody objects: the firm is entered when the time is over."""
    yield working(at)
    _apply(key, firm, answers)


def _objected(at: datetime) -> Script:
    """An objection is upheld while the application is published."""
    yield working(at)
    _apply("ruanqing", "ruoye", PLAIN)
    yield working(at + 2 * DAY)
    about = str(personas.organisation_row("ruoye").id)
    what = {"ground": "figures", "what": "其年报披露的研发人员为十二人，与申报人数不一致。"}
    case = services.file_case(personas.account("xuanan"), OBJECTION, about, answers=what).public_id
    yield working(at + 3 * DAY)
    _act("ruanqing", case, 1, Finding.GIVEN, "申报时误将外协人员计入，愿意更正。")
    yield working(at + 5 * DAY)
    _act("luyao", case, 2, Finding.YES, "核对社保缴纳记录，异议成立。")


def _inspected(at: datetime, firm: str, register: str, finding: Finding, reasons: str) -> Script:
    """One person of the service centre looks, the firm replies, another person decides."""
    yield working(at)
    ((row, _last),) = queries.of_holder(register, personas.organisation_row(firm).id)
    what = {"occasion": "periodic", "what": "年度例行检查：登记内容、人员与材料。"}
    case = services.file_case(personas.account("eve"), INSPECTION, row.number, answers=what).public_id
    yield working(at + 2 * DAY)
    _act("yaomin" if firm == "hemu" else "shenluo", case, 1, Finding.GIVEN, "材料已备齐，请核查。")
    yield working(at + 6 * DAY)
    _act("luyao", case, 2, finding, reasons)


def _referred(at: datetime) -> Script:
    """A fund takes a firm up; an exchange has not answered about another one."""
    yield working(at)
    ((entry, _last),) = queries.of_holder(REGISTER, personas.organisation_row("jingrui").id)
    luyao = personas.account("luyao")
    to = {"target": "fund", "institution": "中原科创种子基金", "note": "请联系投资部，附上研发费用明细。"}
    number = referrals.refer(luyao, entry.number, **to).id
    yield working(at + 6 * DAY)
    referrals.note(personas.account("luyao"), number, operation="answer", said="已收到材料，安排尽调。")
    yield working(at + 21 * DAY)
    referrals.note(personas.account("luyao"), number, operation="take_up", said="投资协议已签，首期款到账。")
    yield working(at + 27 * DAY)
    ((entry, _last),) = queries.of_holder(REGISTER, personas.organisation_row("heze-heat").id)
    eve = personas.account("eve")
    referrals.refer(eve, entry.number, target="listing", institution="中原股权交易中心")


def _waiting(at: datetime) -> Script:
    """The holder has some days to reply."""
    yield working(at)
    ((row, _last),) = queries.of_holder(MANAGERS, personas.account("gareth").id)
    what = {"occasion": "sample", "what": "Three placements of this year, picked at random."}
    services.file_case(personas.account("eve"), INSPECTION, row.number, answers=what)


def _act(key: str, case: str, step: int, finding: Finding, reasons: str) -> None:
    services.conclude(personas.account(key), case, step, finding=finding, reasons=reasons)
