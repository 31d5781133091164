"""The sentences of notifications: each package's `notifications.py` defines its kinds, and its manifest declares them;
they are filled in when shown or mailed.
"""

from collections.abc import Mapping

from flask import current_app
from flask_babel import gettext as _

from crowd.errors import Sentence
from crowd.feature import NotificationKind, declared
from crowd.web import values

# Not a group that can be muted: what `define` says of `always` is always mailed
ALWAYS = "always"


class NotificationKinds(dict[str, NotificationKind]):
    """The kinds of a package by their names, `package.what`."""

    def define(self, name: str, subject: Sentence, text: Sentence, *, always: bool = False) -> str:
        """Add a kind; returns its name.

        Pass `lazy_gettext` strings with placeholders written %(name)s; a literal percent sign is %%.
        `always` is for what a stranger may have done, and for changes of the reader's own rights or of who may act
        for their organisation: mail that cannot be unsubscribed from.
        """
        self[name] = NotificationKind(subject, text, always)
        return name


def groups() -> Mapping[str, Sentence]:
    """The groups under which a person chooses mail or none, with their words."""
    return declared().notification_groups


def group_of(kind: str) -> str:
    """The group in which a person mutes mail of this kind: the package that its name begins with."""
    known = declared().notifications.get(kind)
    return ALWAYS if known is not None and known.always else kind.partition(".")[0]


def path_to(endpoint: str, **values: object) -> str:
    """The path of the page that a notification or an email links to, also outside a request."""
    return current_app.url_map.bind("").build(endpoint, values)


def subject(kind: str, params: Mapping[str, object]) -> str:
    """The subject line in the current language."""
    return str(declared().notifications[kind].subject) % _shown(params)


def text(kind: str, params: Mapping[str, object]) -> str:
    """The text in the current language; a fact `next` adds what comes next."""
    shown = _shown(params)
    sentence = str(declared().notifications[kind].text) % shown
    ahead = _("Next: %(step)s", step=shown["next"]) if "next" in shown else ""
    return f"{sentence} {ahead}".rstrip()


def _shown(params: Mapping[str, object]) -> dict[str, str]:
    return {name: values.show(value) for name, value in params.items()}
