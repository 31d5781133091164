"""What decisions carry out: a firm is entered; an application falls with an objection that was upheld."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from crowd.audit import SYSTEM
from crowd.cases import proceedings
from crowd.cases import queries as cases
from crowd.cases.models import Case
from crowd.cases.workflow import Finding
from crowd.config import zone
from crowd.db import atomic
from crowd.notifications.emails import in_locale
from crowd.registers import queries, services
from crowd.registers.models import RegisterEntry
from crowd.small_firms.conditions import figures
from crowd.small_firms.kinds import APPLICATION, OBJECTION
from crowd.small_firms.points import points
from crowd.small_firms.register import AGAIN, FIRST, OBJECTED, REGISTER


@atomic
def enter(case_id: int, organisation_id: int, answers: Mapping[str, str]) -> RegisterEntry | None:
    """Enter a firm for the year of its application, in the place of its entry of the year before; None where an
    objection to the application was upheld since it was granted.
    """
    case = cases.get(case_id, lock=True)
    if cases.is_granted_about(OBJECTION, case.id):
        return None
    cause = AGAIN if queries.of_holder(REGISTER, organisation_id) else FIRST
    data = {"year": case.filed_at.astimezone(zone()).year, "points": points(figures(answers)).total}
    return services.ensure_valid(SYSTEM, REGISTER, organisation_id, data, cause=cause, case_id=case.id)


@atomic
def uphold(objection_id: int, application_id: int) -> bool:
    """Refuse the application of the firm that is pending, or revoke the entry that the application led to meanwhile;
    whether there was one of both.
    """
    firm_id = cases.get(application_id, lock=True).subject_id
    if (pending := cases.find_pending(APPLICATION, firm_id)) and (held := cases.get(pending.id, lock=True)).is_pending:
        _refuse(held)
        return True
    for row, _last in queries.of_holder(REGISTER, firm_id):
        if any(event.case_id == application_id for event in queries.history(row.id)):
            services.act(SYSTEM, row, "revoke", cause=OBJECTED, case_id=objection_id)
            return True
    return False


def _refuse(application: Case) -> None:
    """End the time for objections with a no, in the language in which the firm has applied."""
    step = next(step for step in application.steps if step.is_open)
    with in_locale(application.language, str(zone())):
        reasons = str(_("An objection to this application was upheld."))
    proceedings.conclude(SYSTEM, step, Finding.NO, reasons)
