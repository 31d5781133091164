"""The sentences of notifications: each package's `notifications.py` defines its kinds, and its manifest declares them;
they are filled in when shown or mailed.
"""

from collections.abc import Mapping

from flask import current_app
from flask_babel import gettext as _

from crowd.errors import Sentence
from crowd.feature import NotificationKind, declared
from crowd.notifications.models import Frequency
from crowd.web import values

ALWAYS = "always"  # not a group of which a person chooses: such mail is always sent, and at once
FOLLOWING = "following"  # the group of what people hear because they follow something


class NotificationKinds(dict[str, NotificationKind]):
    """The kinds of a package by their names, `package.what`."""

    def define(self, name: str, subject: Sentence, text: Sentence, *, always: bool = False, group: str = "") -> str:
        """Add a kind; returns its name.

        Pass `lazy_gettext` strings with placeholders written %(name)s; a literal percent sign is %%.
        `always` is for what a stranger may have done, and for changes of the reader's own rights or of who may act
        for their organisation: mail that cannot be unsubscribed from. `group` is another feature's, under whose label
        people choose how often they get it.
        """
        self[name] = NotificationKind(subject, text, always, group)
        return name


def groups() -> Mapping[str, Sentence]:
    """The groups of which a person chooses how often they are mailed, with their words."""
    return declared().notification_groups


def group_of(kind: str) -> str:
    """The group of this kind: the one that it names, else the package that its name begins with."""
    known = declared().notifications.get(kind)
    if known is not None and (known.always or known.group):
        return ALWAYS if known.always else known.group
    return kind.partition(".")[0]


def of_group(group: str) -> list[str]:
    """The kinds of a group."""
    return [kind for kind in declared().notifications if group_of(kind) == group]


def usual_frequency(group: str) -> Frequency:
    """How often those are mailed about a group who have not chosen."""
    return Frequency(declared().notification_frequencies.get(group, Frequency.AT_ONCE))


def path_to(endpoint: str, **values: object) -> str:
    """The path of the page that a notification or an email links to, also outside a request."""
    return current_app.url_map.bind("").build(endpoint, values)


def subject(kind: str, params: Mapping[str, object]) -> str:
    """The subject line in the current language."""
    return str(declared().notifications[kind].subject) % _shown(params)


def text(kind: str, params: Mapping[str, object]) -> str:
    """The text in the current language; a fact `next` adds what comes next, in a line of its own."""
    shown = _shown(params)
    sentence = str(declared().notifications[kind].text) % shown
    ahead = _("Next: %(step)s", step=shown["next"]) if "next" in shown else ""
    return f"{sentence}\n{ahead}".rstrip()


def _shown(params: Mapping[str, object]) -> dict[str, str]:
    return {name: values.show(value) for name, value in params.items()}
