"""Migrations that carry data: who belonged where, the agency's line in a split, one entry for an agency."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import background
from crowd.accounts.models import MembershipPeriod
from crowd.accounts.organisations import services as organisations
from crowd.clock import now
from crowd.db import db
from crowd.ledger import check
from crowd.ledger.models import OwnerType
from crowd.notifications.models import Notification
from submissions.models import Proposal, Registration, SharePeriod
from submissions.shares import services as shares
from submissions.shares.split import beneficiaries
from tests import factories
from tests.cast import Cast, join
from tests.older import before

pytestmark = pytest.mark.timeout(300)


def test_periods_of_membership_come_from_memberships_and_the_audit_trail(committed: Flask) -> None:
    with committed.app_context():
        cast = Cast()
        northlight, nils, dee, bea = cast.northlight.id, cast.nils.id, cast.dee.id, cast.bea.id
        for person in (cast.dee, cast.bea):
            invited = organisations.invite(cast.nils, northlight, email=person.email)
            organisations.accept(person, invited.id)
        organisations.leave(cast.dee, northlight)
        organisations.remove(cast.nils, northlight, bea)
    with before(committed, "parties"):
        pass
    with committed.app_context():
        rows = list(db.session.scalars(sa.select(MembershipPeriod).order_by(MembershipPeriod.user_id)))
        found = {row.user_id: row for row in rows if row.organisation_id == northlight}
        assert len(found) == len(rows) == 3
        assert found[nils].ended_at is None
        for left in (dee, bea):
            assert now() - timedelta(minutes=5) < found[left].began_at < (found[left].ended_at or now()) < now()


def test_who_screened_a_challenge_comes_from_the_audit_trail(committed: Flask) -> None:
    with committed.app_context():
        cast = Cast()
        number, eve = factories.approved(cast).id, cast.eve.id
    with before(committed, "parties"):
        pass
    with committed.app_context():
        assert db.session.scalar(sa.text("SELECT approved_by FROM challenge WHERE id = :id"), {"id": number}) == eve


def test_an_agency_gets_its_line_and_people_keep_what_they_agreed_to(committed: Flask) -> None:
    with committed.app_context():
        cast = Cast()
        draft = factories.proposal(cast.nils, factories.opened(cast), submitted=False, organisation=cast.northlight)
        shares.set_shares(cast.nils, draft.id, own=7000, others=[(cast.bo.email, 3000)])
        number, agency, nils, bo = draft.id, cast.northlight.id, cast.nils.id, cast.bo.id
    with before(committed, "agency_shares") as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM share")) == 2
    with committed.app_context():
        row = db.session.get_one(Proposal, number)
        lines = {(share.user_id, share.organisation_id): (share.points, share.agreed_at) for share in row.shares}
        assert lines[None, agency] == (0, None)
        assert [(one.owner_id, one.points) for one in beneficiaries(row)] == [(nils, 7000), (bo, 3000)]


def test_who_lost_a_share_comes_from_the_audit_trail(committed: Flask) -> None:
    """Named and taken away, named and refused, named and there still; the agency's line is there from the beginning."""
    with committed.app_context():
        cast = Cast()
        draft = factories.proposal(cast.nils, factories.opened(cast), submitted=False, organisation=cast.northlight)
        shares.set_shares(cast.nils, draft.id, own=0, others=[(cast.bo.email, 3000), (cast.bea.email, 3000)])
        shares.set_shares(cast.nils, draft.id, own=0, others=[(cast.bea.email, 3000), (cast.dee.email, 1000)])
        shares.refuse_share(cast.bea, draft.id)
        names = {cast.bo.id: "Bo", cast.bea.id: "Bea", cast.dee.id: "Dee", None: "Northlight"}
        kept = periods(names)
    assert kept == [("Bea", True), ("Bo", True), ("Dee", False), ("Northlight", False)]
    with before(committed, "share_periods"):
        pass
    with committed.app_context():
        assert periods(names) == kept
        assert all(row.ended_at is None or row.began_at <= row.ended_at for row in db.session.scalars(PERIODS))
        assert [finding for finding in check.run_checks() if not finding.warning] == []


PERIODS = sa.select(SharePeriod)


def periods(names: dict[int | None, str]) -> list[tuple[str, bool]]:
    """Who ever had a share, and whether the last one of them has ended."""
    query = PERIODS.order_by(SharePeriod.id)
    return sorted({names[row.user_id]: row.ended_at is not None for row in db.session.scalars(query)}.items())


@pytest.fixture
def doubled(committed: Flask) -> tuple[Flask, Cast]:
    with committed.app_context():
        return committed, Cast()


def test_of_two_entries_the_submitted_stays_the_agencys_and_both_are_told(doubled: tuple[Flask, Cast]) -> None:
    app, cast = doubled
    with app.app_context():
        join(cast.bea, cast.northlight)
        challenge = factories.opened(cast)
        older = factories.proposal(cast.bea, challenge, submitted=False)
        entry = factories.proposal(cast.nils, challenge, organisation=cast.northlight)
        numbers, agency, ids = (older.id, entry.id), cast.northlight.id, (cast.bea.id, cast.nils.id)
    with before(app, "one_entry") as connection:
        for table in ("registration", "proposal"):
            connection.execute(sa.text(f"UPDATE {table} SET organisation_id = :agency"), {"agency": agency})
    with app.app_context():
        rows = {row.id: row.organisation_id for row in db.session.scalars(sa.select(Proposal))}
        assert rows == {numbers[0]: None, numbers[1]: agency}
        entries = {row.user_id: row.organisation_id for row in db.session.scalars(sa.select(Registration))}
        assert entries == {ids[0]: None, ids[1]: agency}
        while background.run_next():
            pass
        told = dict(db.session.execute(sa.select(Notification.kind, Notification.user_id)).all())
        assert (told["submissions.made_personal"], told["submissions.entry_kept"]) == ids


def test_without_a_submitted_one_the_oldest_proposal_stays(doubled: tuple[Flask, Cast]) -> None:
    app, cast = doubled
    with app.app_context():
        join(cast.bea, cast.northlight)
        challenge = factories.opened(cast)
        oldest = factories.proposal(cast.bea, challenge, submitted=False)
        factories.proposal(cast.nils, challenge, submitted=False, organisation=cast.northlight)
        number, agency = oldest.id, cast.northlight.id
    with before(app, "one_entry") as connection:
        for table in ("registration", "proposal"):
            connection.execute(sa.text(f"UPDATE {table} SET organisation_id = :agency"), {"agency": agency})
    with app.app_context():
        kept = sa.select(Proposal.id).where(Proposal.organisation_id == agency)
        assert list(db.session.scalars(kept)) == [number]


def test_what_was_paid_to_the_agency_stays_the_agencys(doubled: tuple[Flask, Cast]) -> None:
    """Both of its proposals had won: the second goes on personally, its award was and is the agency's."""
    app, cast = doubled
    with app.app_context():
        join(cast.bea, cast.northlight)
        challenge = factories.settled(cast, cast.nils, cast.bea, awards=2)
        agency, number = cast.northlight.id, challenge.id
    with before(app, "one_entry") as connection:
        for table in ("registration", "proposal"):
            connection.execute(sa.text(f"UPDATE {table} SET organisation_id = :agency"), {"agency": agency})
    with app.app_context():
        rows = list(
            db.session.scalars(sa.select(Proposal).where(Proposal.challenge_id == number).order_by(Proposal.id))
        )
        assert [row.organisation_id for row in rows] == [agency, None]
        assert [[(b.owner, b.owner_id) for b in beneficiaries(row)] for row in rows] == [
            [(OwnerType.ORGANISATION, agency)]
        ] * 2
        wrong = {finding.name for finding in check.run_checks()}
        assert "award_misdirected" in wrong, "this test paid the people, and the check of the books sees it"
