"""Reports of abuse on challenges and on questions about them: what each is about, and who must not decide."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from challenges.discussion import policy
from challenges.discussion.models import ChallengeQuestion
from challenges.discussion.workflow import PUBLIC
from challenges.impartiality import part_in
from challenges.models import Challenge
from challenges.policy import can_report
from challenges.queries import access
from crowd.abuse import report
from crowd.access import id_in
from crowd.accounts.belonging import belonged_to
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import Forbidden, NotFound
from crowd.notifications.kinds import path_to
from crowd.procedure import CaseSubject


def _challenge(actor: Actor | None, key: str) -> CaseSubject:
    challenge = access(actor, id_in(key))
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


def close_to(user_id: int, challenge_ids: Collection[int]) -> set[int]:
    """The ids of those of these challenges to whose sponsor a person belonged, or in which they are a party of one of
    the proposals.
    """
    of_sponsor = [
        sa.and_(sa.or_(Challenge.organisation_id == number, Challenge.for_organisation_id == number), *_until(ended_at))
        for number, ended_at in belonged_to([user_id]).get(user_id, {}).items()
    ]
    belonged = sa.select(Challenge.id).where(Challenge.id.in_(challenge_ids), sa.or_(sa.false(), *of_sponsor))
    sponsored = set(db.session.scalars(belonged)) if of_sponsor else set()
    return sponsored | part_in(user_id, challenge_ids)


def _until(ended_at: datetime | None) -> list[sa.ColumnElement[bool]]:
    """Over challenges: those that were published before somebody left; all, where they did not."""
    return [] if ended_at is None else [Challenge.published_at <= ended_at]


def _asks_or_answers(user_id: int, question_ids: Collection[int]) -> set[int]:
    query = sa.select(ChallengeQuestion.id, ChallengeQuestion.challenge_id)
    challenge_of = dict(db.session.execute(query.where(ChallengeQuestion.id.in_(question_ids))).all())
    close = close_to(user_id, set(challenge_of.values()))
    return {number for number, challenge_id in challenge_of.items() if challenge_id in close}


KINDS = (
    report(
        "challenge_report",
        _l("Report of a challenge"),
        "challenge",
        _challenge,
        upheld=_l("The challenge is cancelled, what is in escrow is returned, and its sponsor is warned."),
        effect="challenges.cancel_reported",
        conflicts=close_to,
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
        conflicts=_asks_or_answers,
        hides_respondent=True,
    ),
)
