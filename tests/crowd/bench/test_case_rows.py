"""The rows of the benchmark of cases are whole: ten kinds, each case with its steps and its parties."""

from collections import Counter
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd.bench import case_rows
from crowd.cases.models import Case, Side
from crowd.cases.workflow import StepState
from crowd.db import db
from crowd.feature import declare, declared
from crowd.features import FEATURES
from tests import factories
from tests.cast import Cast


@pytest.fixture(autouse=True)
def features() -> Iterator[None]:
    yield
    declare(FEATURES)


def test_each_case_has_its_steps_and_parties(committed: Flask) -> None:
    with committed.app_context():
        cast = Cast()
        challenge = factories.opened(cast)
        factories.proposal(cast.bo, challenge)
        db.session.remove()
    case_rows.kinds()
    filled = case_rows.of_rows()
    names = {kind.name for kind in filled}
    for kind in filled:
        with committed.app_context():
            if not db.session.scalar(sa.text(f'SELECT count(*) FROM "{kind.subject_type}"')):
                names.discard(kind.name)
    size = len(filled)
    for first in (0, 2):
        case_rows.fill(str(committed.config["CROWD"].owner_database_url), 2 * size, first=first * size)
    with committed.app_context():
        rows = db.session.scalars(sa.select(Case)).all()
        assert Counter(row.kind for row in rows if row.kind in names) == dict.fromkeys(names, 4)
        assert len(names) >= 9
        for row in rows:
            declared_steps = declared().case_kinds[row.kind].steps
            assert [step.name for step in row.steps] == [step.name for step in declared_steps]
            running = {step.stage for step in row.steps if step.state == StepState.OPEN}
            assert running == ({row.stage} if row.is_pending else set())
            assert [party.user_id for party in row.parties if party.side == Side.FILER] == [row.filed_by]
        assert len({row.is_pending for row in rows}) == 2
        db.session.remove()
