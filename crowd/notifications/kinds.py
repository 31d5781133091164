"""The sentences of notifications: each package's `notifications.py` defines its kinds; they are filled in when shown or
mailed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from crowd.feature import declared
from crowd.web.labels import state_label
from crowd.web.templating import format_money, instant


@dataclass(frozen=True, slots=True)
class NotificationKind:
    """A lazy subject line and a lazy sentence or two, with `%(name)s` placeholders for facts."""

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


def term(word: str, kind: str) -> dict[str, Any]:
    """A fact that is a word of the platform (a state, a role), shown in the reader's language by its kind's labels."""
    return {"term": [str(word), kind]}


def define_sentence(name: str, text: Any) -> None:
    """Register a lazy sentence that notifications may contain as a fact."""
    SENTENCES[name] = text


def sentence(name: str) -> dict[str, Any]:
    """A fact that is a sentence of the platform, shown in the reader's language."""
    return {"sentence": name}


def subject(kind: str, facts: Mapping[str, Any]) -> str:
    """The subject line in the current language."""
    return str(KINDS[kind].subject) % _shown(facts)


def text(kind: str, facts: Mapping[str, Any]) -> str:
    """The text in the current language; a fact `next` adds what comes next."""
    shown = _shown(facts)
    told = str(KINDS[kind].text) % shown
    ahead = _("Next: %(step)s", step=shown["next"]) if "next" in shown else ""
    return f"{told} {ahead}".rstrip()


def _shown(facts: Mapping[str, Any]) -> dict[str, str]:
    return {name: _show(value) for name, value in facts.items()}


def _show(value: Any) -> str:
    if isinstance(value, dict) and "money" in value:
        return format_money(*value["money"])
    if isinstance(value, dict) and "instant" in value:
        return str(instant(datetime.fromisoformat(value["instant"])))
    if isinstance(value, dict) and "term" in value:
        return state_label(*value["term"])
    if isinstance(value, dict) and "sentence" in value:
        return str(SENTENCES[value["sentence"]])
    return str(value)
