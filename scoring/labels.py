"""Sentences of several pages of the judging, next to the policies that they describe."""

from babel.lists import format_list
from flask_babel import gettext as _

from crowd.web.labels import state_label
from crowd.web.request_locale import reader
from scoring.policy import OPERATORS


def who_sees_reviewers() -> str:
    """To whom reviews carry names: `policy.sees_reviewers` in words."""
    roles = format_list([state_label(role) for role in OPERATORS], locale=reader().name)
    return _(
        "Reviewers are named to the sponsor and to the platform’s roles %(roles)s; not to participants and not to the "
        "public.", roles=roles,
    )  # fmt: skip
