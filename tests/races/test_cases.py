"""Cases under concurrency: a step ends once, whoever is first, and a role counts as it is under the lock."""

import time
from collections import Counter
from collections.abc import Callable
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
from crowd.cases.workflow import CaseState, Finding
from crowd.clock import now
from crowd.db import atomic, commit, db
from crowd.errors import OperationError
from tests import factories
from tests.cast import Cast
from tests.races.solvers import at_once

TRIES = [12, pytest.param(1_000, marks=[pytest.mark.long, pytest.mark.timeout(7200)])]
HEAD_START = 0.02  # seconds, for one of the two by turns, so that both orders occur often
ANSWERS = {"ground": "advertising", "what": "It sells pills."}


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
