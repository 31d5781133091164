"""The sentences of notifications: each package's `notifications.py` defines its kinds; they are filled in when shown or
mailed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from crowd.feature import declared
from crowd.money import Money
from crowd.web.labels import state_label
from crowd.web.sentences import fill


@dataclass(frozen=True, slots=True)
class NotificationKind:
    """A lazy subject line and a lazy sentence or two, with `%(name)s` placeholders for params."""

    name: str
    subject: Any
    text: Any
    always: bool = False


KINDS: dict[str, NotificationKind] = {}
SENTENCES: dict[str, Any] = {}


# Not a group that can be muted: warnings of a stranger and changes of a person's rights are always mailed
ALWAYS = "always"


def define(name: str, subject: Any, text: Any, *, always: bool = False) -> str:
    """Register a notification kind under `package.what`; returns the name.

    Pass `lazy_gettext` strings with placeholders written %(name)s; a literal percent sign is %%.
    `always` is for security: mail that cannot be unsubscribed from.
    """
    KINDS[name] = NotificationKind(name, subject, text, always)
    return name


def groups() -> Mapping[str, Any]:
    """The groups under which a person chooses mail or none, with their words."""
    return declared().notification_groups


def group_of(kind: str) -> str:
    """The group in which a person mutes mail of this kind: the package that its name begins with."""
    if kind in KINDS and KINDS[kind].always:
        return ALWAYS
    return kind.partition(".")[0]


def money(amount: int, currency: str) -> dict[str, Any]:
    """A fact that is shown as money in the reader's language."""
    return {"money": [amount, currency]}


def moment(at: datetime) -> dict[str, Any]:
    """A fact that is shown as a time in the reader's zone."""
    return {"instant": at.isoformat()}


def term(word: str) -> dict[str, Any]:
    """A fact that is a word of the platform (a state, a role), shown in the reader's language."""
    return {"term": word}


def define_sentence(name: str, text: Any) -> None:
    """Register a lazy sentence that notifications may contain as a fact."""
    SENTENCES[name] = text


def path_to(endpoint: str, **values: Any) -> str:
    """The path of the page that a notification or an email links to, also outside a request."""
    return current_app.url_map.bind("").build(endpoint, values)


def sentence(name: str) -> dict[str, Any]:
    """A fact that is a sentence of the platform, shown in the reader's language."""
    return {"sentence": name}


def subject(kind: str, params: Mapping[str, Any]) -> str:
    """The subject line in the current language."""
    return fill(str(KINDS[kind].subject), _values(params))


def text(kind: str, params: Mapping[str, Any]) -> str:
    """The text in the current language; a parameter `next` adds what comes next."""
    values = _values(params)
    ahead = _("Next: %(step)s", step=values["next"]) if "next" in values else ""
    return f"{fill(str(KINDS[kind].text), values)} {ahead}".rstrip()


def _values(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(stored) for name, stored in params.items()}


def _value(stored: Any) -> Any:
    match stored:
        case {"money": [amount, currency]}:
            return Money(currency, amount)
        case {"instant": at}:
            return datetime.fromisoformat(at)
        case {"term": word}:
            return state_label(word)
        case {"sentence": name}:
            return SENTENCES[name]
        case _:
            return stored
