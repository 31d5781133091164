"""Every release's platform in mid-life comes back, is upgraded, and goes on: ready jobs run and the ledger is right."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from flask import Flask

from challenges.models import Challenge, Prize
from challenges.rounds import Round
from challenges.screening.models import ScreeningRound
from challenges.workflow import RESULTS, ChallengeState
from crowd import background, schema
from crowd.accounts.entries import CLOSED
from crowd.accounts.models import Organisation, User
from crowd.app import create_app
from crowd.audit import AuditEvent
from crowd.background import Job, JobState
from crowd.backups import restore
from crowd.canonical import canonical, digest, read
from crowd.contracts.models import Contract, ContractVersion
from crowd.db import commit, db
from crowd.documents import PdfDocument
from crowd.embedded.servers import Servers
from crowd.feature import declared
from crowd.ledger import check
from crowd.ledger.check import errors
from crowd.notifications.models import Notification, NotificationChoice
from crowd.registers import numbers, queries
from crowd.registers.document import check as check_data
from crowd.registers.models import RegisterEntry
from crowd.registers.workflow import EntryOrigin
from crowd.rules import queries as rules
from crowd.rules.document import values_in
from crowd.taxonomy.models import Term
from scoring import conflicts
from scoring.models import Assignment, Award, Panel, ReputationEvent, ResultVersion
from scoring.results import queries as results
from scoring.results.services import document
from scoring.workflow import AwardState
from tests.conftest import ROLE, _admin, settings_for

RECORDED = sa.union_all(
    sa.select(AuditEvent.data).where(AuditEvent.action != "demo.loaded"),
    sa.select(Job.result).where(sa.func.jsonb_typeof(Job.result) == "object"),
)
LATER = {  # kinds of jobs that a release did not know
    "0.2.0": {
        "accounts.admit_expert", "accounts.clear_organisation", "accounts.clear_profile", "accounts.enter_verified",
        "accounts.export", "accounts.keep_fields", "accounts.keep_fields_after", "accounts.prune",
        "accounts.revoke_expert", "accounts.suspend_expert", "appeals.carry_out", "awards.notify_followers",
        "cases.end_step",
        "cases.remind_step", "certificates.make", "challenges.cancel_reported", "challenges.end_consents",
        "challenges.hide_question", "challenges.notify_followers", "contracts.fund_change",
        "decisions.carry_out_silence", "decisions.find_silent", "decisions.lapse_silence", "decisions.remind",
        "digests.send", "digests.write", "files.delete_unused", "honoraria.pay", "integrity.carry_out",
        "invitations.forget", "invitations.send", "proposals.remind_acceptance",
        "registers.expire", "registers.remind", "registers.suspend_inspected", "registrations.notify_amended",
        "registrations.notify_news", "reviews.release_former", "rules.adopt",
        "rules.begin", "rules.found", "sanctions.begin", "sanctions.decide_organisation",
        "sanctions.decide_organisation_warned", "sanctions.decide_person", "sanctions.decide_person_warned",
        "sanctions.end", "sanctions.lift", "search.reindex_terms", "searches.notify_hits",
        "settlement.settle_verified", "small_firms.enter", "small_firms.uphold", "technology_contracts.register",
        "screening.send_back", "service_platforms.enter", "templates.carry_out", "vouchers.expire",
    }
}  # fmt: skip
MUTED = """
INSERT INTO muted_notification_group (user_id, notification_group) SELECT min(id), 'ledger' FROM "user"
"""
SCREENED = """
INSERT INTO challenge (origin, organisation_id, created_by, type, language, title, summary, problem_statement, tags,
    search, rights, currency, time_zone, state, submitted_at, screening_note, cancel_reason, appeal_seconds,
    proposals_limit)
SELECT origin, organisation_id, created_by, type, language, 'In screening', '', '', tags, search, '', currency,
    time_zone, 'screening', crowd_now(), '', '', appeal_seconds, proposals_limit
FROM challenge WHERE origin = 'platform' ORDER BY id LIMIT 1
"""
SHUT = """
UPDATE "user" SET active = false WHERE id = (
    SELECT max(ur.user_id) FROM user_role ur JOIN role r ON r.id = ur.role_id WHERE r.name = 'expert');
UPDATE organisation SET closed_at = crowd_now() WHERE id = (
    SELECT max(id) FROM organisation WHERE verified_at IS NOT NULL AND origin IS NULL);
INSERT INTO fee_rate (version, kind, basis_points, effective_from, note) VALUES
    (2, 'award', 300, now() - interval '1 day', 'Lower'), (3, 'award', 450, now() + interval '30 days', 'Higher'),
    (4, 'award', 200, now() + interval '60 days', 'Later');
"""
STAGED = "UPDATE challenge SET stage = (ARRAY['0-1', '1-10', '10-100', NULL])[1 + id % 4]"
STAGES = sa.select(Challenge.id, Term.code).outerjoin(Term, Term.id == Challenge.stage_id)
PASSAGES = {None: None, "0-1": "0", "1-10": "1", "10-100": "10"}
RELEASES = sorted(Path(__file__).parent.glob("*.tar"))


@pytest.fixture
def empty(servers: Servers, tmp_path: Path) -> Iterator[Callable[[], Flask]]:
    """Makes an application on an empty database."""
    name = f"release_{os.getpid()}"

    def make() -> Flask:
        _admin(servers, f"CREATE DATABASE {name} OWNER crowd_owner")
        settings = settings_for(servers, tmp_path / name, servers.database_url(ROLE, name))
        return create_app(replace(settings, owner_database_url=servers.database_url("crowd_owner", name)))

    yield make
    _admin(servers, f"DROP DATABASE {name} WITH (FORCE)")


def test_this_version_has_its_platform() -> None:
    assert RELEASES, "python -m tests.releases.make"


def shut_before_registers(owner_url: str) -> None:
    """Close an expert's account and a verified organisation before there are registers (migration 0223)."""
    config, engine = Config(), sa.create_engine(owner_url, poolclass=sa.NullPool)
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with engine.connect() as connection:
        config.attributes.update(connection=connection, app_role=ROLE)
        command.upgrade(config, "0222")
    with engine.begin() as owner:
        owner.execute(sa.text(SHUT))
    engine.dispose()


def carried_over() -> None:
    """Experts and verified organisations are in their registers, with entries that say so and that hold together;
    those of closed accounts and organisations are suspended.
    """
    entries = db.session.scalars(sa.select(RegisterEntry).order_by(RegisterEntry.id)).all()
    held = {(row.register, row.holder_id) for row in entries}
    experts = sa.select(User.id).where(User.roles.any(name="expert"))
    firms = sa.select(Organisation.id).where(Organisation.verified_at.is_not(None), Organisation.origin.is_(None))
    assert held == {("experts", number) for number in db.session.scalars(experts)} | {
        ("organisations", number) for number in db.session.scalars(firms)
    }
    assert len({register for register, _holder in held}) == 2
    assert len({row.salt for row in entries}) == len(entries)
    for row in entries:
        document, kind = read(row.document), declared().registers[row.register]
        assert canonical(document) == row.document
        assert document["salt"] == row.salt
        check_data(kind, row.data)
        assert numbers.read(row.number) == row.number == document["number"]
        assert (row.origin, row.valid_until, row.number[:2]) == (EntryOrigin.CARRIED_OVER, None, kind.prefix)
    last = {row.id: queries.last_event(row.id) for row in entries}
    away = set(db.session.scalars(sa.select(User.id).where(~User.active)))
    shut = set(db.session.scalars(sa.select(Organisation.id).where(Organisation.closed_at.is_not(None))))
    for row in entries:
        closed = row.holder_id in (away if row.holder_kind == "user" else shut)
        expected = (2, "suspended", CLOSED) if closed else (1, "valid", "")
        assert (last[row.id].number, last[row.id].state, last[row.id].cause) == expected
    assert {row.register for row in entries if last[row.id].number == 2} == {"experts", "organisations"}


def fees_are_rules() -> None:
    """The fee schedule is a set of rules: what applied, applies and comes next; one version waits at a time."""
    query = sa.select(ContractVersion).join(ContractVersion.contract).where(Contract.kind == "rules")
    rows = db.session.scalars(query.order_by(ContractVersion.number)).all()
    states = [(row.number, row.state, values_in(read(row.document))["award"]) for row in rows]
    assert states == [(1, "superseded", 500), (2, "in_force", 300), (3, "proposed", 450), (4, "withdrawn", 200)]
    assert all(row.digest == digest(canonical(read(row.document))) for row in rows)
    assert [row.reason for row in rows] == ["The first schedule", "Lower", "Higher", "Later"]
    assert rows[0].superseded_at == rows[1].in_force_at
    waiting = db.session.scalars(sa.select(Job.run_at).where(Job.kind == "rules.begin")).all()
    assert waiting == [rules.adoption_of(rows[2]).applies_at]


def first_versions() -> None:
    """What was decided is version 1 of its result, with its ranks and awards under one digest."""
    decided = sa.select(Challenge.id).where(Challenge.state.in_(RESULTS))
    rows = db.session.scalars(sa.select(ResultVersion)).all()
    assert {row.challenge_id for row in rows} == set(db.session.scalars(decided)) != set()
    assert {row.number for row in rows} == {1}
    lines = [(row, results.lines(row.id)) for row in rows]
    assert all(row.digest == digest(canonical(document(row, own))) for row, own in lines)
    assert any(line.amount for _row, own in lines for line in own)


def first_rounds() -> None:
    """Every challenge has round 1, to which everything of its judging belongs."""
    rounds = db.session.scalars(sa.select(Round)).all()
    assert sorted(row.challenge_id for row in rounds) == sorted(db.session.scalars(sa.select(Challenge.id)))
    assert {row.number for row in rounds} == {1}
    whole = {(row.challenge_id, row.id) for row in rounds}
    for table in (Prize, Panel, Assignment, Award, ResultVersion, ReputationEvent):
        rows = db.session.execute(sa.select(table.challenge_id, table.round_id)).all()
        assert {(challenge_id, round_id) for challenge_id, round_id in rows} - whole == set() != set(rows), table


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.stem)
def test_a_platform_of_a_release_goes_on(path: Path, empty: Callable[[], Flask]) -> None:
    app = empty()
    settings = app.config["CROWD"]
    with app.app_context():
        restore.restore_backup(settings, path, lambda _line: None)
        db.session.execute(sa.text(MUTED))
        commit()
        db.session.execute(sa.text(STAGED))
        db.session.execute(sa.text(SCREENED))
        commit()
        stages: dict[int, str | None] = dict(db.session.execute(sa.text("SELECT id, stage FROM challenge")).all())
        db.session.remove()
        shut_before_registers(settings.owner_database_url)
        assert schema.upgrade(settings.owner_database_url, ROLE) == schema.head()
        muted = db.session.scalars(sa.select(NotificationChoice)).all()
        assert ("ledger", "never") in {(choice.group, choice.frequency) for choice in muted}, "who muted it gets none"
        codes = dict(db.session.execute(STAGES).all())
        assert codes == {number: PASSAGES[stage] for number, stage in stages.items()}, "each began at a stage"
        assert set(codes.values()) == {"0", "1", "10", None}
        assert set(db.session.scalars(sa.select(Challenge.visibility))) == {"public"}, "as everything was"
        assert errors(check.run_checks()) == []
        fees = db.session.execute(sa.select(Award.state, sa.func.count(Award.fee)).group_by(Award.state)).all()
        assert min(dict(fees)[state] for state in (AwardState.ANNOUNCED, AwardState.POSTED)) > 0, "fees are fixed"
        first_versions()
        first_rounds()
        screened = sa.select(Challenge.id).where(Challenge.state == ChallengeState.SCREENING)
        running = sa.select(ScreeningRound.challenge_id).where(ScreeningRound.ended_at.is_(None))
        waiting = set(db.session.scalars(screened))
        assert waiting == set(db.session.scalars(running)) != set(), "what waits for the screening begins a round"
        carried_over()
        fees_are_rules()
        for left_out in db.session.scalars(sa.select(Panel.data["left_out"])):
            assert set(left_out) == set(conflicts.KINDS), "a stored word was renamed with its rows"
        assert set(db.session.scalars(sa.select(Notification.kind))) <= set(declared().notifications)
        recorded = {key for data in db.session.scalars(RECORDED) for key in data or ()}
        assert recorded <= set(declared().audit_data), "a key has lost its name"
        declared().load_jobs()
        ready = sa.select(Job.id, Job.kind).where(Job.state == JobState.READY, Job.run_at <= sa.func.crowd_now())
        jobs = db.session.execute(ready.order_by(Job.id)).all()
        here = set(declared().job_labels) - LATER[path.stem]
        assert {kind for _id, kind in jobs} >= here, "a job of every kind of that release is waiting"
        for number, _kind in jobs:
            background.run(number)
        failed = sa.select(Job.kind, Job.last_error).where(Job.last_error.is_not(None))
        assert db.session.execute(failed).all() == []
        assert errors(check.run_checks()) == []
        made = db.session.scalar(sa.select(sa.func.count()).select_from(PdfDocument))
        assert made == 2 * db.session.scalar(sa.select(sa.func.count()).select_from(RegisterEntry))
        db.session.remove()
        db.engine.dispose()
