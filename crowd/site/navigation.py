"""What the layout shows on every page: the main navigation and the account's menu."""

from collections.abc import Callable
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import gettext as _
from jinja2 import pass_context
from jinja2.runtime import Context

from crowd.accounts import acting
from crowd.accounts.models import PlatformRole, User
from crowd.accounts.organisations.rights import Right
from crowd.accounts.policy import OVERSEERS, STAFF
from crowd.cases import queues
from crowd.feature import declared
from crowd.notifications import kinds
from crowd.web import audit_page, guards
from crowd.web.audit_page import action_label
from crowd.web.labels import state_label
from crowd.web.tabs import page_tabs
from crowd.web.templating import locale_aware

Link = tuple[str, str | None, bool]
Entry = tuple[str, str, str]


def register(app: Flask) -> None:
    """Give templates the navigation, and the names of operations, notifications and jobs."""
    app.jinja_env.globals.update(WORDS)
    filters: dict[str, Callable[..., Any]] = {
        "action_label": action_label,
        "notification_subject": kinds.subject,
        "notification_text": kinds.text,
        "subject_label": audit_page.subject_label,
        "job_label": audit_page.job_label,
        "fact_rows": audit_page.fact_rows,
        "fact_line": audit_page.fact_line,
    }
    for name, function in filters.items():
        app.add_template_filter(locale_aware(function), name)


def main() -> list[Entry]:
    """The main navigation: the same public pages for all, then a person's own by their roles.

    Each is (label, URL, "page" for the present page, "true" for the section it is in, else nothing).
    """
    actor = guards.actor()
    entries = [
        ("challenges", _("Challenges"), "challenges.index"),
        ("results", _("Results"), "scoring.latest"),
        ("people", _("People"), "scoring.people"),
    ]
    if actor is None:
        entries += [("how", _("How it works"), "site.how_it_works"), ("fees", _("Fees"), "ledger.fees")]
    else:
        entries.insert(0, ("dashboard", _("Dashboard"), "site.dashboard"))
        entries += _own(actor)
    present = request.endpoint or ""
    section = None if present in {endpoint for _section, _label, endpoint in entries} else _section_of(present, entries)
    return [
        (label, url_for(endpoint), "page" if present == endpoint else "true" if name == section else "")
        for name, label, endpoint in entries
    ]


def _section_of(endpoint: str, entries: list[tuple[str, str, str]]) -> str | None:
    """The entry to which an inner page belongs: the longest declared beginning decides, then what the person has."""
    sections, names = declared().sections, {name for name, _label, _endpoint in entries}
    begin = max((begin for begin in sections if endpoint.startswith(begin)), key=len, default="")
    return next((name for name in sections.get(begin, ()) if name in names), None)


def _sponsors(actor: User) -> bool:
    return any(one.gives(Right.POST) and one.organisation.posts for one in actor.memberships)


def _answers(actor: User) -> bool:
    """Whether the person is likely to submit proposals: neither only a sponsor's nor the operator's."""
    agency = any(one.gives(Right.ANSWER) and one.organisation.answers for one in actor.memberships)
    return agency or not (_sponsors(actor) or actor.is_any(*STAFF))


def _own(actor: User) -> list[tuple[str, str, str]]:
    sponsor = _sponsors(actor)
    pages = [
        ("own_challenges", _("Our challenges"), "challenges.mine", sponsor),
        ("proposals", _("My proposals"), "submissions.mine", not sponsor and _answers(actor)),
        ("programme", _("Programme"), "site.programme", actor.is_any(PlatformRole.PROGRAMME_OFFICER)),
        ("screening", _("Screening"), "challenges.screening", actor.is_any(PlatformRole.SERVICE_CENTRE)),
        ("cases", _("Cases"), "cases.queue", queues.has_queue(actor)),
        ("reviews", _("Reviews"), "scoring.reviews", actor.is_any(PlatformRole.EXPERT)),
        ("finance", _("Finance"), "ledger.overview", actor.is_any(PlatformRole.FINANCE)),
        ("administration", _("Administration"), "admin.index", actor.is_any(*OVERSEERS)),
    ]
    return [(name, label, endpoint) for name, label, endpoint, shown in pages if shown]


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
        (_("Cases"), "cases.mine", None, True),
        (_("Organisations"), "accounts.organisations", None, True),
        (_("Profile"), "accounts.profile", None, True),
    ]
    return [(label, url_for(endpoint), count) for label, endpoint, count, shown in pages if shown]


@pass_context
def acting_for(page: Context) -> tuple[str | None, list[tuple[int, str]], str | None]:
    """The organisation for which the person acts, those to which they can switch: (id, name), and the one for which
    this page acts where that is another of theirs.
    """
    actor = guards.actor()
    now, others = acting.current(actor), acting.others(actor)
    if now is None:
        return None, [], None
    concerned = _organisations_of(page)
    here = next((one.organisation.name for one in others if one.organisation_id in concerned), None)
    names = [(one.organisation_id, one.organisation.name) for one in others]
    return now.organisation.name, names, None if now.organisation_id in concerned else here


def _organisations_of(page: Context) -> set[int | None]:
    """The organisations that the page is about: in its address, or of its challenge or proposal."""
    challenge, proposal = page.get("challenge"), page.get("proposal")
    owners = (
        (request.view_args or {}).get("organisation_id"),
        getattr(challenge, "organisation_id", None),
        getattr(challenge, "for_organisation_id", None),
        getattr(proposal, "organisation_id", None),
    )
    return set(owners) - {None}


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
    "admits": guards.admits,
    "job_tabs": job_tabs,
    "page_tabs": page_tabs,
}
