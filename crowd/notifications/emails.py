"""Emails: the text and the HTML, in the recipient's language and time zone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import g, render_template
from flask_babel import force_locale, ngettext, refresh

from crowd.config import Settings
from crowd.languages import LANGUAGES
from crowd.notifications import headers, kinds
from crowd.notifications.models import Notification, OutgoingEmail
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


def in_all_languages(text: Callable[[], str]) -> str:
    """A text of the platform that is stored where people's own texts are, in every language, a line each."""
    lines = []
    for locale in LANGUAGES:
        with in_locale(locale):
            lines.append(text())
    return "\n".join(lines)


def compose(template: str, subject: str, settings: Settings, **params: Any) -> RenderedEmail:
    """Fill in `templates/email/<template>.{txt,html}` in the present language."""
    params |= {"subject": subject, "address": settings.address, "contact": settings.support_email}
    text = render_template(f"email/{template}.txt", **params)
    return RenderedEmail(headers.one_line(subject), text, render_template(f"email/{template}.html", **params))


def thread_of(person: Recipient, notifications: Sequence[Notification]) -> str | None:
    """The conversation of an email: that of challenge and person where all is about one challenge, else none."""
    challenges = {notification.challenge_id for notification in notifications}
    (challenge_id,) = challenges if len(challenges) == 1 else (None,)
    return f"challenge-{challenge_id}.person-{person.id}" if challenge_id else None


def outgoing(
    person: Recipient, mail: RenderedEmail, about: Sequence[Notification], *, key: str, batch: str, **more: str | None
) -> OutgoingEmail:
    """The row of an email to a person about some notifications; `key` is its own, `more` are further columns."""
    return OutgoingEmail(
        message_id=f"<{key}@crowd>",
        batch=batch,
        recipient=person.email,
        locale=person.locale,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        thread=thread_of(person, about),
        **more,
    )


def of_notifications(
    person: Recipient, notifications: Sequence[Any], settings: Settings, unsubscribe: str | None = None
) -> RenderedEmail:
    """One email with all these notifications of a person; `unsubscribe` is the path that stops such emails."""
    with in_locale(person.locale, person.time_zone):
        entries = [
            (kinds.subject(n.kind, n.params), kinds.text(n.kind, n.params), settings.address + n.path)
            for n in notifications
        ]
        subject = _subject(notifications[0], len(entries))
        return compose(
            "notifications", subject, settings, name=person.name, notifications=entries, unsubscribe=unsubscribe
        )


def of_digest(
    person: Recipient, entries: Sequence[Notification], total: int, settings: Settings, stops: Mapping[str, str]
) -> RenderedEmail:
    """One email with the first of `total` notifications that a person did not want at once, by group.

    Its links lead through the person's inbox, so that they open to nobody else. `stops` are the paths that stop each
    group.
    """
    with in_locale(person.locale, person.time_zone):
        groups = [
            (kinds.groups()[group], settings.address + stop, [_entry(n, settings) for n in entries if _of(n) == group])
            for group, stop in stops.items()
        ]
        return compose(
            "digest", _subject(entries[0], total), settings, name=person.name, groups=groups, more=total - len(entries)
        )


def _subject(first: Notification, total: int) -> str:
    """The subject of an email about so many notifications: what the first one says, and how many more there are."""
    subject = kinds.subject(first.kind, first.params)
    if total == 1:
        return subject
    return ngettext("%(first)s, and %(num)d more", "%(first)s, and %(num)d more", total - 1, first=subject)


def _of(notification: Notification) -> str:
    return kinds.group_of(notification.kind)


def _entry(notification: Notification, settings: Settings) -> tuple[str, str, str]:
    """Subject, text and link of a notification in a digest."""
    path = kinds.path_to("notifications.show", notification_id=notification.id)
    kind, params = notification.kind, notification.params
    return kinds.subject(kind, params), kinds.text(kind, params), settings.address + path
