"""Cases under concurrency: a step ends once, whoever is first, and a role counts as it is under the lock."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd.accounts.models import PlatformRole, User, user_role
from crowd.audit import AuditEvent
from crowd.background import Job
from crowd.cases import proceedings, services
from crowd.cases.models import Case, CaseStep
from crowd.cases.workflow import CaseState, Finding, VoteChoice
from crowd.clock import now
from crowd.db import atomic, commit, db
from crowd.errors import OperationError
from crowd.feature import Feature, declare
from crowd.features import FEATURES
from crowd.procedure import COUNCIL, CaseKind, CaseOutcome, CaseSubject, OnSilence, StepAct, StepKind
from tests import factories
from tests.cast import Cast
from tests.races.solvers import MOMENT, arrived, at_once, each_first

TRIES = [12, pytest.param(1_000, marks=[pytest.mark.long, pytest.mark.timeout(7200)])]
HEAD_START = 0.02  # seconds, for one of the two by turns, so that both orders occur often
Ballots = tuple[list[int], list[str]]  # two members who have not voted, and public ids of cases
ANSWERS = {"ground": "advertising", "what": "It sells pills."}


@pytest.fixture
def features() -> Iterator[None]:
    """What a test declares goes with it."""
    yield
    declare(FEATURES)


def checked(cast: Cast) -> str:
    """The public id of a report that waits for the check of the service centre."""
    case = services.file_case(cast.bo, "profile_report", str(factories.user("Pill").id), answers=ANSWERS)
    step = case.steps[0]
    step.due_at = now() - timedelta(hours=1)
    commit()
    proceedings.end_step(step.id)
    commit()
    return case.public_id


def concludes(user_id: int, case: str, finding: Finding, late: float = 0) -> Callable[[], object]:
    def act() -> object:
        time.sleep(late)
        return services.conclude(db.session.get_one(User, user_id), case, 2, finding=finding, reasons="So it is.").state

    return act


@pytest.mark.parametrize("tries", TRIES)
def test_two_conclude_at_once_and_one_result_stands(committed: Flask, tries: int) -> None:
    with committed.app_context():
        cast = Cast()
        eve, zoe = cast.eve.id, factories.user("Zoe", PlatformRole.SERVICE_CENTRE).id
        _roomy(committed, tries)
        cases = [checked(cast) for _turn in range(tries)]
    for turn, case in enumerate(cases):
        late = (0.0, HEAD_START, 0.0)[turn % 3], (0.0, 0.0, HEAD_START)[turn % 3]
        told = at_once(
            committed,
            [concludes(eve, case, Finding.YES, late[0]), concludes(zoe, case, Finding.NO, late[1])],
        )
        assert sum(isinstance(one, OperationError) for one in told) == 1
        with committed.app_context():
            row = db.session.scalars(sa.select(Case).where(Case.public_id == case)).one()
            first = eve if not isinstance(told[0], OperationError) else zoe
            assert (row.steps[1].done_by, row.state) == (
                first,
                CaseState.GRANTED if first == eve else CaseState.REFUSED,
            )
            key = f"case:{row.id}:accounts.clear_profile"
            jobs = db.session.scalar(sa.select(sa.func.count()).where(Job.dedup_key == key))
            assert jobs == (first == eve)
            ended = sa.select(sa.func.count()).where(AuditEvent.subject_id == row.id)
            assert db.session.scalar(ended.where(AuditEvent.action == "case.decided")) == 1


@pytest.mark.parametrize("tries", TRIES)
def test_the_clock_and_a_person_end_a_step_once(committed: Flask, tries: int) -> None:
    """In its last second: either what the person says, or the stated consequence."""
    firsts: Counter[str] = Counter()
    with committed.app_context():
        cast = Cast()
        eve = cast.eve.id
        _roomy(committed, tries)
        cases = [checked(cast) for _turn in range(tries)]
    for turn, case in enumerate(cases):
        with committed.app_context():
            step = db.session.scalars(sa.select(CaseStep).join(CaseStep.case).where(Case.public_id == case)).all()[1]
            number, step.due_at = step.id, now() - timedelta(seconds=11) if turn % 2 else now() + timedelta(seconds=9)
            commit()
        at_once(committed, [concludes(eve, case, Finding.YES), partial(proceedings.end_step, number)])
        with committed.app_context():
            row = db.session.scalars(sa.select(Case).where(Case.public_id == case)).one()
            firsts[row.state] += 1
            assert row.state == (CaseState.REFUSED if turn % 2 else CaseState.GRANTED)
    assert len(firsts) == 2


@pytest.mark.parametrize("tries", TRIES)
def test_two_propose_a_sanction_of_one_person_at_once_and_one_case_is_filed(committed: Flask, tries: int) -> None:
    with committed.app_context():
        centre = [Cast().eve.id, factories.user("Zoe", PlatformRole.SERVICE_CENTRE).id]
        _roomy(committed, tries)
        people = [factories.user(f"Pill {turn}").id for turn in range(tries)]
        commit()
    for person in people:
        told = at_once(committed, [proposes(one, person) for one in centre])
        assert sorted(isinstance(one, OperationError) for one in told) == [False, True]
        with committed.app_context():
            about = sa.select(sa.func.count()).where(Case.kind == "person_sanction", Case.subject_id == person)
            assert db.session.scalar(about) == 1


def proposes(user_id: int, person: int) -> Callable[[], object]:
    def act() -> object:
        answers = {"measure": "warning", "what": "They sell pills."}
        return services.file_case(db.session.get_one(User, user_id), "person_sanction", str(person), answers=answers).id

    return act


def ballots(number: int, quorum: int) -> Ballots:
    """So many cases at the vote of three members, of whom the first has voted for."""
    members = [factories.user(name, PlatformRole.COUNCIL).id for name in ("Una", "Ugo", "Uta")]
    steps = (
        StepKind(name="vote", label="Vote", body=COUNCIL, act=StepAct.VOTE, stage=1, days=5, quorum=quorum,
                 silence=OnSilence.REFUSES),
    )  # fmt: skip
    kind = CaseKind(
        name="ballot", label="Ballot", explanation="", subject_type="user", form=(), steps=steps,
        subject=lambda _actor, key: CaseSubject(id=int(key), title="A well", path="/challenges"),
        consequences={CaseOutcome.GRANTED: "It is dug.", CaseOutcome.REFUSED: "It is not dug."},
    )  # fmt: skip
    declare([*FEATURES, Feature(name="ballots", case_kinds=(kind,))])
    filer, first = factories.user("Filer"), db.session.get_one(User, members[0])
    cases = [services.file_case(filer, "ballot", str(one), answers={}).public_id for one in range(number)]
    for case in cases:
        services.vote(first, case, 1, choice=VoteChoice.FOR, reasons="Yes.")
    commit()
    return members[1:], cases


def votes(user_id: int, case: str, choice: VoteChoice) -> Callable[[], object]:
    return lambda: services.vote(db.session.get_one(User, user_id), case, 1, choice=choice, reasons="So I say.").state


def of(case: str) -> tuple[Case, list[VoteChoice]]:
    """A case with what was voted, and how often it was decided."""
    row = db.session.scalars(sa.select(Case).where(Case.public_id == case)).one()
    decided = sa.select(sa.func.count()).where(AuditEvent.subject_id == row.id, AuditEvent.action == "case.decided")
    assert db.session.scalar(decided) == (not row.is_pending)
    return row, [one.choice for one in row.steps[0].votes]


@pytest.mark.parametrize("quorum", [3, 2])
@pytest.mark.parametrize("tries", TRIES)
def test_two_members_vote_at_once_and_the_result_stands_once(
    committed: Flask, features: None, tries: int, quorum: int
) -> None:
    """Where two are a quorum, a second vote for ends the vote, and who comes after it is too late."""
    with committed.app_context():
        _roomy(committed, tries)
        (ugo, uta), cases = ballots(tries, quorum)
    late = 0
    for turn, case in enumerate(cases):
        acts = [votes(ugo, case, VoteChoice.FOR), votes(uta, case, VoteChoice.AGAINST)]
        told = at_once(committed, acts, each_first(turn))
        with committed.app_context():
            row, cast = of(case)
            assert row.state == CaseState.GRANTED
            refused = sum(isinstance(one, OperationError) for one in told)
            assert len(cast) == 3 - refused
            assert not isinstance(told[0], OperationError)
            late += refused
    assert (late > 0) == (quorum == 2)
    assert late < tries


@pytest.mark.parametrize("tries", TRIES)
def test_a_vote_of_the_last_second_counts_or_the_time_is_over(committed: Flask, features: None, tries: int) -> None:
    """A vote that had arrived in time was processed late, together with the end: one of them, never both."""
    ends: Counter[str] = Counter()
    with committed.app_context():
        _roomy(committed, tries)
        (ugo, _uta), cases = ballots(tries, 2)
    for turn, case in enumerate(cases):
        with committed.app_context():
            step = db.session.scalars(sa.select(CaseStep).join(CaseStep.case).where(Case.public_id == case)).one()
            number, due = step.id, now() - timedelta(seconds=11)
            step.due_at = due
            commit()
        in_time = arrived(committed, due - MOMENT, votes(ugo, case, VoteChoice.FOR))
        told = at_once(committed, [in_time, partial(proceedings.end_step, number)], each_first(turn))
        with committed.app_context():
            row, cast = of(case)
            counted = not isinstance(told[0], OperationError)
            assert (row.state, len(cast)) == ((CaseState.GRANTED, 2) if counted else (CaseState.REFUSED, 1))
            ends[row.state] += 1
    assert ends.keys() == {CaseState.GRANTED, CaseState.REFUSED}


def test_who_lost_the_role_while_waiting_decides_nothing(committed: Flask) -> None:
    with committed.app_context():
        cast = Cast()
        zoe = factories.user("Zoe", PlatformRole.SERVICE_CENTRE)
        zoe_id, case = zoe.id, checked(cast)

    @atomic
    def demotes() -> None:
        """Hold the case's lock, and take the role away before letting go."""
        db.session.execute(sa.select(Case.id).where(Case.public_id == case).with_for_update())
        time.sleep(0.5)
        db.session.execute(sa.delete(user_role).where(user_role.c.user_id == zoe_id))

    told = at_once(committed, [demotes, concludes(zoe_id, case, Finding.YES, 0.2)])
    assert isinstance(told[1], OperationError)
    with committed.app_context():
        assert db.session.scalars(sa.select(Case).where(Case.public_id == case)).one().is_pending


def _roomy(app: Flask, tries: int) -> None:
    """One person may file as many as the test needs."""
    settings = app.config["CROWD"]
    app.config["CROWD"] = replace(
        settings, limits=replace(settings.limits, cases_per_day=tries + 1, cases_per_subject=tries + 1)
    )
