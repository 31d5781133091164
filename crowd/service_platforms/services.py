"""What the decision carries out: the organisation is entered, with the departments that have signed."""

from collections.abc import Mapping

from crowd.accounts.entries import DECIDED
from crowd.accounts.models import Organisation
from crowd.audit import SYSTEM
from crowd.cases import queries as cases
from crowd.cases.workflow import Finding
from crowd.db import atomic, db
from crowd.procedure import StepAct
from crowd.registers import services
from crowd.registers.models import RegisterEntry
from crowd.service_platforms.names import REGISTER


@atomic
def enter(case_id: int, organisation_id: int, answers: Mapping[str, str]) -> RegisterEntry | None:
    """Enter the organisation of an application that was granted, or renew its entry; None where it was closed since."""
    if db.session.get_one(Organisation, organisation_id).closed_at is not None:
        return None
    steps = cases.get(case_id).steps
    signed = [one.organisation for one in steps if one.act == StepAct.SIGNATURE and one.finding == Finding.YES]
    data = {"services": answers["services"], "departments": [one.name for one in signed if one is not None]}
    return services.ensure_valid(SYSTEM, REGISTER, organisation_id, data, cause=DECIDED, case_id=case_id)
