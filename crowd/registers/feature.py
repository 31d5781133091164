"""What registers declare: their pages and jobs, and the words of what happens to entries."""

from flask_babel import lazy_gettext as _l

from crowd.feature import Feature
from crowd.registers import api, inspections, labels, notifications, queries, tabs, views
from crowd.registers.personal_data import PERSONAL_DATA, erase

AUDIT = {
    "register.granted": _l("Entered in a register"),
    "register.suspended": _l("Suspended an entry of a register"),
    "register.resumed": _l("Resumed an entry of a register"),
    "register.renewed": _l("Renewed an entry of a register"),
    "register.revoked": _l("Revoked an entry of a register"),
    "register.expired": _l("An entry of a register has expired"),
}
DATA = {
    "entered": _l("Entered"),
    "revoked": _l("Revoked"),
    "documents": _l("Documents"),
}
JOBS = {
    "certificates.make": _l("Make the certificate of an entry"),
    "registers.suspend_inspected": _l("Suspend an entry of a register after an inspection"),
    "registers.expire": _l("Expire an entry of a register at its end"),
    "registers.remind": _l("Remind of the end of an entry of a register"),
}

FEATURE = Feature(
    name="registers",
    blueprints=(views.blueprint, api.blueprint),
    jobs="crowd.registers.jobs",
    job_labels=JOBS,
    commands="crowd.registers.cli",
    audit=AUDIT,
    audit_data=DATA,
    subjects={"register_entry": _l("Entry of a register")},
    labels={
        "register_entry": labels.STATES,
        "register_event": labels.EVENTS,
        "register_origin": labels.ORIGINS,
        "register_cause": inspections.CAUSES,
    },
    case_kinds=inspections.CASE_KINDS,
    notifications=notifications.KINDS,
    notification_group=_l("Registers: entries that are renewed or end soon"),
    personal_data=PERSONAL_DATA,
    erasures=(erase,),
    link_access={"registers.entry": queries.access},
    tabs={"account": tabs.of_account, "administration": tabs.of_administration},
    sections={"registers.": ("results",), "registers.own": ()},
)
