"""A unit of the operator that was added to the shipped ones: its staff, and work that is handed over to it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from crowd.accounts.units import services
from crowd.accounts.units.queries import staffed_units
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator
from crowd.taxonomy import queries as taxonomy
from crowd.taxonomy.schemes import REGION

HENAN = "410000"
NAMES = {"zh_Hans_CN": "河南众包中心", "en": "Henan crowdsourcing centre"}
NOTE = "泵站用户多在洛阳，请河南中心联系核实。"


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """The unit of the last days; one of the verifications that wait is handed over to it."""
    yield _appoint(end - timedelta(days=12))
    yield _hand_over(end - timedelta(hours=3))


def _appoint(at: datetime) -> Script:
    yield working(at)
    adm, region = personas.account("adm"), taxonomy.get_by_code(REGION, HENAN)
    unit = services.add_unit(adm, names=NAMES, region_id=region.id)
    services.add_member(adm, unit.id, user_id=personas.account("luyao").id)


def _hand_over(at: datetime) -> Script:
    yield working(at)
    row, (unit,) = personas.organisation_row("chengjiang"), staffed_units()
    services.hand_over_organisation(personas.account("eve"), row.id, unit_id=unit.id, note=NOTE)
