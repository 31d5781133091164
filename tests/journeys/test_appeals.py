"""An appeal holds a settlement; it is refused, and the settlement goes on by itself, once, with workers that are killed
in between.
"""

from collections import Counter

import pytest
import sqlalchemy as sa

from crowd.accounts.models import User
from crowd.cases import queries as cases
from crowd.cases import services as case_services
from crowd.cases.workflow import Finding
from crowd.db import db
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.ledger.models import Transfer
from tests import factories
from tests.cast import Cast
from tests.processes import Platform
from tests.scoring.appeals.appealing import AGAINST, appeal, council, vote

pytestmark = pytest.mark.timeout(300)
HELD = "SELECT id FROM job WHERE challenge_id = :id AND kind = 'settlement.settle' AND result ? 'skipped'"
SETTLED = "SELECT id FROM challenge WHERE id = :id AND state = 'settled'"


def test_refused_the_settlement_goes_on_by_itself(platform: Platform) -> None:
    with platform.app.app_context():
        cast = Cast()
        challenge = factories.decided(cast, "bo", "bea", awards=2)
        number, currency, members = challenge.id, challenge.currency, [one.id for one in council()]
        case = appeal(challenge, cast.bea).public_id
        reviewer, sponsor = cast.cy.id, cast.ada.id
        db.session.remove()
    platform.let_appeals_pass(number)
    (worker,) = platform.start_workers(1)
    platform.start_clock()
    platform.wait_until(lambda: platform.as_owner(HELD, id=number), "the settlement found the appeal")
    worker.kill()
    with platform.app.app_context():
        _refused(case, members, reviewer, sponsor)
    platform.as_owner("UPDATE job SET lease_until = now() WHERE state = 'running'")  # as after some minutes
    platform.start_workers(1)
    platform.wait_until(lambda: platform.as_owner(SETTLED, id=number), "the challenge is settled")
    platform.wait_for_quiet()
    with platform.app.app_context():
        kinds = Counter(db.session.scalars(sa.select(Transfer.kind).where(Transfer.challenge_id == number)))
        assert (kinds["award"], kinds["refund"]) == (2, 1)
        assert ledger.in_escrow(number, currency) == 0
        assert check.errors(check.run_checks()) == []


def _refused(public_id: str, members: list[int], reviewer: int, sponsor: int) -> None:
    """While no worker runs: the panel and the sponsor answer, three members vote against it."""
    for person, position in ((reviewer, 1), (sponsor, 2)):
        actor = db.session.get_one(User, person)
        case_services.conclude(actor, public_id, position, finding=Finding.GIVEN, reasons="It was done right.")
    case = cases.access(db.session.get_one(User, members[0]), public_id)
    vote(case, {db.session.get_one(User, one): AGAINST for one in members[:3]})
    db.session.remove()
