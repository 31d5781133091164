"""Emails: the text and the HTML, in the recipient's language and time zone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import g, render_template
from flask_babel import force_locale, ngettext, refresh

from crowd.config import Settings
from crowd.notifications import headers, kinds
from crowd.notifications.questions import Recipient


@dataclass(frozen=True, slots=True)
class RenderedEmail:
    """A subject line, plain text, and the same as HTML, if there is one."""

    subject: str
    text: str
    html: str | None


@contextmanager
def in_locale(locale: str, time_zone: str | None = None) -> Iterator[None]:
    """Inside this block, texts are in this language and times in this zone, whoever is signed in."""
    kept = g.get("zone")
    with force_locale(locale):
        g.zone = time_zone
        refresh()  # Flask-Babel caches the zone of the request; the language stays the forced one
        try:
            yield
        finally:
            g.zone = kept
    refresh()


def compose(template: str, subject: str, settings: Settings, **params: Any) -> RenderedEmail:
    """Fill in `templates/email/<template>.{txt,html}` in the present language."""
    params |= {"subject": subject, "address": settings.address, "contact": settings.support_email}
    text = render_template(f"email/{template}.txt", **params)
    return RenderedEmail(headers.one_line(subject), text, render_template(f"email/{template}.html", **params))


def of_notifications(
    person: Recipient, notifications: Sequence[Any], settings: Settings, unsubscribe: str | None = None
) -> RenderedEmail:
    """One email with all these notifications of a person; `unsubscribe` is the path that stops such emails."""
    with in_locale(person.locale, person.time_zone):
        entries = [
            (kinds.subject(n.kind, n.params), kinds.text(n.kind, n.params), settings.address + n.path)
            for n in notifications
        ]
        number = len(entries)
        subject = (
            entries[0][0] if number == 1 else ngettext("%(num)d new notification", "%(num)d new notifications", number)
        )
        return compose(
            "notifications", subject, settings, name=person.name, notifications=entries, unsubscribe=unsubscribe
        )
