"""A unit of the operator that was added to the shipped ones: its staff, and work that is handed over to it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from challenges.screening import queries as screening_queries
from challenges.screening import services as screening
from challenges.screening.models import ChecklistItem
from crowd.accounts.units import services
from crowd.accounts.units.queries import staffed_units
from crowd.accounts.verification.queries import KIND as VERIFICATION
from crowd.cases import services as cases
from crowd.cases.queries import find_pending
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator
from crowd.taxonomy import queries as taxonomy
from crowd.taxonomy.schemes import REGION

HENAN = "410000"
NAMES = {"zh_Hans_CN": "河南众包中心", "en": "Henan crowdsourcing centre"}
ANSWERS = (
    ("Brand", "The text names a product. Say what it must do instead.", True),
    ("品牌", "文中写了具体产品名称，请改写为需要达到的功能和指标。", True),
    ("Weights", "Two criteria measure the same. Join them, or say how they differ.", False),
)
SAMPLES = {
    "zh_Hans_CN": "需要样品的，已写明由谁提供、如何运输。",
    "en": "Where samples are needed, it says who gives and carries them.",
}
WHY = "Two challenges were returned because nobody knew who carries the samples."
NOTE = "泵站用户多在洛阳，请河南中心联系核实。"


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """The unit of the last days; one of the verifications that wait is handed over to it."""
    yield _appoint(end - timedelta(days=12))
    yield _hand_over(end - timedelta(hours=3))
    yield _prepare(end - timedelta(days=20))


def _appoint(at: datetime) -> Script:
    yield working(at)
    adm, region = personas.account("adm"), taxonomy.get_by_code(REGION, HENAN)
    unit = services.add_unit(adm, names=NAMES, region_id=region.id)
    services.add_member(adm, unit.id, user_id=personas.account("luyao").id)
    services.set_lead(adm, unit.id, user_id=personas.account("luyao").id, leads=True)


def _prepare(at: datetime) -> Script:
    """Words that Eve uses again, and a checklist with one item more."""
    yield working(at)
    for name, text, shared in ANSWERS:
        screening.save_answer(personas.account("eve"), heading=name, text=text, shared=shared)
    (shipped,) = screening_queries.checklists()
    items = [*shipped.items, ChecklistItem("", SAMPLES, False)]
    screening.write_checklist(personas.account("adm"), items=items, note=WHY, after=shipped.id)


def _hand_over(at: datetime) -> Script:
    yield working(at)
    case, (unit,) = find_pending(VERIFICATION, personas.organisation_row("chengjiang").id), staffed_units()
    assert case is not None
    cases.hand_over(personas.account("eve"), case.public_id, 1, unit_id=unit.id, note=NOTE)
