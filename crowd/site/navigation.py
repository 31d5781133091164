"""What the layout shows on every page: the main navigation and the account's menu."""

from flask import Flask, request
from flask_babel import gettext as _

from crowd.accounts.models import PlatformRole
from crowd.notifications import queries as notifications
from crowd.web import guards
from crowd.web.templating import route

Link = tuple[str, str, bool]
OPERATORS = (PlatformRole.SERVICE_CENTRE, PlatformRole.ADMINISTRATOR)
READERS = (*OPERATORS, PlatformRole.AUDITOR, PlatformRole.COUNCIL)


def register(app: Flask) -> None:
    """Give templates `navigation()`, `account_menu()` and `acting_for()`."""
    app.context_processor(lambda: {"navigation": main, "account_menu": account, "acting_for": acting_for})


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
    return [(label, url, request.endpoint == end) for label, end in endpoints if (url := route(end))]


def _own(actor: object) -> list[tuple[str, str]]:
    is_any = actor.is_any  # type: ignore[attr-defined]
    pages = [
        (_("Screening"), "challenges.screening", is_any(PlatformRole.SERVICE_CENTRE)),
        (_("Reviews"), "scoring.reviews", is_any(PlatformRole.EXPERT)),
        (_("Finance"), "funding.desk", is_any(PlatformRole.FINANCE)),
        (_("Operation"), "admin.index", is_any(*READERS)),
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
    return [(label, url, count) for label, endpoint, count in pages if (url := route(endpoint))]


def acting_for() -> str | None:
    """The organisation that the person belongs to, beside the name."""
    actor = guards.actor()
    return actor.memberships[0].organisation.name if actor and actor.memberships else None
