"""What challenges of the demonstration grant in kind: a park gives instrument hours to whoever takes part."""

from dataclasses import dataclass

from challenges.models import Challenge
from challenges.support import services
from challenges.support.workflow import GrantedTo
from crowd.accounts.models import User
from crowd.demo import personas


@dataclass(frozen=True)
class Grant:
    """Of one challenge, by the key of its text; `agrees` is who does for the grantor."""

    grantor: str
    agrees: str
    title: str
    quantity: int
    unit: str
    conditions: str


GRANTS = {
    "casting-binder": Grant(
        grantor="heluo-park",
        agrees="heyan",
        title="中试平台热分析仪机时",
        quantity=16,
        unit="小时",
        conditions="工作日提前三天预约，样品自备，由平台人员操作。",
    ),
}


def write_support(key: str, sponsor: User, row: Challenge) -> None:
    """Write it into the draft; the grantor, who was asked before, agrees."""
    grant = GRANTS.get(key)
    if grant is None:
        return
    line = services.add(
        sponsor, row.id, grantor=personas.organisation_row(grant.grantor).name, title=grant.title,
        quantity=grant.quantity, unit=grant.unit, conditions=grant.conditions, granted_to=GrantedTo.REGISTERED.value,
        valid_days=120,
    )  # fmt: skip
    services.agree(personas.account(grant.agrees), row.id, line.id)
