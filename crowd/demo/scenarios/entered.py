"""Registers that the service centre keeps by hand: technology managers of whom one was renewed, one has expired, one is
suspended and one ends soon; and backbone agencies.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from crowd.accounts.kept_registers import AGENCIES, MANAGERS
from crowd.accounts.models import User
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator
from crowd.registers import keeping

KEEPER = "luyao"
TRAINED = "省技术经理人培训结业证书，已核对原件。"


@dataclass(frozen=True)
class Manager:
    """`key` of a person, entered `days` before the end; then (days before the end, operation, reason)."""

    key: str
    days: float
    grade: str
    field: str
    basis: str = TRAINED
    later: tuple[tuple[float, str, str], ...] = ()


PEOPLE = (
    Manager("luojin", 460.4, "senior", "供水管网检漏成果转化",
            later=((101.3, "renew", "一年内促成三项转化，予以续期。"),)),
    Manager("heyao", 430.2, "intermediate", "陶瓷窑炉节能"),
    Manager("linyue", 320.5, "intermediate", "印染废水处理"),
    Manager("caoxi", 210.3, "junior", "环保工艺",
            later=((9.4, "suspend", "一名委托人投诉未如约回复，核查期间中止。"),)),
    Manager("gareth", 88.6, "senior", "Water networks", "Registered with a national body; number checked."),
)  # fmt: skip
FIRMS = (
    ("hemu", 300.7, "检验检测、工艺咨询、中试", "服务能力评审合格，评审表存档。"),
    ("northlight", 250.6, "Measurement and diagnosis", "Capability reviewed on site; report on file."),
)


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """One script for each entry, with what happens to it later."""
    for one in PEOPLE:
        yield _manager(one, end)
    for key, days, services, basis in FIRMS:
        yield _agency(key, end - timedelta(days=days), services, basis)


def _manager(one: Manager, end: datetime) -> Script:
    yield working(end - timedelta(days=one.days))
    data = {"grade": one.grade, "field": one.field, "basis": one.basis}
    holder, reason = personas.person(one.key).email, "材料齐全，准予登记。"
    number = keeping.enter(_keeper(), MANAGERS, holder=holder, data=data, reason=reason).number
    for days, operation, why in one.later:
        yield working(end - timedelta(days=days))
        keeping.keep(_keeper(), MANAGERS, number, operation, reason=why)


def _agency(key: str, at: datetime, services: str, basis: str) -> Script:
    yield working(at)
    holder, data = personas.organisation(key).registration_number, {"services": services, "basis": basis}
    keeping.enter(_keeper(), AGENCIES, holder=holder, data=data, reason="评审通过，准予登记。")


def _keeper() -> User:
    return personas.account(KEEPER)
