"""Reports of abuse on challenges and on questions about them: what each is about, and who must not decide."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from challenges.discussion import policy
from challenges.discussion.models import ChallengeQuestion
from challenges.discussion.workflow import PUBLIC
from challenges.impartiality import is_party
from challenges.models import Challenge
from challenges.policy import can_report, has_belonged
from challenges.queries import access
from crowd.abuse import report
from crowd.accounts.models import User
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import Forbidden, NotFound
from crowd.notifications.kinds import path_to
from crowd.procedure import CaseSubject


def _challenge(actor: Actor | None, key: str) -> CaseSubject:
    challenge = access(actor, int(key) if key.isdecimal() else 0)
    if not can_report(actor, challenge):
        raise Forbidden(_l("A challenge of others can be reported while it is open or being judged."))
    return CaseSubject(
        id=challenge.id, title=challenge.title, path=path_to("challenges.show", challenge_id=challenge.id),
        organisations=(challenge.organisation_id,), challenge_id=challenge.id,
        region_id=challenge.organisation.region_id,
    )  # fmt: skip


def _question(actor: Actor | None, key: str) -> CaseSubject:
    question = db.session.scalar(sa.select(ChallengeQuestion).where(ChallengeQuestion.public_id == key))
    if question is None or question.state not in PUBLIC:
        raise NotFound
    challenge = access(actor, question.challenge_id)
    if not policy.can_report(actor, question):
        raise Forbidden(_l("Your own question and what is part of the contract cannot be reported."))
    return CaseSubject(
        id=question.id, title=challenge.title, challenge_id=challenge.id, people=(question.asker_id,),
        path=path_to("discussion.show", challenge_id=challenge.id) + f"#q-{question.public_id}",
        region_id=challenge.organisation.region_id,
    )  # fmt: skip


def _is_close(user_id: int, challenge_id: int) -> bool:
    """Whether a person belonged to the sponsor, or is a party of one of the proposals."""
    challenge, user = db.session.get_one(Challenge, challenge_id), db.session.get_one(User, user_id)
    return has_belonged(user, challenge) or is_party(user, challenge)


def _asks_or_answers(user_id: int, question_id: int) -> bool:
    return _is_close(user_id, db.session.get_one(ChallengeQuestion, question_id).challenge_id)


KINDS = (
    report(
        "challenge_report",
        _l("Report of a challenge"),
        "challenge",
        _challenge,
        upheld=_l("The challenge is cancelled, what is in escrow is returned, and its sponsor is warned."),
        effect="challenges.cancel_reported",
        conflicted=_is_close,
    ),
    report(
        "question_report",
        _l("Report of a question"),
        "challenge_question",
        _question,
        upheld=_l(
            "The question is hidden with its answer unless it is part of the contract, and who asked it is warned."
        ),
        effect="challenges.hide_question",
        conflicted=_asks_or_answers,
        hides_respondent=True,
    ),
)
