"""The main personas' roles, in the order for a newcomer."""

from typing import Any

from flask_babel import lazy_gettext as _l

PARTS: dict[str, Any] = {
    "ada": _l("sponsor"),
    "bo": _l("solver, of an agency"),
    "dee": _l("solver, newer here"),
    "cy": _l("reviewer"),
    "eve": _l("service centre"),
    "fen": _l("finance (prepares)"),
    "finn": _l("finance (approves)"),
    "gu": _l("council"),
    "pia": _l("programme officer"),
    "aud": _l("auditor"),
    "adm": _l("administrator"),
}
ROLES: dict[str, Any] = {
    "sponsor": _l("Sponsors"),
    "solver": _l("Solvers"),
    "agency": _l("People of agencies"),
    "expert": _l("Reviewers"),
    "service_centre": _l("Service centre"),
    "finance": _l("Finance"),
    "council": _l("Council"),
    "programme_officer": _l("Programme officers"),
    "auditor": _l("Auditors"),
    "administrator": _l("Administrators"),
}
