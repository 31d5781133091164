"""Rules when several workers do the same at once: each version is founded, adopted and put in force once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
from flask import Flask

from challenges.rule_set import RULES
from crowd.audit import AuditEvent
from crowd.background import Job
from crowd.cases import services as cases
from crowd.clock import db_now, today
from crowd.contracts.models import Contract, ContractVersion
from crowd.contracts.workflow import VersionState
from crowd.db import commit, db
from crowd.ledger.fees.rules import FEES
from crowd.rules import queries, services
from tests import factories
from tests.cast import Cast
from tests.races.solvers import at_once

MANY = 6


def count(action: str) -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(AuditEvent.action == action)) or 0


def test_a_set_is_founded_once(committed: Flask) -> None:
    results = at_once(committed, [lambda: services.founded(RULES.name).digest] * MANY)
    assert len(set(results)) == 1
    with committed.app_context():
        theirs = (Contract.kind == "rules", Contract.subject_id == RULES.number)
        query = sa.select(ContractVersion.number).join(ContractVersion.contract).where(*theirs)
        assert list(db.session.scalars(query)) == [1]
        assert count("rules.founded") == 1


def test_a_version_comes_into_force_once(committed: Flask) -> None:
    for turn in range(8):
        with committed.app_context():
            values = {"award": 500 + turn + 1}
            row = services.adopt_values(FEES, values, "So it was decided.", db_now(), None)
            commit()
            number, version = row.id, row.version.number
        results = at_once(committed, [partial(services.begin, number)] * MANY)
        assert set(results) == {VersionState.IN_FORCE}
        with committed.app_context():
            assert count("rules.began") == turn + 1
            assert queries.in_force("fees").number == version


def test_a_decision_is_adopted_once(committed: Flask) -> None:
    with committed.app_context():
        cast = Cast()
        day = (today() + timedelta(days=30)).isoformat()
        answers = {"what": "Lower", "award": "400", "applies_on": day, "why": "It is enough."}
        case = cases.file_case(cast.eve, "fees_change", "1", answers=answers)
        commit()
        number = case.id
    results = at_once(committed, [lambda: services.adopt(number, FEES.number, answers).id] * MANY)
    assert len(set(results)) == 1
    with committed.app_context():
        assert count("rules.adopted") == 1
        assert len(db.session.scalars(sa.select(Job.id).where(Job.kind == "rules.begin")).all()) == 1


def _adopts(points: int, at: datetime) -> int:
    return services.adopt_values(FEES, {"award": points}, "So.", at, None).id


def test_two_decisions_that_are_adopted_at_once_leave_one_that_waits(committed: Flask) -> None:
    with committed.app_context():
        at = db_now() + timedelta(days=9)
    acts: list[Callable[[], int]] = [partial(_adopts, points, at) for points in range(100, 100 + MANY)]
    assert len(set(at_once(committed, acts))) == MANY
    with committed.app_context():
        assert (count("rules.adopted"), count("rules.replaced")) == (MANY, MANY - 1)
        assert queries.find_waiting(FEES) is not None
        assert factories.run_jobs("rules.begin") == 0
