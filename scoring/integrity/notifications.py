"""Who hears what an upheld case about integrity has changed in a panel."""

from flask_babel import lazy_gettext as _l

from challenges.models import Challenge
from crowd.notifications.kinds import path_to
from scoring.models import Assignment
from scoring.notifications import define, notify_about

LEFT = define(
    "scoring.left_panel",
    _l("You do not review any more: %(title)s"),
    _l(
        "The council has upheld a case about you. You have left the panel, your reviews are set aside, and other"
        " reviewers take your place. The case has the reasons."
    ),
    always=True,
)
NOT_NEEDED = define(
    "scoring.disqualified_not_reviewed",
    _l("A review is not needed any more: %(title)s"),
    _l("The proposal was disqualified. You have nothing more to do for it."),
)


def left_panel(challenge: Challenge, reviewer_id: int) -> None:
    """To who was on the panel."""
    path = path_to("challenges.show", challenge_id=challenge.id)
    notify_about([reviewer_id], LEFT, challenge, {}, key=str(challenge.id), path=path)


def not_needed(challenge: Challenge, row: Assignment) -> None:
    """To who was to review a proposal that was disqualified."""
    path = path_to("challenges.show", challenge_id=challenge.id)
    notify_about([row.reviewer_id], NOT_NEEDED, challenge, {}, key=str(row.id), path=path)
