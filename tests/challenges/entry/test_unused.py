"""Attachments and documents that nothing names are deleted after a while, and nothing else is."""

import io
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges import services as drafts
from challenges.brief import from_challenge
from challenges.entry.models import Attachment
from challenges.jobs import delete_unused_files
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from crowd import background, files
from crowd.accounts.verification import services as verification
from crowd.background import Job, JobState
from crowd.clock import now
from crowd.db import atomic, db
from crowd.errors import Unavailable
from crowd.values import count
from submissions import services as submissions
from submissions.entry import services as registrations
from submissions.entry.models import RegistrationDocument
from tests import factories
from tests.cast import Cast
from tests.challenges.entry import gated

DAYS = 10


@pytest.fixture
def store(isolated: Flask, tmp_path: Path) -> Iterator[Path]:
    """A store of its own, and the period."""
    settings, opened = isolated.config["CROWD"], isolated.extensions.pop("crowd.store", None)
    mine = replace(settings, data_dir=tmp_path, limits=replace(settings.limits, unused_file_days=DAYS))
    isolated.config["CROWD"] = mine
    yield tmp_path / "files"
    isolated.config["CROWD"], isolated.extensions["crowd.store"] = settings, opened


def in_store(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def after(app: Flask, days: int) -> dict[str, object]:
    """What the job does in so many days."""
    settings = app.config["CROWD"]
    app.config["CROWD"] = replace(settings, limits=replace(settings.limits, unused_file_days=DAYS - days))
    result = delete_unused_files()()
    app.config["CROWD"] = settings
    return result


def names(challenge: Challenge) -> set[str]:
    return {
        row.name for row in db.session.scalars(sa.select(Attachment).where(Attachment.challenge_id == challenge.id))
    }


def test_what_nothing_names_is_deleted_after_the_period(isolated: Flask, cast: Cast, store: Path) -> None:
    challenge = gated.opened(cast)  # with three, in version 1
    kept = in_store(store)
    stray = gated.attach(cast.ada, challenge, "never used.txt", b"never used")
    assert after(isolated, DAYS - 1) == {"files": count(0), "attachments": count(0)}, "too young"
    file_id = stray.file_id
    assert after(isolated, DAYS + 1) == {"files": count(0), "attachments": count(1)}
    assert names(challenge) == {name for name, _data in gated.SENT.values()}
    assert db.session.get(files.StoredFile, file_id) is None
    assert in_store(store) > kept, "a backup that is running may still read it"
    assert after(isolated, DAYS + 1) == {"files": count(1), "attachments": count(0)}
    assert in_store(store) == kept


def test_what_an_earlier_version_a_draft_or_the_screening_names_stays(isolated: Flask, cast: Cast, store: Path) -> None:
    challenge, draft = gated.opened(cast), gated.draft(cast)
    gated.amend(cast, challenge, attachments=[])  # version 1 names them
    assert challenge.entry["attachments"] == []
    lifecycle.submit(cast.ada, (sent := gated.draft(cast)).id)
    lifecycle.return_for_changes(cast.eve, sent.id, reason="Leave the files out.")
    drafts.edit(
        cast.ada, sent.id, changes={"attachments": [], "nda": "", "full_text": ""}
    )  # its first round names them
    drafts.edit(cast.ada, draft.id, changes={"attachments": from_challenge(draft).attachments[:2]})
    assert after(isolated, DAYS + 1) == {"files": count(0), "attachments": count(1)}
    assert len(names(challenge)) == len(names(sent)) == 3
    assert len(names(draft)) == 2


def test_the_database_keeps_what_a_version_names(cast: Cast) -> None:
    challenge = gated.opened(cast)
    with pytest.raises(sa.exc.DBAPIError, match="names this attachment"), db.session.begin_nested():
        db.session.execute(sa.delete(Attachment).where(Attachment.challenge_id == challenge.id))
    with pytest.raises(sa.exc.DBAPIError), db.session.begin_nested():
        db.session.execute(sa.update(Attachment).values(salt="0"))


def test_a_document_that_was_replaced_or_withdrawn_is_deleted(isolated: Flask, cast: Cast, store: Path) -> None:
    challenge = gated.opened(cast)
    answers = {gated.QUESTION: "Two."}
    first = {gated.DOCUMENT: gated.certificate(data=b"calibrated in May")}
    submissions.register(cast.bo, challenge.id, accepted=True, answers=answers, documents=first)
    second = {gated.DOCUMENT: gated.certificate(data=b"calibrated in June")}
    registrations.correct(cast.bo, challenge.id, answers=answers, documents=second)
    old, new = first[gated.DOCUMENT].digest, second[gated.DOCUMENT].digest
    after(isolated, DAYS + 1)
    assert old not in in_store(store)
    assert new in in_store(store), "the registration names it"
    submissions.unregister(cast.bo, challenge.id)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RegistrationDocument)) == 0
    after(isolated, DAYS + 1)
    assert new not in in_store(store)


def test_a_document_of_an_organisation_that_was_removed_is_deleted(isolated: Flask, cast: Cast, store: Path) -> None:
    first, second = (
        verification.add_document(cast.ada, cast.luoyang.id, io.BytesIO(b"%PDF-1.7 " + text), "licence.pdf")
        for text in (b"of May", b"of June")
    )
    old, new = first.file.digest, second.file.digest
    verification.remove_document(cast.ada, cast.luoyang.id, first.id)
    after(isolated, DAYS + 1)
    assert old not in in_store(store)
    assert new in in_store(store), "the organisation has it"


def test_a_file_of_a_proposal_that_was_removed_is_deleted_unless_a_version_has_it(
    isolated: Flask, cast: Cast, store: Path
) -> None:
    challenge = factories.opened(cast)
    draft = factories.proposal(cast.bo, challenge, submitted=False)
    sent, dropped = (
        submissions.attach(cast.bo, draft.id, stream=io.BytesIO(b"%PDF-1.7 " + text), filename="plan.pdf").file
        for text in (b"sent", b"dropped")
    )
    digests = sent.digest, dropped.digest
    submissions.detach(cast.bo, draft.id, dropped.id)
    submissions.submit(cast.bo, draft.id)
    submissions.detach(cast.bo, draft.id, sent.id)
    after(isolated, DAYS + 1)
    assert [one in in_store(store) for one in digests] == [True, False], "the submitted version has the first"


@atomic
def wanted() -> None:
    background.enqueue("files.delete_unused")


def test_what_was_deleted_before_a_failure_stays_deleted(committed: Flask) -> None:
    settings = committed.config["CROWD"]
    committed.config["CROWD"] = replace(settings, limits=replace(settings.limits, unused_file_days=-1))
    with committed.app_context():
        cast = Cast()
        first, second = (factories.challenge(cast.ada, cast.luoyang) for _number in range(2))
        strays = [gated.attach(cast.ada, row, "never used.txt", b"never used").file_id for row in (first, second)]
        wanted()
        job = db.session.scalars(sa.select(Job.id).where(Job.kind == "files.delete_unused")).one()
        locked = sa.select(Challenge.id).where(Challenge.id == second.id).with_for_update()
        db.session.rollback()
        with db.engine.connect() as other:
            other.exec_driver_sql("BEGIN")
            other.execute(locked)
            assert background.run(job) is False, "the second cannot be had"
            other.exec_driver_sql("ROLLBACK")
        left = db.session.scalars(sa.select(files.StoredFile.id).where(files.StoredFile.id.in_(strays))).all()
        assert left == strays[1:]
        assert db.session.get_one(Job, job).state == JobState.READY


def test_bytes_that_come_back_are_not_deleted(cast: Cast, store: Path) -> None:
    kept = gated.certificate(data=b"sent again")
    path = next(one for one in store.rglob(kept.digest))
    os.utime(path, (path.stat().st_mtime - (DAYS + 1) * 86400,) * 2)
    (digest,) = files.without_row(now() - timedelta(days=DAYS))
    assert digest == kept.digest
    again = gated.certificate(data=b"sent again")
    assert list(files.without_row(now() - timedelta(days=DAYS))) == [], "they are new in the store"
    files.refer(cast.ada, again)
    assert files.delete_bytes(digest) is False
    assert digest in in_store(store)


def test_an_upload_whose_bytes_were_deleted_is_refused(cast: Cast, store: Path) -> None:
    kept = gated.certificate(data=b"slow")
    assert files.delete_bytes(kept.digest)
    with pytest.raises(Unavailable):
        files.refer(cast.ada, kept)
    assert in_store(store) == set()
