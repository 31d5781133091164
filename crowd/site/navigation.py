"""What the layout shows on every page: the main navigation and the account's menu."""

from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from crowd.accounts.models import PlatformRole, User
from crowd.notifications import kinds
from crowd.notifications import queries as notifications
from crowd.web import guards
from crowd.web.acts import act_label
from crowd.web.labels import state_label

Link = tuple[str, str, bool]
OPERATORS = (PlatformRole.SERVICE_CENTRE, PlatformRole.ADMINISTRATOR)
FEES = {"award": _l("prizes that are awarded")}
READERS = (*OPERATORS, PlatformRole.AUDITOR, PlatformRole.COUNCIL)


def register(app: Flask) -> None:
    """Give templates the navigation, and the words for acts, notices and jobs."""
    app.context_processor(lambda: WORDS)
    app.add_template_filter(act_label)
    app.add_template_filter(lambda kind: str(FEES.get(kind, kind)), "fee_label")
    app.add_template_filter(kinds.subject, "notice_subject")
    app.add_template_filter(kinds.text, "notice_text")


def main() -> list[Link]:
    """The main navigation: the same public pages for all, then a person's own by his roles."""
    actor = guards.actor()
    endpoints = [
        (_("Challenges"), "challenges.index"),
        (_("Results"), "scoring.latest"),
        (_("People"), "scoring.people"),
    ]
    if actor is None:
        endpoints += [(_("How it works"), "site.how_it_works"), (_("Fees"), "site.fees")]
    else:
        endpoints.insert(0, (_("Desk"), "site.desk"))
        endpoints += _own(actor)
    return [(label, url_for(endpoint), request.endpoint == endpoint) for label, endpoint in endpoints]


def _own(actor: User) -> list[tuple[str, str]]:
    pages = [
        (_("Screening"), "challenges.screening", actor.is_any(PlatformRole.SERVICE_CENTRE)),
        (_("Reviews"), "scoring.reviews", actor.is_any(PlatformRole.EXPERT)),
        (_("Finance"), "funding.desk", actor.is_any(PlatformRole.FINANCE)),
        (_("Operation"), "admin.index", actor.is_any(*READERS)),
    ]
    return [(label, endpoint) for label, endpoint, shown in pages if shown]


def account() -> list[tuple[str, str, int | None]]:
    """The account's menu: (label, address, count)."""
    actor = guards.actor()
    if actor is None:
        return []
    pages: list[tuple[str, str, int | None]] = [
        (_("Inbox"), "notifications.inbox", notifications.unread_count(actor.id) or None),
        (_("My proposals"), "submissions.mine", None),
        (_("My money"), "ledger.mine", None),
        (_("Organisations"), "accounts.organisations", None),
        (_("Profile"), "accounts.profile", None),
    ]
    if actor.memberships:
        pages.insert(1, (_("Our challenges"), "challenges.mine", None))
    return [(label, url_for(endpoint), count) for label, endpoint, count in pages]


def acting_for() -> str | None:
    """The organisation that the person belongs to, beside the name."""
    actor = guards.actor()
    return actor.memberships[0].organisation.name if actor and actor.memberships else None


def admits(endpoint: str) -> bool:
    """Whether the present person passes the guard of an endpoint, so that no link leads to a refusal."""
    guard, actor = guards.guard_of(current_app, endpoint), guards.actor()
    if guard in ("public", "demonstration"):
        return True
    return actor is not None and (guard == "signed_in" or actor.is_any(*guard))


def job_tabs(states: list[Any], counts: dict[str, int], current: str | None) -> list[Link]:
    """The tabs of the jobs page: every state with its number."""
    return [
        (f"{state_label(state, 'job')} ({counts[state]})", url_for("admin.jobs", state=state), state == current)
        for state in states
    ]


WORDS = {
    "navigation": main,
    "account_menu": account,
    "acting_for": acting_for,
    "admits": admits,
    "job_tabs": job_tabs,
}
