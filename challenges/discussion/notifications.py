"""Who is told of questions: the service centre of new ones, the sponsor of published ones, who asked of a rejection.

Participants and followers hear of answers and updates by jobs.
"""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from challenges import queries
from challenges.discussion.models import ChallengeQuestion
from challenges.models import Challenge
from challenges.notifications import KINDS
from crowd.accounts.models import PlatformRole
from crowd.accounts.organisations.rights import Right
from crowd.notifications.kinds import path_to
from crowd.notifications.services import notify

ASKED = KINDS.define(
    "challenges.question_asked",
    _l("A question to publish: %(title)s"),
    _l("Somebody has asked about the challenge. Publish the question, or reject it with a reason."),
)
PUBLISHED = KINDS.define(
    "challenges.question_published",
    _l("A question to answer: %(title)s"),
    _l("A question about your challenge is published and waits for your answer: %(question)s"),
)
REJECTED = KINDS.define(
    "challenges.question_rejected",
    _l("Your question was not published: %(title)s"),
    _l("The reason of the service centre: %(reason)s"),
)


def asked(challenge: Challenge, question: ChallengeQuestion) -> None:
    """To the service centre, but not to who asked."""
    people = [one for one in queries.people_with(PlatformRole.SERVICE_CENTRE) if one != question.asker_id]
    _notify(people, ASKED, challenge, question)


def published(challenge: Challenge, question: ChallengeQuestion) -> None:
    """To those who may answer."""
    _notify(queries.members(challenge.organisation_id, Right.POST), PUBLISHED, challenge, question)


def rejected(challenge: Challenge, question: ChallengeQuestion) -> None:
    """To who asked."""
    _notify([question.asker_id], REJECTED, challenge, question)


def _notify(people: Iterable[int], kind: str, challenge: Challenge, question: ChallengeQuestion) -> None:
    for user_id in people:
        notify(
            user_id,
            kind=kind,
            key=f"{kind}:{question.id}",
            path=path_to("discussion.show", challenge_id=challenge.id),
            params={"title": challenge.title, "question": question.text, "reason": question.reject_reason},
            challenge_id=challenge.id,
        )
