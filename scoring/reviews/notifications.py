"""Notifications of reviewers about their place on panels."""

from flask_babel import lazy_gettext as _l

from challenges.models import Challenge
from crowd.notifications.kinds import NotificationKinds, path_to
from scoring.models import Assignment
from scoring.notifications import notify_about

KINDS = NotificationKinds()
NO_EXPERT = KINDS.define(
    "scoring.no_expert",
    _l("Your review was released: %(title)s"),
    _l("You are not an expert any more, so reviews that you had not submitted are released. Others are asked in your "
       "place."),
)  # fmt: skip


def no_expert(challenge: Challenge, assignment: Assignment) -> None:
    """Notify somebody who does not judge any more."""
    path = path_to("challenges.show", challenge_id=challenge.id)
    notify_about([assignment.reviewer_id], NO_EXPERT, challenge, {}, key=str(assignment.id), path=path)
