"""Questions of the last days, and contracts that change on the last morning: a clarification, a material change that
some have accepted by now, and raised prizes that wait for their money.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from challenges.brief import Brief
from challenges.contract import queries, services
from challenges.discussion import services as discussion
from challenges.models import Challenge
from challenges.policy import FOR_EVERYBODY
from challenges.workflow import ChallengeState
from crowd.accounts.models import User
from crowd.db import db
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator
from crowd.languages import ENGLISH
from submissions.acceptance import services as acceptance
from submissions.models import Proposal
from submissions.workflow import ProposalState

ASKER = "cy"
QUESTIONS = {
    ENGLISH.locale: (
        "May a proposal rest on measurements that were made for another customer?",
        "Is a partner outside Europe allowed?",
        "We use a resonator of our own. Is that what you look for?",
        "Can the samples be sent in January?",
    ),
    "zh_Hans_CN": (
        "方案可以使用为其他客户做的测试数据吗？",
        "可以与境外单位合作吗？",
        "我们用自研谐振器，符合要求吗？",
        "样品可以一月份寄送吗？",
    ),
}
ANSWER = {ENGLISH.locale: "Yes, if that customer agrees in writing.", "zh_Hans_CN": "可以，但须有该客户的书面同意。"}
REJECTED = {
    ENGLISH.locale: "It tells of your solution. Ask again without that.",
    "zh_Hans_CN": "其中透露了您的方案，请去掉后重新提问。",
}
UPDATE = {
    ENGLISH.locale: "We show the site to everybody registered on the first Friday of the month, online.",
    "zh_Hans_CN": "每月第一个周五在线向所有报名者介绍现场情况。",
}
CLARIFIED = {
    ENGLISH.locale: ("\n\nMeasurements of any site suffice for the proposal.", "Asked by several who have registered."),
    "zh_Hans_CN": ("\n\n方案阶段提供任选现场的实测数据即可。", "多位报名者询问。"),
}
RIGHTS = {
    ENGLISH.locale: (" Results may be published after six months.", "The winners may publish, which was not said."),
    "zh_Hans_CN": ("获奖者可在六个月后发表成果。", "原先未说明能否发表。"),
}
RAISED = {ENGLISH.locale: "The first prize is raised.", "zh_Hans_CN": "提高一等奖奖金。"}


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """The last morning comes after all proposals: who answers later would have to accept first."""
    yield _questions(end)
    yield _last_morning(end)


def _questions(end: datetime) -> Script:
    """One is answered, one waits for the sponsor, one for the service centre, one was rejected."""
    yield working(end - timedelta(days=3))
    number = _answered()[0]
    texts = QUESTIONS[db.session.get_one(Challenge, number).language]
    asked = [discussion.ask(personas.account(ASKER), number, text=text).public_id for text in texts]
    yield working(end - timedelta(days=2))
    centre, sponsor = personas.account("eve"), db.session.get_one(Challenge, number).created_by
    for public_id in asked[:2]:
        discussion.publish_question(centre, number, public_id)
    locale = db.session.get_one(Challenge, number).language
    discussion.reject(centre, number, asked[2], reason=REJECTED[locale])
    yield working(end - timedelta(days=1))
    person = db.session.get_one(User, sponsor)
    discussion.answer(person, number, asked[0], text=ANSWER[locale])
    discussion.post_update(person, number, text=UPDATE[locale])


def _last_morning(end: datetime) -> Script:
    yield end - timedelta(minutes=55)
    numbers = _answered()
    _amend(numbers[0], _with_rights, RIGHTS)
    yield end - timedelta(minutes=40)
    _accept(numbers[0])
    _amend(numbers[1], _clarified, CLARIFIED)
    yield end - timedelta(minutes=25)
    _amend(numbers[2], _raised, {locale: ("", reason) for locale, reason in RAISED.items()})


def _answered() -> Sequence[int]:
    """The open challenges that everybody sees, those with the most submitted proposals first."""
    submitted = sa.select(sa.func.count()).where(
        Proposal.challenge_id == Challenge.id, Proposal.state == ProposalState.SUBMITTED
    )
    query = sa.select(Challenge.id).where(Challenge.state == ChallengeState.OPEN, FOR_EVERYBODY)
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
