"""Technology contracts: five sellers in the year before, whose sum is shown, then of every kind; one refused and filed
again, one that waits.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from crowd.cases import services
from crowd.cases.workflow import Finding
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator
from crowd.technology_contracts.kinds import OF_ORGANISATION, OF_PERSON

DAY = timedelta(days=1)
DATED = (12, 10)  # month and day
SIGNED = 12 * DAY  # before the application
PDF = b"%PDF-1.4\n% Technology contract, signed\n%%EOF\n"
CHECK = 1  # the only step of an application
AS_WRITTEN = "合同类别与技术交易额核对无误，准予登记。"


@dataclass(frozen=True)
class Sale:
    """Filed by `key` `days` before the end; amounts in minor units. `firm` is the seller, or the person where it is
    empty. `refused` is why the first application was refused, for another `kind`.
    """

    key: str
    firm: str
    days: float
    title: str
    kind: str
    field: str
    buyer: str
    amount: int
    technology: int
    currency: str = "CNY"
    waits: bool = False
    refused: str = ""


LAST_YEAR = (  # days before DATED: the year of their registration is over, whenever the scenario runs
    Sale("hanzhi", "zhongyuan-acoustics", 18.4, "管网声学检漏算法开发", "development", "leak-detection",
         "汝阳水务有限公司", 186_000_000, 150_000_000),
    Sale("yaomin", "hemu", 14.6, "印染废水回用工艺开发", "development", "wastewater-treatment",
         "锦澜印染有限公司", 94_000_000, 60_000_050),
    Sale("bo", "northlight", 11.3, "Acoustic logger firmware", "development", "acoustics", "Ruyang Water Co.",
         72_500_000, 72_500_000),
    Sale("jiangyu", "jingrui", 6.2, "辊道窑温度场在线诊断软件开发", "development", "heat-transfer",
         "潮州南窑陶瓷有限公司", 31_000_000, 27_500_000),
    Sale("luojin", "", 1.5, "县城管网水力模型开发", "development", "leak-detection", "洛北水司", 4_600_000, 4_600_000),
)  # fmt: skip
CONTRACTS = (
    Sale("jiangyu", "jingrui", 301.7, "换热器在线诊断技术服务", "service", "heat-transfer", "菏泽城北热力公司",
         18_000_000, 15_000_000),
    Sale("yaomin", "hemu", 244.2, "窑炉余热回收技术咨询", "consulting", "waste-heat-recovery", "洪陶陶瓷有限公司",
         6_800_000, 6_800_000),
    Sale("hanzhi", "zhongyuan-acoustics", 212.5, "声学传感器专利许可", "licence", "sensors", "岚桥仪表有限公司",
         50_000_000, 50_000_000),
    Sale("bo", "northlight", 180.4, "Transfer of a hydrant microphone", "transfer", "acoustics",
         "Baltic Pipes AS", 41_250_000, 38_000_075, currency="EUR"),
    Sale("hanzhi", "zhongyuan-acoustics", 150.3, "阀门泄漏监测系统开发", "development", "leak-detection",
         "济源石化有限公司", 220_000_000, 175_500_000,
         refused="合同内容以系统开发为主，应按技术开发合同申请，请更正类别后重新提交。"),
    Sale("yaomin", "hemu", 121.8, "低浊度水强化混凝技术开发", "development", "water-treatment", "清源自来水公司",
         63_000_000, 45_000_000),
    Sale("jiangyu", "jingrui", 84.6, "换热站节能控制软件开发", "development", "energy-efficiency",
         "郑东热力公司", 39_900_000, 36_600_005),
    Sale("luojin", "", 47.3, "管网漏损控制技术咨询", "consulting", "leak-detection", "洛北水司",
         3_200_000, 3_200_000),
    Sale("bo", "northlight", 1.6, "On-site training for leak surveys", "service", "acoustics", "Ruyang Water Co.",
         9_600_000, 8_000_000, waits=True),
)  # fmt: skip


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """One script for each contract."""
    dated = end.replace(year=end.year - 1, month=DATED[0], day=DATED[1])
    for one in LAST_YEAR:
        yield _life(one, dated - timedelta(days=one.days))
    for one in CONTRACTS:
        yield _life(one, end - timedelta(days=one.days))


def _life(one: Sale, at: datetime) -> Script:
    yield working(at)
    if one.refused:
        case = _file(one, at, "service")
        yield working(at + 4 * DAY)
        _check(case, Finding.NO, one.refused)
        at += 6 * DAY
        yield working(at)
    case = _file(one, at, one.kind)
    if not one.waits:
        yield working(at + 5 * DAY)
        _check(case, Finding.YES, AS_WRITTEN)


def _file(one: Sale, at: datetime, kind: str) -> str:
    about = personas.organisation_row(one.firm) if one.firm else personas.account(one.key)
    answers = {
        "title": one.title, "kind": kind, "field": one.field, "buyer": one.buyer, "parties": "",
        "signed_on": (at - SIGNED).date().isoformat(), "currency": one.currency, "contract_amount": str(one.amount),
        "technology_amount": str(one.technology), "summary": one.title,
    }  # fmt: skip
    name = OF_ORGANISATION if one.firm else OF_PERSON
    upload = (io.BytesIO(PDF), "contract.pdf")
    filed = services.file_case(personas.account(one.key), name, str(about.id), answers=answers, uploads=[upload])
    return filed.public_id


def _check(case: str, finding: Finding, reasons: str) -> None:
    services.conclude(personas.account("luyao"), case, CHECK, finding=finding, reasons=reasons)
