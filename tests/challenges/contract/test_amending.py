"""Changing a published challenge: the class of a change, what is refused, what must be paid, and who accepts again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from challenges.brief import Brief, PrizeLine
from challenges.contract import classes, projection, queries, services
from challenges.criteria import CriterionLine
from challenges.funding import queries as funding_queries
from challenges.jobs import fund_change
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd.audit import SYSTEM
from crowd.background import Job
from crowd.contracts.changes import Change
from crowd.contracts.models import ContractVersion
from crowd.contracts.workflow import ChangeClass, VersionState
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.ledger.models import LedgerAccountKind, OwnerType
from crowd.notifications.models import Notification
from submissions import services as submissions
from submissions.acceptance import services as acceptance
from submissions.models import Proposal
from submissions.workflow import ProposalState
from tests import factories
from tests.cast import Cast

LONGER = "Ten minutes of sound from two hydrants; say whether there is a leak, and where. Any site will do."
SMALL = [PrizeLine(title="First", amount=20_000_000), PrizeLine(title="Second", amount=7_000_000)]


def changed(challenge: Challenge, **changes: Any) -> Brief:
    return replace(queries.brief_in_force(challenge), **changes)


def amend(cast: Cast, challenge: Challenge, wanted: ChangeClass | None = None, **changes: Any) -> ContractVersion:
    """What Ada does: look at the check, then publish."""
    brief = changed(challenge, **changes)
    shown = services.plan(challenge, brief, wanted=wanted).digest
    return services.amend(cast.ada, challenge.id, brief=brief, reason="It was not clear.", shown=shown, wanted=wanted)


def told(kind: str) -> set[int]:
    return set(db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == kind)))


def escrow(challenge: Challenge) -> int:
    return ledger.balance(LedgerAccountKind.ESCROW, OwnerType.CHALLENGE, challenge.id, challenge.currency)


CLERICAL, CLARIFYING, MATERIAL = ChangeClass.CLERICAL, ChangeClass.CLARIFYING, ChangeClass.MATERIAL


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"tags": ["acoustics"]}, CLERICAL),
        ({"title": "Find leaks in buried cast-iron mains, from the noise at two hydrants!"}, CLERICAL),
        ({"title": "Find leaks in buried cast-iron mains from the noise at two fire hydrants"}, CLARIFYING),
        ({"title": "Find leaks in buried mains"}, MATERIAL),
        ({"title": "Count the fish of a river"}, MATERIAL),
        ({"stage": "10"}, MATERIAL),
        ({"problem_statement": "## What we have\n\n612 km of GREY cast-iron mains from before 1985"}, CLERICAL),
        ({"summary": "Ten minutes of sound from three hydrants; say whether there is a leak."}, MATERIAL),
        (
            {"summary": "Ten minutes of sound from two hydrants; say whether there is a leak, and where it is."},
            CLARIFYING,
        ),
        ({"problem_statement": "## What we have\n\n613 km of grey cast-iron mains from before 1985."}, MATERIAL),
        ({"problem_statement": "## What we have\n\n61.2 km of grey cast-iron mains from before 1985."}, MATERIAL),
        ({"problem_statement": "## What we have\n\n612 KM of grey cast-iron mains from before 1985."}, MATERIAL),
        ({"problem_statement": ""}, MATERIAL),
        ({"summary": "Ten minutes of sound from two hydrants; do not say whether there is a leak."}, MATERIAL),
        ({"summary": "Ten minutes of sound from two hydrants; say whether there is a leak. 24 sites."}, MATERIAL),
        ({"summary": "Ten minutes of sound from two hydrants; say whether there is a leak. > All?"}, MATERIAL),
        ({"rights": "A transfer."}, MATERIAL),
        ({"criteria": [CriterionLine(title="One thing", weight=100)]}, MATERIAL),
        ({"appeal_seconds": 14 * 86400}, MATERIAL),
        ({"proposals_limit": 499, "tags": ["acoustics"]}, MATERIAL),
    ],
)
def test_the_class_follows_from_the_fields(cast: Cast, changes: dict[str, object], expected: ChangeClass) -> None:
    challenge = factories.opened(cast)
    assert services.plan(challenge, changed(challenge, **changes)).change_class == expected


WORDS_AND_SIGNS = [
    ("less than < 5 dB", "less than > 5 dB", MATERIAL),
    ("a prize of ¥5 each", "a prize of €5 each", MATERIAL),
    ("power in mW per node", "power in MW per node", MATERIAL),
    ("12 nodes", "十二 nodes", MATERIAL),
    ("传感器能在水下工作", "传感器不能在水下工作", MATERIAL),
    ("传感器能在水下工作", "传感器能在水下连续工作", CLARIFYING),
    ("传感器能在水下工作。", "传感器，能在水下工作", CLERICAL),
    ("It can float.", "It can't float.", MATERIAL),
    ("A then B", "B then A", MATERIAL),
    ("A, B", "A, B, and likewise C", CLARIFYING),
    ("One site.", "One site.\n\nNever use 2 sites; 24 sites are excluded.", MATERIAL),
    ("One site.", "One site.\n\nAny place will do.", CLARIFYING),
    ("交付十个传感器", "交付二十个传感器", MATERIAL),
    ("交付传感器", "交付两个传感器", MATERIAL),
    ("预算三百元", "预算三百万元", MATERIAL),
    ("five nodes", "twenty-five nodes", MATERIAL),
    ("the budget", "Half the budget", MATERIAL),
    ("the quality of a station", "the quality and safety of a railway station", CLARIFYING),
    ("One site.", "One site. Are 2 sites needed? No.", MATERIAL),
    ("", "Are 2 sites needed?", MATERIAL),
]


@pytest.mark.parametrize("field", ["title", "summary", "statement"])
@pytest.mark.parametrize(("before", "after", "expected"), WORDS_AND_SIGNS)
def test_the_class_of_a_text_is_never_lower_than_its_rules(
    field: str, before: str, after: str, expected: ChangeClass
) -> None:
    assert classes.classify([Change(("problem", field), before, after)]) == expected


def test_only_the_answer_that_the_platform_adds_is_clarifying_whatever_its_words() -> None:
    before, after = "One site.", "One site.\n\n> Are 2 sites needed?\n\nNo."
    added = Change(("problem", "statement"), before, after)
    assert classes.classify([added]) == MATERIAL
    assert classes.classify([added], answer=True) == CLARIFYING
    assert classes.classify([added, Change(("stage",), 9, 10)], answer=True) == MATERIAL
    assert classes.classify([Change(("problem", "statement"), before, "2 sites.\n\nNo.")], answer=True) == MATERIAL
    assert classes.classify([Change(("problem", "summary"), before, after)], answer=True) == MATERIAL


TELLING = {"not", "不", "5 dB", "5", "<", ">", "¥", "mW", "MW", "十", "三", "万", "两", "半", "five", "Twenty", "half"}
PIECES = st.sampled_from([*sorted(TELLING), "sensor", "Sensor", "能", ",", ".", "\n\n"])


@given(st.lists(PIECES, max_size=6), st.lists(PIECES, max_size=6))
def test_what_is_less_than_material_keeps_every_figure_sign_and_negation(before: list[str], after: list[str]) -> None:
    found = classes.classify([Change(("problem", "statement"), " ".join(before), " ".join(after))])
    if found != MATERIAL:
        assert [one for one in before if one in TELLING] == [one for one in after if one in TELLING]


def test_a_person_may_raise_the_class_and_not_lower_it(cast: Cast) -> None:
    challenge = factories.opened(cast)
    brief = changed(challenge, tags=["acoustics"])
    assert services.plan(challenge, brief, wanted=MATERIAL).change_class == MATERIAL
    material = changed(challenge, rights="A transfer.")
    assert services.plan(challenge, material, wanted=CLARIFYING).change_class == MATERIAL


def test_a_clarification_is_in_force_at_once_and_moves_no_date(cast: Cast) -> None:
    challenge = factories.opened(cast)
    submissions.register(cast.bo, challenge.id, accepted=True)
    closes_at = challenge.closes_at
    version = amend(cast, challenge, summary=LONGER)
    assert (version.number, version.state, version.change_class) == (2, VersionState.IN_FORCE, CLARIFYING)
    assert (challenge.summary, challenge.closes_at) == (LONGER, closes_at)
    assert challenge.contract_version_id == version.id
    assert projection.findings() == []
    factories.run_jobs("registrations.notify_amended")
    assert told("submissions.contract_amended") == {cast.bo.id}


def test_a_material_change_moves_the_close_by_the_clause(cast: Cast) -> None:
    challenge = factories.opened(cast)
    before = challenge.closes_at
    amend(cast, challenge, rights="A transfer.")
    assert challenge.closes_at - before == timedelta(seconds=challenge.rules["amendment_seconds"])
    due = db.session.scalars(sa.select(Job.run_at).where(Job.kind == "challenges.close").order_by(Job.run_at)).all()
    assert due[-1] == challenge.to_close_at


def test_a_later_deadline_is_a_version_of_its_own(cast: Cast) -> None:
    challenge = factories.opened(cast)
    later = challenge.closes_at + timedelta(days=3)
    with pytest.raises(Invalid) as refused:
        amend(cast, challenge, closes_at=later, summary=LONGER)
    assert set(refused.value.fields) == {"closes_at"}
    version = amend(cast, challenge, closes_at=later)
    assert (version.change_class, challenge.closes_at) == (ChangeClass.EXTENSION, later)
    assert not version.asks_for_acceptance


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, "closes_at"),  # a day earlier
        ({"prizes": SMALL}, "prizes"),
        ({"proposals_limit": 3}, "proposals_limit"),
        ({"currency": "EUR"}, "currency"),
        ({"language": "zh_Hans_CN"}, "language"),
    ],
)
def test_nothing_is_taken_from_those_who_have_registered(cast: Cast, changes: dict[str, object], field: str) -> None:
    challenge = factories.opened(cast)
    submissions.register(cast.bo, challenge.id, accepted=True)
    if field == "closes_at":
        changes = {"closes_at": challenge.closes_at - timedelta(days=1)}
    with pytest.raises(Invalid) as refused:
        services.plan(challenge, changed(challenge, **changes))
    assert field in refused.value.fields


@pytest.mark.parametrize("field", ["closes_at", "proposals_limit", "appeal_seconds"])
def test_what_is_left_out_is_asked_for_or_stays(cast: Cast, field: str) -> None:
    challenge = factories.opened(cast)
    brief = changed(challenge, **{field: None}, tags=["acoustics"])
    if field == "closes_at":
        with pytest.raises(Invalid):
            services.plan(challenge, brief)
    else:
        assert services.plan(challenge, brief).change_class == CLERICAL


def test_nobody_keeps_a_challenge_open_without_end(cast: Cast) -> None:
    challenge = factories.opened(cast)
    with pytest.raises(Invalid) as refused:
        services.plan(challenge, changed(challenge, closes_at=challenge.closes_at + timedelta(days=400)))
    assert "closes_at" in refused.value.fields


def test_money_that_arrives_puts_the_waiting_version_in_force(cast: Cast) -> None:
    challenge = factories.opened(cast)
    version = amend(cast, challenge, prizes=raised(challenge))
    factories.pay_in(cast, cast.luoyang, 2_000_000)
    assert fund_change(challenge.id, "2026-11-30T00:00:00+00:00") == {"version": version.number}
    assert fund_change(challenge.id, "2026-11-30T00:00:00+00:00").keys() == {"skipped"}
    assert version.state == VersionState.IN_FORCE


def test_spaces_around_a_text_are_no_difference(cast: Cast) -> None:
    challenge = factories.opened(cast)
    padded = f"{challenge.problem_statement}\n"
    with pytest.raises(Invalid):
        services.plan(challenge, changed(challenge, problem_statement=padded))
    planned = services.plan(challenge, changed(challenge, problem_statement=padded, tags=["acoustics"]))
    assert {one.path[:2] for one in planned.changes} == {("problem", "tags")}


def test_a_change_of_nothing_is_refused(cast: Cast) -> None:
    challenge = factories.opened(cast)
    with pytest.raises(Invalid):
        services.plan(challenge, queries.brief_in_force(challenge))


def test_only_the_sponsor_changes_it_and_only_what_was_shown(cast: Cast) -> None:
    challenge = factories.opened(cast)
    brief = changed(challenge, summary=LONGER)
    shown = services.plan(challenge, brief).digest
    with pytest.raises(Forbidden):
        services.amend(cast.bo, challenge.id, brief=brief, reason="I may not.", shown=shown)
    amend(cast, challenge, tags=["acoustics"])
    with pytest.raises(Conflict):
        services.amend(cast.ada, challenge.id, brief=brief, reason="Somebody was faster.", shown=shown)
    with pytest.raises(Invalid):
        services.amend(cast.ada, challenge.id, brief=brief, reason=" ", shown=shown)


# ---- a raised prize


def raised(challenge: Challenge) -> list[PrizeLine]:
    first, *others = queries.brief_in_force(challenge).prizes
    return [replace(first, amount=first.amount + 1_000_000), *others]


def test_a_raised_prize_is_in_force_once_it_is_paid(cast: Cast) -> None:
    challenge = factories.opened(cast)
    before, held = challenge.prize_total, escrow(challenge)
    version = amend(cast, challenge, prizes=raised(challenge))
    assert (version.state, challenge.prize_total) == (VersionState.PROPOSED, before)
    funding = funding_queries.funding_of(challenge)
    (expected,) = funding_queries.expected()
    assert (expected.version, expected.cost, expected.due_at) == (2, funding.due, challenge.closes_at)
    assert funding.missing == funding.due == escrow(challenge) * 1_000_000 // before
    with pytest.raises(Conflict) as short:
        services.fund(cast.ada, challenge.id)
    factories.pay_in(cast, cast.luoyang, int(str(short.value.facts["missing"])))
    services.fund(cast.ada, challenge.id)
    assert (version.state, challenge.prize_total) == (VersionState.IN_FORCE, before + 1_000_000)
    assert escrow(challenge) == challenge.cost > held
    assert funding_queries.expected() == []
    assert funding_queries.funding_of(challenge).missing == 0
    assert check.errors(check.run_checks()) == []


def test_another_change_waits_for_the_one_that_is_not_paid(cast: Cast) -> None:
    challenge = factories.opened(cast)
    amend(cast, challenge, prizes=raised(challenge))
    with pytest.raises(Conflict):
        amend(cast, challenge, tags=["acoustics"])
    services.withdraw(cast.ada, challenge.id)
    assert amend(cast, challenge, tags=["acoustics"]).number == 3


def test_a_raise_that_was_never_paid_ends_with_the_close(cast: Cast) -> None:
    challenge = factories.opened(cast)
    version = amend(cast, challenge, prizes=raised(challenge))
    before = challenge.prize_total
    closed = factories.closed(cast, challenge)
    assert (version.state, closed.prize_total) == (VersionState.WITHDRAWN, before)
    assert projection.findings() == []


# ---- accepting again


def test_without_acceptance_nothing_is_submitted(cast: Cast) -> None:
    challenge = factories.opened(cast)
    proposal = factories.proposal(cast.bo, challenge, submitted=False)
    amend(cast, challenge, rights="A transfer.")
    with pytest.raises(Conflict):
        submissions.submit(cast.bo, proposal.id)
    with pytest.raises(Conflict):
        acceptance.accept(cast.bo, challenge.id, contract=1)
    acceptance.accept(cast.bo, challenge.id, contract=2)
    version = submissions.submit(cast.bo, proposal.id)
    assert version.contract_version is not None
    assert version.contract_version.number == 2


def test_who_has_not_accepted_by_the_close_is_set_aside_unopened(cast: Cast) -> None:
    challenge = factories.opened(cast)
    late = factories.proposal(cast.bo, challenge)
    prompt = factories.proposal(factories.user("Prompt"), challenge)
    amend(cast, challenge, rights="A transfer.")
    acceptance.accept(prompt.user, challenge.id, contract=2)
    closed = factories.closed(cast, challenge)
    states = {one.id: one.state for one in db.session.scalars(sa.select(Proposal))}
    assert states == {late.id: ProposalState.SET_ASIDE, prompt.id: ProposalState.SUBMITTED}
    assert closed.proposals_count == 1
    assert told("submissions.set_aside") == {cast.bo.id}
    assert check.errors(check.run_checks()) == []


def test_who_waits_is_reminded_three_times(cast: Cast) -> None:
    challenge = factories.opened(cast)
    factories.proposal(cast.bo, challenge)
    amend(cast, challenge, rights="A transfer.")
    factories.run_jobs("registrations.notify_amended")
    assert told("submissions.contract_accept") == {cast.bo.id}
    due = db.session.scalars(sa.select(Job.run_at).where(Job.kind == "proposals.remind_acceptance")).all()
    assert len(due) == 3
    assert all(challenge.changed_at < at < challenge.closes_at for at in due)
    for turn in (1, 1, 2):
        acceptance.remind(SYSTEM, challenge.id, turn)
    reminded = sa.select(sa.func.count()).where(Notification.kind == "submissions.contract_reminder")
    assert db.session.scalar(reminded) == 2
    acceptance.accept(cast.bo, challenge.id, contract=2)
    acceptance.remind(SYSTEM, challenge.id, 3)
    assert db.session.scalar(reminded) == 2


def test_a_cancelled_challenge_drops_its_waiting_change(cast: Cast) -> None:
    challenge = factories.opened(cast)
    version = amend(cast, challenge, prizes=raised(challenge))
    lifecycle.cancel(cast.ada, challenge.id, reason="No longer needed.")
    assert (challenge.state, version.state) == (ChallengeState.CANCELLED, VersionState.WITHDRAWN)
    assert check.errors(check.run_checks()) == []
