"""A worker is killed between two awards of a settlement: another one pays what is open, each award once."""

from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from crowd.clock import now
from crowd.db import db
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.ledger.models import Transfer
from scoring.awards import queries as award_queries
from tests import factories
from tests.cast import Cast
from tests.processes import Platform

pytestmark = pytest.mark.timeout(300)
PAID = "SELECT id FROM award WHERE challenge_id = :id AND state = 'posted' ORDER BY id"


def test_a_worker_killed_between_two_awards(platform: Platform) -> None:
    with platform.app.app_context():
        challenge = factories.decided(Cast(), "bo", "bea", "dee", awards=3)
        number, currency = challenge.id, challenge.currency
        first, second, _third = [award.id for award in award_queries.awards(number)]
        factories.move_dates(challenge, appeals_until=now() - timedelta(seconds=1))
        db.session.remove()
    platform.let_appeals_pass(number)
    holder = sa.create_engine(str(platform.settings.owner_database_url))
    with holder.begin() as held:
        held.execute(sa.text("SELECT id FROM award WHERE id = :id FOR UPDATE"), {"id": second})
        (worker,) = platform.start_workers(1)
        platform.start_clock()
        platform.wait_until(lambda: platform.as_owner(PAID, id=number), "the first award is paid")
        worker.kill()
    holder.dispose()
    assert [row[0] for row in platform.as_owner(PAID, id=number)] == [first]
    platform.as_owner("UPDATE job SET lease_until = now() WHERE state = 'running'")  # as after two minutes
    platform.start_workers(1)
    settled = "SELECT id FROM challenge WHERE id = :id AND state = 'settled'"
    platform.wait_until(lambda: platform.as_owner(settled, id=number), "the challenge is settled")
    platform.wait_for_quiet()
    with platform.app.app_context():
        kinds = Counter(db.session.scalars(sa.select(Transfer.kind).where(Transfer.challenge_id == number)))
        assert (kinds["award"], kinds["refund"]) == (3, 0)
        assert ledger.in_escrow(number, currency) == 0
        assert check.errors(check.run_checks()) == []
