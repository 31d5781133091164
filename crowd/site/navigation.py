"""What the layout shows on every page: the main navigation and the account's menu."""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_babel import gettext as _

from crowd.accounts.models import OrganisationKind, PlatformRole, User
from crowd.accounts.policy import OVERSEERS, STAFF
from crowd.notifications import kinds
from crowd.site.challenge_tabs import places
from crowd.web import audit_page, guards
from crowd.web.audit_page import action_label
from crowd.web.labels import state_label
from crowd.web.templating import locale_aware

Link = tuple[str, str | None, bool]
Place = tuple[str, str, str]
SPONSORS = (OrganisationKind.ENTERPRISE, OrganisationKind.GOVERNMENT)
# The navigation entry of an inner page, by the beginning of its endpoint; the longest match decides.
# Where a person's navigation lacks the first entry, the next one is used.
INNER = {
    "challenges.": ("challenges.index",),
    "challenges.screen": ("challenges.screening", "challenges.index"),
    "challenges.new": ("challenges.mine",),
    "challenges.edit": ("challenges.mine",),
    "challenges.cost": ("challenges.mine",),
    "funding.": ("challenges.mine", "ledger.overview", "challenges.index"),
    "funding.invoice": ("challenges.mine", "ledger.overview"),
    "funding.transfers": ("challenges.index",),
    "ledger.": ("ledger.overview", "admin.index", "site.dashboard"),
    "ledger.mine": ("site.dashboard",),
    "ledger.organisation": ("site.dashboard",),
    "ledger.withdraw": ("site.dashboard",),
    "ledger.payout_account": ("site.dashboard",),
    "ledger.fees": (),
    "ledger.new_fees": ("ledger.fees", "site.dashboard"),
    "submissions.": ("submissions.mine", "challenges.index"),
    "submissions.register": ("challenges.index",),
    "shares.": ("submissions.mine", "challenges.index"),
    "scoring.review": ("scoring.reviews",),
    "scoring.declared_conflicts": ("scoring.reviews",),
    "scoring.panel": ("challenges.index",),
    "scoring.ranking": ("challenges.index",),
    "scoring.awards": ("challenges.index",),
    "scoring.feedback": ("submissions.mine", "challenges.index"),
    "scoring.results": ("scoring.latest",),
    "scoring.person": ("scoring.people",),
    "scoring.organisation": ("scoring.people",),
    "admin.": ("admin.index",),
    "accounts.people_admin": ("admin.index",),
    "accounts.person_admin": ("admin.index",),
    "accounts.organisations_admin": ("admin.index",),
}


def register(app: Flask) -> None:
    """Give templates the navigation, and the names of operations, notifications and jobs."""
    app.jinja_env.globals.update(WORDS)
    filters: dict[str, Callable[..., Any]] = {
        "action_label": action_label,
        "notice_subject": kinds.subject,
        "notice_text": kinds.text,
        "subject_label": audit_page.subject_label,
        "job_label": audit_page.job_label,
        "fact_rows": audit_page.fact_rows,
        "fact_line": audit_page.fact_line,
        "path_label": audit_page.path_label,
    }
    for name, function in filters.items():
        app.add_template_filter(locale_aware(function), name)


def main() -> list[Place]:
    """The main navigation: the same public pages for all, then a person's own by their roles.

    Each is (label, URL, "page" for the present page, "true" for the section it is in, else nothing).
    """
    actor = guards.actor()
    endpoints = [
        (_("Challenges"), "challenges.index"),
        (_("Results"), "scoring.latest"),
        (_("People"), "scoring.people"),
    ]
    if actor is None:
        endpoints += [(_("How it works"), "site.how_it_works"), (_("Fees"), "ledger.fees")]
    else:
        endpoints.insert(0, (_("Dashboard"), "site.dashboard"))
        endpoints += _own(actor)
    section = _section([endpoint for _label, endpoint in endpoints])
    return [
        (label, url_for(endpoint), "page" if request.endpoint == endpoint else "true" if endpoint == section else "")
        for label, endpoint in endpoints
    ]


def _section(places: list[str]) -> str | None:
    """The navigation entry to which the present page belongs, where it is not one itself."""
    here = request.endpoint or ""
    if here in places:
        return None
    begin = max((begin for begin in INNER if here.startswith(begin)), key=len, default="")
    return next((place for place in INNER.get(begin, ()) if place in places), None)


def _sponsors(actor: User) -> bool:
    return any(one.organisation.kind in SPONSORS for one in actor.memberships)


def _answers(actor: User) -> bool:
    """Whether the person is likely to submit proposals: neither only a sponsor's nor the operator's."""
    agency = any(one.organisation.kind == OrganisationKind.AGENCY for one in actor.memberships)
    return agency or not (_sponsors(actor) or actor.is_any(*STAFF))


def _own(actor: User) -> list[tuple[str, str]]:
    sponsor = _sponsors(actor)
    pages = [
        (_("Our challenges"), "challenges.mine", sponsor),
        (_("My proposals"), "submissions.mine", not sponsor and _answers(actor)),
        (_("Programme"), "site.programme", actor.is_any(PlatformRole.PROGRAMME_OFFICER)),
        (_("Screening"), "challenges.screening", actor.is_any(PlatformRole.SERVICE_CENTRE)),
        (_("Reviews"), "scoring.reviews", actor.is_any(PlatformRole.EXPERT)),
        (_("Finance"), "ledger.overview", actor.is_any(PlatformRole.FINANCE)),
        (_("Administration"), "admin.index", actor.is_any(*OVERSEERS)),
    ]
    return [(label, endpoint) for label, endpoint, shown in pages if shown]


def account() -> list[tuple[str, str, int | None]]:
    """The account's menu: (label, URL, count). It has no entry for pages on which the person never has anything."""
    actor = guards.actor()
    if actor is None:
        return []
    answers = _answers(actor)
    pages: list[tuple[str, str, int | None, bool]] = [
        (_("Inbox"), "notifications.inbox", g.get("unread") or None, True),
        (_("Our challenges"), "challenges.mine", None, _sponsors(actor)),
        (_("My proposals"), "submissions.mine", None, answers or bool(g.get("wrote"))),
        (_("My balance"), "ledger.mine", None, answers or bool(g.get("earned"))),
        (_("Organisations"), "accounts.organisations", None, True),
        (_("Profile"), "accounts.profile", None, True),
    ]
    return [(label, url_for(endpoint), count) for label, endpoint, count, shown in pages if shown]


def acting_for() -> str | None:
    """The organisation that the person belongs to, beside the name."""
    actor = guards.actor()
    return actor.memberships[0].organisation.name if actor and actor.memberships else None


def admits(endpoint: str) -> bool:
    """Whether the present person passes the guard of an endpoint, so that no link leads to an error."""
    guard, actor = guards.guard_of(current_app, endpoint), guards.actor()
    if guard in ("public", "demonstration"):
        return True
    return actor is not None and (guard == "signed_in" or actor.is_any(*guard))


def job_tabs(states: list[Any], counts: dict[str, int], current: str | None) -> list[Link]:
    """The tabs of the jobs page: every state with its number; one without jobs has no link."""
    return [
        (
            _("%(state)s (%(number)s)", state=state_label(state, "job"), number=counts[state]),
            url_for("admin.jobs", state=state) if counts[state] else None,
            state == current,
        )
        for state in states
    ]


WORDS = {
    "navigation": main,
    "account_menu": account,
    "acting_for": acting_for,
    "admits": admits,
    "job_tabs": job_tabs,
    "places": places,
}
