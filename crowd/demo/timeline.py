"""One challenge as a script: what sponsors, finance, solvers and reviewers do, and when."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from challenges import services as challenges
from challenges.brief import Brief, PrizeLine
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.queries import access as access_challenge
from challenges.screening import queries as screening_queries
from challenges.screening import rounds
from challenges.screening import services as screening
from challenges.screening.workflow import CheckAnswer
from crowd import clock
from crowd.accounts.models import User
from crowd.audit import SYSTEM
from crowd.db import db
from crowd.demo import judging, personas
from crowd.demo.entering import enter, write_terms
from crowd.demo.granting import write_support
from crowd.demo.office import working
from crowd.demo.plan import ChallengePlan
from crowd.demo.simulator import Part, Script, Simulator, chance
from crowd.demo.texts import read
from crowd.ledger.deposits import services as deposits
from crowd.ledger.workflow import DepositState
from submissions import services as submissions
from submissions.shares import services as shares

DAY = timedelta(days=1)
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
RIGHTS_ASKED = {
    "en": "Say who owns the results, and what you may do with them.",
    "zh": "请写明成果归谁所有，贵单位可以怎样使用。",
}
RIGHTS_MISSING = {
    "en": "The text does not say who owns the results.",
    "zh": "文中未写明成果归属。",
}
RIGHTS = {
    "en": "Winners keep their rights; we may use the results in our own plants.",
    "zh": "成果归获奖者所有，我单位可在本企业内使用。",
}
CALLED_OFF = 0.985  # of the time for proposals: all of them are submitted by then, whatever holiday the previous day is


def life(simulator: Simulator, plan: ChallengePlan) -> Script:
    """Play a challenge from its draft as far as the plan says; `at` advances in the scenario's time, not the
    office's.
    """
    text = read.challenge(plan.key)
    opens = plan.opens.replace(hour=2, minute=0, second=0, microsecond=0)  # 10 in the morning in China
    closes = (plan.closes or opens + text.days_open * DAY).replace(hour=10, minute=0, second=0, microsecond=0)
    dice = chance("life", plan.key)
    at = opens - (24 + dice.random() * 4) * DAY
    yield working(at)
    number = _draft(text, plan, opens, closes).id
    if plan.until == "draft" and not plan.sent_back:
        return
    at = yield from _screened(text, number, plan, at + 1.2 * DAY)
    if plan.until in ("draft", "screening", "approved"):
        return
    at = yield from _paid(text, number, plan, at + 3.4 * DAY)
    if plan.cancel == "funded":
        yield working(at + DAY)
        _cancel(text, number)
        return
    yield opens + timedelta(minutes=5)
    for entry in read.proposals(plan.key):
        simulator.add(answer(entry, number, opens, closes, plan.key))
    if plan.cancel == "open":
        yield working(opens + (closes - opens) * CALLED_OFF)
        _cancel(text, number)
        return
    if plan.until in ("funded", "open"):
        return
    yield closes + timedelta(hours=2)
    yield from judging.judge(simulator, text, number, plan)


def _draft(text: read.ChallengeText, plan: ChallengePlan, opens: datetime, closes: datetime) -> Challenge:
    sponsor = personas.account(text.sponsor)
    brief = Brief(
        title=text.title,
        summary=text.summary,
        problem_statement=text.need,
        stage=text.stage,
        language=LOCALES[text.language],
        currency=text.currency,
        tags=list(dict.fromkeys([*text.tags[:4], *text.topics[:4]])),
        prizes=[PrizeLine(title=p.label, amount=p.amount, award_count=p.award_count) for p in text.prizes],
        criteria=[criterion.line for criterion in text.rubric],
        opens_at=opens,
        closes_at=closes,
        time_zone=personas.organisation(text.organisation).time_zone,
        appeal_seconds=int(plan.appeals.total_seconds()) if plan.appeals else None,
    )
    brief = replace(brief, **plan.clauses)
    row = challenges.create(sponsor, personas.organisation_row(text.organisation).id, brief=brief)
    write_terms(plan.key, sponsor, row)
    write_support(plan.key, sponsor, row)
    return row


def _screened(text: read.ChallengeText, number: int, plan: ChallengePlan, at: datetime) -> Part:
    yield working(at)
    sponsor, centre = text.sponsor, "eve" if text.language == "en" else "luyao"
    lifecycle.submit(personas.account(sponsor), number)
    if plan.sent_back:
        at += 1.1 * DAY
        yield working(at)
        remark = screening.remark(personas.account(centre), number, field="rights", text=RIGHTS_ASKED[text.language])
        pinned = remark.id
        _answer(personas.account(centre), number, {"rights": (CheckAnswer.NO, RIGHTS_MISSING[text.language])})
        lifecycle.return_for_changes(personas.account(centre), number, reason=text.sent_back)
        if plan.until == "draft":
            return at
        at += 0.9 * DAY
        yield working(at)
        challenges.edit(personas.account(sponsor), number, changes={"rights": RIGHTS[text.language]})
        screening.resolve(personas.account(sponsor), number, shown=[pinned], resolved=[pinned])
        lifecycle.submit(personas.account(sponsor), number)
    if plan.until == "screening":
        if plan.sent_back:
            screening.claim(personas.account(centre), number, holder=None)
        return at
    at += 1.3 * DAY
    yield working(at)
    approve(personas.account(centre), number, note=text.screening)
    return at


def approve(officer: User, number: int, *, note: str = "") -> Challenge:
    """The service centre answers its whole checklist, and approves."""
    _answer(officer, number, {})
    return lifecycle.approve(officer, number, note=note)


def _answer(officer: User, number: int, other: Mapping[str, tuple[CheckAnswer, str]]) -> None:
    """Every item is met, but for `other` answers."""
    one = rounds.current(access_challenge(SYSTEM, number))
    assert one is not None
    items = screening_queries.checklist(one.checklist).items
    answers = {item.key: (CheckAnswer.YES, "") for item in items}
    screening.check(officer, number, answers=answers | dict(other))


def _paid(text: read.ChallengeText, number: int, plan: ChallengePlan, at: datetime) -> Part:
    """The sponsor pays, in one payment or in two; the escrow is funded once it suffices."""
    yield working(at)
    challenge = access_challenge(SYSTEM, number)
    cost, reference = challenge.cost, challenge.payment_reference or ""
    parts = [cost * 2 // 5, cost - cost * 2 // 5] if plan.paid_in_two else [cost]
    for part, amount in enumerate(parts, start=1):
        at = yield from _deposited(text, reference, amount, part, at + timedelta(hours=3))
    return at


def _deposited(text: read.ChallengeText, reference: str, amount: int, part: int, at: datetime) -> Part:
    """A payment: Fen records it, Finn confirms a large one, and a statement shows it the day after."""
    yield working(at)
    dice = chance("deposit", text.key, part)
    row = deposits.record(
        personas.account("fen"),
        bank_reference=f"{clock.now():%Y%m%d}{dice.randrange(10**8):08d}",
        value_date=clock.today(),
        payer=personas.organisation_row(text.organisation).name,
        amount=amount,
        currency=text.currency,
        payment_reference=reference,
    )
    number = row.id
    if row.state == DepositState.RECORDED:
        at += timedelta(hours=4)
        yield working(at)
        deposits.confirm(personas.account("finn"), number)
    at += DAY
    yield working(at)
    deposits.reconcile(personas.account("fen"), number)
    return at


def answer(entry: read.ProposalText, number: int, opens: datetime, closes: datetime, key: str) -> Script:
    """One solver's script: register, write, improve, submit before the deadline."""
    dice = chance("answer", entry.key)
    window = closes - opens
    begins = dice.uniform(0.04, 0.6)
    ends = min(begins + dice.uniform(0.08, 0.35), 0.985)
    yield opens + window * begins
    if _called_off(number):
        return
    author = personas.account(entry.author)
    enter(author, number, key)
    proposal = submissions.start(author, number).id
    half = entry.body[: len(entry.body) // 2]
    submissions.save(
        author, proposal, title=entry.title, abstract=entry.abstract, body=half, language=LOCALES[entry.language]
    )
    yield opens + window * (begins + ends) / 2
    if _called_off(number):
        return
    author = personas.account(entry.author)
    submissions.save(
        author, proposal, title=entry.title, abstract=entry.abstract, body=entry.body, language=LOCALES[entry.language]
    )
    for name in entry.files:
        with read.attachment(name).open("rb") as stream:
            submissions.attach(personas.account(entry.author), proposal, stream=stream, filename=name)
    if entry.team:
        yield from _share(entry, proposal)
    yield opens + window * ends
    if _called_off(number):
        return
    submissions.submit(personas.account(entry.author), proposal)


def _called_off(number: int) -> bool:
    return not access_challenge(SYSTEM, number).takes_proposals(clock.now())


def _share(entry: read.ProposalText, proposal: int) -> Script:
    """A team agrees on shares: the others get equal parts, the lead, or the agency, the rest."""
    team = next(team for team in personas.TEAMS if team.key == entry.team)
    others = [key for key in team.members if key != entry.author]
    each = team.others // len(others)
    wanted = [(personas.person(key).email, each) for key in others]
    own = 10_000 - each * len(others) if team.own is None else team.own
    shares.set_shares(personas.account(entry.author), proposal, own=own, others=wanted)
    for key in others:
        yield clock.now() + timedelta(hours=5)
        shares.agree_share(personas.account(key), proposal)
    if team.own is not None:
        yield clock.now() + timedelta(hours=3)
        shares.agree_share(personas.owner_of_agency(entry.author), proposal, for_agency=True)


def _cancel(text: read.ChallengeText, number: int) -> None:
    """The service centre cancels it for the sponsor's reason; the ledger refunds it."""
    lifecycle.cancel(personas.account("eve"), number, reason=text.cancelled)


def challenge_number(key: str) -> int:
    """The number of the challenge of that text. Raises NoResultFound before its draft."""
    title = read.challenge(key).title
    return db.session.scalars(sa.select(Challenge.id).where(Challenge.title == title)).one()
