"""Names for the operator's pages: subjects and facts of the audit trail, and kinds of jobs.

Tests in `tests/architecture` check every recorded subject and fact, and every job kind.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from crowd.feature import declared
from crowd.money import CURRENCIES
from crowd.web.labels import state_label
from crowd.web.templating import format_money, instant, number, percent

FACTS: dict[str, Any] = {
    "address": _l("Address"),
    "after": _l("After it"),
    "amount": _l("Amount"),
    "appeals_until": _l("Appeal period until"),
    "applied": _l("Booked"),
    "archived": _l("Archived"),
    "assignments": _l("Reviews assigned"),
    "awards": _l("Awards"),
    "back": _l("Returned to the sponsor"),
    "batch": _l("Batch"),
    "before": _l("Before it"),
    "by": _l("By the transfer"),
    "candidates": _l("Experts considered"),
    "challenge_state": _l("State of the challenge"),
    "copied_from": _l("Copied from challenge"),
    "cost": _l("Cost"),
    "created": _l("New"),
    "currency": _l("Currency"),
    "decide_by": _l("Decision due"),
    "digest": "SHA-256",
    "due": _l("Challenges due"),
    "early": _l("Awaiting our own record"),
    "email": _l("Email address"),
    "ended": _l("Sessions ended"),
    "ending": _l("Ending of the account number"),
    "errors": _l("Errors"),
    "fee": _l("Platform fee"),
    "fee_version": _l("Version of the fee schedule"),
    "fields": _l("Fields of the form"),
    "file": _l("File"),
    "files": _l("Files"),
    "findings": _l("Findings"),
    "foreign_id": _l("Number there"),
    "forgotten": _l("Deleted"),
    "from": _l("Before"),
    "kind": _l("Kind"),
    "left_out": _l("Excluded"),
    "letters": _l("Emails"),
    "load": _l("Total reviews"),
    "member": _l("Account of the member"),
    "missing": _l("Missing"),
    "most_open": _l("Most open reviews of one reviewer"),
    "name": _l("Name"),
    "number": _l("Number"),
    "organisation": _l("Organisation"),
    "overdue": _l("Overdue"),
    "owner": _l("Owner"),
    "paid": _l("Paid"),
    "panel": _l("Panel"),
    "party": _l("With whom"),
    "payout": _l("Payout"),
    "payouts": _l("Payouts"),
    "place": _l("Rank"),
    "platform": _l("Platform"),
    "points": _l("Share"),
    "postings": _l("Postings"),
    "prize": _l("Prize"),
    "problems": _l("Lines to check by hand"),
    "proposal": _l("Proposal"),
    "proposals": _l("Proposals"),
    "reason": _l("Reason"),
    "reference": _l("Reference"),
    "refunded": _l("Money returned"),
    "register": _l("Register"),
    "released": _l("No longer needed"),
    "reviewers": _l("Reviewers"),
    "reviews": _l("Reviews of each proposal"),
    "role": _l("Role"),
    "roles": _l("Roles"),
    "rule": _l("Rule"),
    "seed": _l("Seed of the draw"),
    "rival": _l("Takes part with another proposal"),
    "self": _l("Own proposal"),
    "seen": _l("Reconciled"),
    "agency_points": _l("Share of the agency"),
    "shares": _l("Shares"),
    "shown": _l("Message shown"),
    "skipped": _l("Not done"),
    "soon": _l("Due soon"),
    "sponsor": _l("Sponsor"),
    "state": _l("State"),
    "status": _l("HTTP status"),
    "tie": _l("Conflict of interest"),
    "title": _l("Title"),
    "to": _l("After"),
    "told": _l("People notified"),
    "total": _l("Total"),
    "unchanged": _l("Unchanged"),
    "user": _l("Account"),
    "since": _l("In force from"),
    "version": _l("Version"),
    "warnings": _l("Warnings"),
    "without_mail": _l("No emails"),
}
MONEY = {"amount", "back", "cost", "fee", "paid", "total"}
PARTS = {"points", "agency_points"}  # hundredths of a percent
STATES = {"challenge_state", "kind", "role", "roles", "rule", "state"}
COUNTED = MONEY | {"letters", "postings", "told"}  # the others are mostly numbers of things
EMPTY = "–"
_DATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)  # as facts store times
Row = tuple[str, str, Any]


def act_label(verb: str) -> str:
    """A recorded operation in the current language; the operation itself where it has no words."""
    return str(declared().audit.get(verb, verb))


def subject_label(kind: str) -> str:
    """The name of a row of this table; the table's name where there is none."""
    return str(declared().subjects.get(kind, kind))


def job_label(kind: str) -> str:
    """What a job kind does."""
    return str(declared().job_labels.get(kind, kind))


def path_label(path: str) -> str:
    """The path of a rejected request, without the parts of routes that older events contain (`<any(user,…):owner>`)."""
    return re.sub(r"<[^<>]*>", "…", path)


def fact_rows(facts: Mapping[str, Any] | None, currency: str | None = None) -> list[Row]:
    """Facts as (label, code, value) in the reader's language; a value is text, or again such rows.

    `currency` is that of amounts (minor units); without one they are shown as stored.
    """
    return [(_name(name), name, _value(name, value, currency)) for name, value in (facts or {}).items()]


def fact_line(facts: Mapping[str, Any] | None) -> str:
    """Facts on one line, without empty ones."""
    told = [(label, value) for label, _code, value in fact_rows(facts) if value and value != EMPTY]
    return " · ".join(f"{label} {value if isinstance(value, str) else len(value)}" for label, value in told)


def _name(name: str) -> str:
    if name in FACTS:
        return str(FACTS[name])
    return act_label(name) if name in declared().audit else _word(name) or name


def _value(name: str, value: Any, currency: str | None) -> str | list[Row]:
    if isinstance(value, dict) and name == "shares":
        return [(_("Account %(number)s", number=user), "", _text("points", part, None)) for user, part in value.items()]
    if isinstance(value, dict):
        return fact_rows(value, currency)
    if isinstance(value, list):
        return ", ".join(str(one) if isinstance(one, list) else _text(name, one, currency) for one in value) or EMPTY
    return _text(name, value, currency)


def _text(name: str, value: Any, currency: str | None) -> str:
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return _number(name, value, currency)
    if isinstance(value, str) and _DATED.fullmatch(value):
        return instant(datetime.fromisoformat(value))
    if name == "kind" and value in declared().job_labels:
        return job_label(value)
    if name == "address":
        return path_label(value)
    return (_word(value) if name in STATES else "") or str(value)


def _word(value: Any) -> str:
    """The label of a stored state or kind, whichever package declares it; empty where none does."""
    kind = next((kind for kind, labels in declared().labels.items() if value in labels), "")
    return state_label(value, kind) if kind else ""


def _number(name: str, value: int | float, currency: str | None) -> str:
    if name in MONEY and isinstance(value, int) and currency in CURRENCIES:
        return format_money(value, currency, exact=True)
    return percent(value / 10_000) if name in PARTS else number(value) if name in COUNTED else str(value)
