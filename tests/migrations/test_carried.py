"""Migrations that carry data: counts in rows of their own, unproven accounts, who confirmed a deposit, names."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges import jobs
from challenges.funding import services as funding
from challenges.importing.services import import_feed
from challenges.models import Challenge
from challenges.queries import Filters, list_page
from crowd import background
from crowd.accounts.models import MemberRole, Organisation, User
from crowd.audit import SYSTEM
from crowd.background import Job, JobState
from crowd.clock import now
from crowd.db import commit, db
from crowd.errors import Invalid
from crowd.ledger import check
from crowd.ledger.deposits import services as deposit_services
from crowd.ledger.deposits.queries import find_by_reference
from crowd.ledger.models import Approval, ApprovalKind
from crowd.ledger.workflow import ApprovalState
from crowd.names import name_keys
from crowd.notifications import mail
from crowd.notifications import services as notifications
from crowd.notifications.models import Mail, Notification
from scoring import jobs as scoring
from tests import factories
from tests.cast import Cast, join
from tests.challenges.importing.samples import row
from tests.crowd.notifications.test_notices import tell
from tests.older import before

pytestmark = pytest.mark.timeout(300)
PERSON = """
INSERT INTO "user" (email, password, name, fs_uniquifier, active, locale, time_zone, terms_at, bio, expertise,
    demonstration)
VALUES (:email, 'kept from the time before', 'Mo', :email, true, 'en', 'UTC', crowd_now(), '', '{}', false)
RETURNING id
"""

CROWD = """
INSERT INTO "user" (email, fs_uniquifier, confirmed_at, active, name, name_keys, locale, time_zone, bio, expertise,
    demonstration)
SELECT n || '@crowd.example', 'crowd' || n, crowd_now(), true, 'Zoé', '{zoé}', 'en', 'UTC', '', '{}', false
FROM generate_series(1, 1100) AS n
"""


def test_counts_and_the_grace_after_a_close(committed: Flask) -> None:
    with committed.app_context():
        cast = Cast()
        opened = factories.opened(cast)
        factories.proposal(cast.bo, opened)
        factories.proposal(cast.dee, opened, submitted=False)
        closed = factories.judged(cast)
        kept = {row.id: (row.proposals_count, row.registrations_count) for row in (opened, closed)}
    assert kept[opened.id] == (1, 2)
    with before(committed, "counts") as old:
        sql = "SELECT id, proposals_count, registrations_count FROM challenge WHERE id = ANY(:ids)"
        rows = old.execute(sa.text(sql), {"ids": list(kept)})
        assert {row[0]: (row[1], row[2]) for row in rows} == kept
    with committed.app_context():
        for number, counts in kept.items():
            row = db.session.get_one(Challenge, number)
            assert (row.proposals_count, row.registrations_count) == counts
        assert db.session.get_one(Challenge, opened.id).grace.total_seconds() == 10
        assert db.session.get_one(Challenge, closed.id).grace.total_seconds() == 0
        assert [finding for finding in check.run_checks() if not finding.warning] == []


def test_accounts_that_nobody_has_proven(committed: Flask) -> None:
    """What somebody asked for with another's address is gone; where rows refer to it, its password is."""
    with committed.app_context():
        cast = Cast()
        house, ada = cast.luoyang.id, cast.ada.id
    with before(committed, "sign_up") as old:
        idle, member = (
            old.execute(sa.text(PERSON), {"email": f"{name}@people.example"}).scalar_one()
            for name in ("idle", "member")
        )
        joined = "INSERT INTO membership (organisation_id, user_id, role) VALUES (:house, :person, 'member')"
        old.execute(sa.text(joined), {"house": house, "person": member})
    with committed.app_context():
        sql = 'SELECT id, password IS NULL, confirmed_at IS NULL FROM "user" WHERE id = ANY(:ids) ORDER BY id'
        found = db.session.execute(sa.text(sql), {"ids": [idle, member, ada]}).all()
        assert [tuple(row) for row in found if row[0] != ada] == [(member, True, False)]
        assert ada in [row[0] for row in found]


def recorded(cast: Cast, house: Organisation, amount: int) -> int:
    """The number of a deposit that Fen records for an organisation."""
    return funding.record_deposit(
        cast.fen, bank_reference=f"NO{amount}", value_date=now().date(), payer=house.name, amount=amount,
        currency="CNY", organisation_id=house.id,
    ).id  # fmt: skip


def deposits() -> list[tuple[object, ...]]:
    rows = db.session.scalars(
        sa.select(Approval).where(Approval.kind == ApprovalKind.DEPOSIT).order_by(Approval.subject_id)
    )
    return [(row.subject_id, row.state, row.requested_by, row.decided_by) for row in rows]


def test_the_second_person_of_a_deposit(committed: Flask) -> None:
    with committed.app_context():
        cast = Cast()
        recorded(cast, cast.luoyang, 1_000_00)
        funding.confirm_deposit(cast.finn, recorded(cast, cast.luoyang, 90_000_00))
        waiting = recorded(cast, cast.northlight, 80_000_00)
        deposit_services.discard(cast.fen, recorded(cast, cast.northlight, 70_000_00), reason="typed twice")
        kept = deposits()
    states = [row[1] for row in kept]
    assert states == [ApprovalState.SINGLE, ApprovalState.APPROVED, ApprovalState.WAITING, ApprovalState.DECLINED]
    with before(committed, "approvals") as old:
        sql = "SELECT count(*) FROM deposit WHERE confirmed_by IS NOT NULL AND confirmed_at IS NOT NULL"
        assert old.execute(sa.text(sql)).scalar() == 1
    with committed.app_context():
        assert deposits() == kept
        assert waiting in [row[0] for row in kept if row[1] == ApprovalState.WAITING]
        assert [finding for finding in check.run_checks() if not finding.warning] == []


def test_names_fields_and_searches_of_before(committed: Flask) -> None:
    """Names have their keys, fields their English names; what was indexed by older rules is found again by a job."""
    with committed.app_context():
        cast = Cast()
        challenge = factories.opened(cast, tags=["声学"])
        house, person, title = cast.luoyang, cast.dee.id, challenge.title
        kept = (house.id, list(house.name_keys))
    with before(committed, "names_and_search") as old:
        fields = """UPDATE "user" SET expertise = '{声学,Acoustics,weaving}' WHERE id = :id"""
        old.execute(sa.text(fields), {"id": person})
        old.execute(sa.text("UPDATE challenge SET search = '{old}'"))
    with committed.app_context():
        assert db.session.get_one(Organisation, kept[0]).name_keys == kept[1]
        assert kept[1]
        assert db.session.get_one(User, person).expertise == ["acoustics", "weaving"]
        searches = [Filters(question=title), Filters(tags=["acoustics"])]
        assert [len(list_page(one, after=None, size=5).rows) for one in searches] == [0, 0]
        jobs.reindex_outdated()
        commit()
        assert [len(list_page(one, after=None, size=5).rows) for one in searches] == [1, 1]


def test_names_are_compared_by_the_rules_of_today(committed: Flask) -> None:
    """Keys that older rules made are made anew, in batches; what is right already is not written."""
    with committed.app_context():
        cast = Cast()
        cast.dee.name, cast.luoyang.name = "Stefan Kühne", "Stampi"
        db.session.commit()
        house, person, others = cast.luoyang.id, cast.dee.id, dict(keys_but(cast.luoyang, cast.dee))
    with before(committed, "name_keys") as old:
        for table in ('"user"', "organisation"):
            old.execute(sa.text(f"UPDATE {table} SET name_keys = '{{old}}' WHERE name IN ('Stefan Kühne', 'Stampi')"))
        fields = """UPDATE "user" SET expertise = '{冷却,weaving,茶叶采摘}' WHERE id = :id"""
        old.execute(sa.text(fields), {"id": person})
        old.execute(sa.text(CROWD))
    with committed.app_context():
        unread = sa.select(sa.func.count()).where(User.name_keys != name_keys("Zoé"), User.name == "Zoé")
        assert db.session.scalar(unread) == 0, "more than one batch"
        stefan, stampi = db.session.get_one(User, person), db.session.get_one(Organisation, house)
        assert stefan.name_keys == name_keys("Stefan Kühne")
        assert set(stefan.name_keys) & set(name_keys("Stefan Kuhne"))
        assert set(stampi.name_keys) & set(name_keys("Sтampi"))
        assert stefan.expertise == ["cooling", "weaving", "tea picking"]
        assert others.items() <= dict(keys_but(stampi, stefan)).items()


def keys_but(house: Organisation, person: User) -> Iterator[tuple[tuple[str, int], list[str]]]:
    for table, own in ((Organisation, house.id), (User, person.id)):
        for number, keys in db.session.execute(sa.select(table.id, table.name_keys).where(table.id != own)).all():
            yield (table.__tablename__, number), keys


def test_since_when_an_award_waits_for_the_council(committed: Flask) -> None:
    with committed.app_context():
        cast = Cast()
        waiting, paid_soon = factories.decided(cast), factories.decided(cast, cast.dee)
        for row in (waiting, paid_soon):
            factories.move_dates(row, appeals_until=now() - timedelta(minutes=1))
        join(cast.bo, cast.luoyang, MemberRole.MEMBER)
        db.session.expire_all()
        assert scoring.settle(waiting.id) == {"held": 1}
        commit()
        waits, other, since = waiting.id, paid_soon.id, waiting.held_at
    with before(committed, "held_awards"):
        pass
    with committed.app_context():
        carried = db.session.get_one(Challenge, waits).held_at
        assert carried is not None
        assert since is not None
        assert abs(carried - since) < timedelta(seconds=5), "the instant at which it was recorded"
        assert db.session.get_one(Challenge, other).held_at is None


def test_bank_references_that_differ_in_case_and_width_alone(committed: Flask) -> None:
    """Deposits booked twice under two spellings stay booked; the older of the two is found by any spelling."""
    with committed.app_context():
        cast = Cast()
        first, other = (recorded(cast, cast.luoyang, amount) for amount in (1_000, 2_000))
        dropped = recorded(cast, cast.northlight, 70_000_00)
        deposit_services.discard(cast.fen, dropped, reason="typed twice")
        fen, house = cast.fen.id, cast.luoyang.id
    again = "UPDATE deposit SET bank_reference = :reference WHERE id = :id"
    with before(committed, "bank_references") as old:
        old.execute(sa.text(again), [{"id": first, "reference": "icbc-1 a"}, {"id": other, "reference": "ICBC-1a"}])
        old.execute(sa.text(again), {"id": dropped, "reference": "ＩＣＢＣ－1A"})
    with committed.app_context():
        sql = "SELECT id, bank_reference, reference_key FROM deposit ORDER BY id"
        assert [tuple(row) for row in db.session.execute(sa.text(sql))] == [
            (first, "icbc-1 a", "ICBC-1A"),
            (other, "ICBC-1a", f"ICBC-1A#{other}"),
            (dropped, "ＩＣＢＣ－1A", "ICBC-1A"),
        ]
        assert [finding for finding in check.run_checks() if not finding.warning] == []
        found = find_by_reference("Icbc－1A")
        assert found is not None
        assert found.id == first
        with pytest.raises(Invalid) as refused:
            come_again(db.session.get_one(User, fen), "icbc-1A", house)
        assert set(refused.value.fields) == {"bank_reference"}


def come_again(actor: User, reference: str, house: int) -> None:
    funding.record_deposit(
        actor, bank_reference=reference, value_date=now().date(), payer="L", amount=1, currency="CNY",
        organisation_id=house,
    )  # fmt: skip


def test_emails_that_wait_while_the_link_that_stops_them_comes(committed: Flask) -> None:
    """An older email is sent as it was written; one about the next notification has the link."""
    with committed.app_context():
        reader = Cast().bo.id
    sql = """INSERT INTO mail (message_id, batch, kind, recipient, locale, subject, text)
             VALUES ('<b1@crowd>', 'b1', 'notice', 'bo@people.example', 'en', 'A notice', 'kept') RETURNING id"""
    with before(committed, "unsubscribe") as old:
        waiting = old.execute(sa.text(sql)).scalar_one()
    with committed.app_context():
        settings = committed.config["CROWD"]
        email = mail.message(db.session.get_one(Mail, waiting), settings)
        assert email["List-Unsubscribe"] is None
        assert "kept" in email.get_content()
        tell(reader)
        batch = db.session.scalars(sa.select(Notification.batch).where(Notification.user_id == reader)).one()
        (written,) = notifications.write_letters(batch)
        assert mail.message(db.session.get_one(Mail, written), settings)["List-Unsubscribe"]


def test_records_without_a_day_go_behind_all_others(committed: Flask, tmp_path: Path) -> None:
    feed = tmp_path / "feed.json"
    feed.write_text(json.dumps([row(challenge_id="1"), row(challenge_id="2", submission_start="")]))
    with committed.app_context():
        cast = Cast()
        kept = [factories.opened(cast).id, factories.challenge(cast.ada, cast.luoyang).id]
        import_feed(SYSTEM, feed)
        kept += db.session.scalars(sa.select(Challenge.id).where(Challenge.id.not_in(kept)).order_by(Challenge.id))
    sql = sa.text("SELECT posted = coalesce(published_at, created_at) FROM challenge WHERE id = ANY(:ids) ORDER BY id")
    with before(committed, "undated") as old:
        assert list(old.scalars(sql, {"ids": kept})) == [True] * 4
    with committed.app_context():
        assert list(db.session.scalars(sql, {"ids": kept})) == [True, True, True, False]
        assert db.session.get_one(Challenge, kept[-1]).posted.year == 1900


def test_jobs_that_wait_are_done_under_their_new_names(committed: Flask) -> None:
    with committed.app_context():
        for name in ("crowd.site.jobs.prune", "scoring.jobs.settle_due"):
            background.enqueue(name)
        commit()
    with before(committed, "job_names") as old:
        kinds = set(old.scalars(sa.text("SELECT kind FROM job")))
        assert kinds == {"crowd.worker.forget", "scoring.jobs.settle_due"}
    with committed.app_context():
        waiting = {job.kind: job.id for job in db.session.scalars(sa.select(Job))}
        assert set(waiting) == {"crowd.site.jobs.prune", "scoring.jobs.settle_due"}
        background.run(waiting["crowd.site.jobs.prune"])
        done = db.session.get_one(Job, waiting["crowd.site.jobs.prune"], populate_existing=True)
        assert done.state == JobState.DONE
