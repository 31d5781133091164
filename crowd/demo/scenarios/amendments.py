"""Contracts that change while a challenge is open, on the last morning: a clarification, a material change that some
have accepted by now, and raised prizes that wait for their money.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from challenges.brief import Brief
from challenges.contract import queries, services
from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd.accounts.models import User
from crowd.db import db
from crowd.demo.simulator import Script, Simulator
from crowd.languages import ENGLISH
from submissions.acceptance import services as acceptance
from submissions.models import Proposal
from submissions.workflow import ProposalState

CLARIFIED = {
    ENGLISH.locale: ("\n\nMeasurements of one site suffice for the proposal.", "Asked by several who have registered."),
    "zh_Hans_CN": ("\n\n方案阶段提供一个现场的实测数据即可。", "多位报名者询问。"),
}
RIGHTS = {
    ENGLISH.locale: (" Results may be published after six months.", "The winners may publish, which was not said."),
    "zh_Hans_CN": ("获奖者可在六个月后发表成果。", "原先未说明能否发表。"),
}
RAISED = {ENGLISH.locale: "The first prize is raised.", "zh_Hans_CN": "提高一等奖奖金。"}


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """One script: who answers after it would have to accept first."""
    yield _last_morning(end)


def _last_morning(end: datetime) -> Script:
    yield end - timedelta(minutes=100)
    numbers = _answered()
    _amend(numbers[0], _with_rights, RIGHTS)
    yield end - timedelta(minutes=80)
    _accept(numbers[0])
    _amend(numbers[1], _clarified, CLARIFIED)
    yield end - timedelta(minutes=60)
    _amend(numbers[2], _raised, {locale: ("", reason) for locale, reason in RAISED.items()})


def _answered() -> Sequence[int]:
    """The open challenges, those with the most submitted proposals first."""
    submitted = sa.select(sa.func.count()).where(
        Proposal.challenge_id == Challenge.id, Proposal.state == ProposalState.SUBMITTED
    )
    query = sa.select(Challenge.id).where(Challenge.state == ChallengeState.OPEN)
    return db.session.scalars(query.order_by(submitted.scalar_subquery().desc(), Challenge.id)).all()


def _amend(number: int, change: Callable[[Brief, str], Brief], words: dict[str, tuple[str, str]]) -> None:
    """What the sponsor does: look at the check, then publish."""
    challenge = db.session.get_one(Challenge, number)
    text, reason = words[challenge.language]
    brief = change(queries.brief_in_force(challenge), text)
    shown = services.plan(challenge, brief).digest
    sponsor = db.session.get_one(User, challenge.created_by)
    services.amend(sponsor, challenge.id, brief=brief, reason=reason, shown=shown)


def _with_rights(brief: Brief, text: str) -> Brief:
    return replace(brief, rights=(brief.rights + text).strip())


def _clarified(brief: Brief, text: str) -> Brief:
    return replace(brief, problem_statement=brief.problem_statement + text)


def _raised(brief: Brief, _text: str) -> Brief:
    first, *others = brief.prizes
    return replace(brief, prizes=[replace(first, amount=first.amount * 6 // 5), *others])


def _accept(number: int) -> None:
    """The first of those who have submitted accepts; the others are reminded."""
    query = sa.select(Proposal).where(Proposal.challenge_id == number, Proposal.state == ProposalState.SUBMITTED)
    first = db.session.scalars(query.order_by(Proposal.id).limit(1)).unique().one()
    challenge = db.session.get_one(Challenge, number)
    acceptance.accept(first.user, number, contract=queries.in_force(challenge).number)
