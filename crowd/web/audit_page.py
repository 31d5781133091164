"""Recorded operations and jobs on the operator's pages: their words, and their data as rows.

Data is named by what packages declare (`audit_data`), and values that say how they are shown (`crowd.values`) are shown
so; tests in `tests/architecture` check every recorded name.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from crowd.feature import declared
from crowd.web.labels import state_label
from crowd.web.values import is_typed, show

COMMON: dict[str, Any] = {  # names of data that more than one package records
    "address": "URL",
    "after": _l("After it"),
    "amount": _l("Amount"),
    "before": _l("Before it"),
    "created": _l("New"),
    "currency": _l("Currency"),
    "digest": "SHA-256",
    "errors": _l("Errors"),
    "fields": _l("Fields of the form"),
    "file": _l("File"),
    "files": _l("Files"),
    "from": _l("Before"),
    "kind": _l("Kind"),
    "missing": _l("Missing"),
    "name": _l("Name"),
    "number": _l("Number"),
    "organisation": _l("Organisation"),
    "points": _l("Share"),
    "postings": _l("Postings"),
    "problems": _l("Lines to check by hand"),
    "proposal": _l("Proposal"),
    "proposals": _l("Proposals"),
    "reason": _l("Reason"),
    "reference": _l("Reference"),
    "shown": _l("Message shown"),
    "skipped": _l("Not done"),
    "state": _l("State"),
    "status": _l("HTTP status"),
    "title": _l("Title"),
    "to": _l("After"),
    "notified": _l("People notified"),
    "total": _l("Total"),
    "unchanged": _l("Unchanged"),
    "user": _l("Account"),
    "version": _l("Version"),
    "warnings": _l("Warnings"),
}
EMPTY = "–"
Row = tuple[str, str, Any]


def action_label(action: str) -> str:
    """A recorded operation in the current language; the operation itself where it has no words."""
    return str(declared().audit.get(action, action))


def subject_label(kind: str) -> str:
    """The name of a row of this table; the table's name where there is none."""
    return str(declared().subjects.get(kind, kind))


def job_label(kind: str) -> str:
    """What a job kind does."""
    return str(declared().job_labels.get(kind, kind))


def fact_rows(facts: Mapping[str, Any] | None) -> list[Row]:
    """Facts as (label, code, value) in the reader's language; a value is text, or again such rows."""
    return [(_name(name), name, _value(value)) for name, value in (facts or {}).items()]


def fact_line(facts: Mapping[str, Any] | None) -> str:
    """Facts on one line, without empty ones."""
    told = [(label, value) for label, _code, value in fact_rows(facts) if value and value != EMPTY]
    return " · ".join(f"{label} {value if isinstance(value, str) else len(value)}" for label, value in told)


def _name(name: str) -> str:
    """The name of a fact; in counts by operation or state, that of the operation or state."""
    if name in declared().audit_data:
        return str(declared().audit_data[name])
    if name in declared().audit:
        return action_label(name)
    kind = next((kind for kind, labels in declared().labels.items() if name in labels), "")
    return state_label(name, kind) if kind else name


def _value(value: Any) -> str | list[Row]:
    if is_typed(value):
        return show(value, exact=True)
    if isinstance(value, dict) and "by_account" in value:
        return [(_("Account %(number)s", number=user), "", _text(part)) for user, part in value["by_account"].items()]
    if isinstance(value, dict):
        return fact_rows(value)
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value) or EMPTY
    return _text(value)


def _text(value: Any) -> str:
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return show(value, exact=True)
