"""The tabs of a group of pages, such as those of a challenge: every package declares its own, in one order."""

from typing import Any

from flask import request, url_for

from crowd.feature import Tab, declared
from crowd.web import guards

Link = tuple[str, str, bool]


def tabs_of(group: str, subject: object = None) -> list[Tab]:
    """The tabs that the reader may open, in their order. `subject` is the row that the pages are about, if any."""
    actor, about = guards.actor(), () if subject is None else (subject,)
    found = [tab for tabs in declared().tabs.get(group, ()) for tab in tabs(actor, *about)]
    return sorted((tab for tab in found if guards.admits(tab.endpoint)), key=lambda tab: tab.order)


def page_tabs(group: str, subject: Any = None, current: str | None = None) -> list[Link]:
    """(label, URL, whether it is the present page); the URLs of tabs about a row take `<group>_id`.

    `current` is the endpoint of the present page where it is not that of the request.
    """
    here = current or request.endpoint
    about = {} if subject is None else {f"{group}_id": subject.id}
    return [
        (str(tab.label), url_for(tab.endpoint, **about), here in (tab.endpoint, *tab.pages))
        for tab in tabs_of(group, subject)
    ]
