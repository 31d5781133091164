"""Rows of registers are what others rely on: nobody changes them, and races end with one of two."""

import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import clock
from crowd.accounts import entries
from crowd.accounts.kept_registers import MANAGERS
from crowd.accounts.personal_data import services as personal_data
from crowd.audit import SYSTEM
from crowd.canonical import canonical, read
from crowd.db import atomic, commit, db
from crowd.documents import PdfDocument
from crowd.errors import Conflict, Unavailable
from crowd.registers import certificates, queries, services
from crowd.registers.models import RegisterEntry, RegisterStanding
from tests import factories
from tests.cast import Cast
from tests.conftest import ROLE
from tests.crowd.registers.test_services import expert


@pytest.mark.parametrize("table", ["register_entry", "register_event"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_application_changes_nothing_that_is_entered(table: str, statement: str, cast: Cast) -> None:
    expert(cast, cast.dee)
    assert db.session.scalar(sa.text("SELECT current_user")) == ROLE
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), db.session.begin_nested():
        db.session.execute(sa.text(statement.format(table)))
    refused = "SELECT count(*) FROM pg_trigger WHERE tgname = :name AND tgenabled = 'O'"
    assert db.session.scalar(sa.text(refused), {"name": f"{table}_kept"}) == 1, "the owner is refused, too"


def test_where_an_entry_stands_is_what_happened_last(cast: Cast) -> None:
    before = queries.counts()[entries.EXPERTS]
    row = expert(cast, cast.dee)
    for operation, state in (("", "valid"), ("suspend", "suspended"), ("resume", "valid"), ("renew", "valid"),
                             ("expire", "expired"), ("revoke", "revoked")):  # fmt: skip
        if operation:
            services.act(SYSTEM, row, operation)
        stands, last = db.session.get_one(RegisterStanding, row.id, populate_existing=True), queries.last_event(row.id)
        assert (stands.register, stands.state, stands.valid_until) == (entries.EXPERTS, state, last.valid_until)
        assert queries.counts()[entries.EXPERTS] == before + (state == "valid")
    for statement in ("UPDATE {} SET state = 'valid'", "DELETE FROM {}"):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), db.session.begin_nested():
            db.session.execute(sa.text(statement.format("register_standing")))


def test_what_has_ended_is_not_counted_before_its_job_has_run(cast: Cast) -> None:
    before, until = queries.counts()[MANAGERS], clock.db_now() + timedelta(seconds=0.3)
    services.grant(SYSTEM, MANAGERS, cast.dee.id, {"grade": "senior", "field": "Water", "basis": "Seen."},
                   valid_until=until)  # fmt: skip
    assert queries.counts()[MANAGERS] == before + 1
    time.sleep(0.4)
    assert queries.counts()[MANAGERS] == before


def test_data_is_always_the_documents(cast: Cast) -> None:
    row = expert(cast, cast.dee)
    copied = sa.text(
        "INSERT INTO register_entry (register, number, user_id, document, digest, data, valid_from, origin) SELECT"
        " register, 'XX', user_id, document, digest, '{\"forged\": true}', valid_from, origin FROM register_entry"
        " WHERE id = :id RETURNING data"
    )
    assert db.session.scalar(copied, {"id": row.id}) == {}
    forged = sa.text(
        "INSERT INTO register_entry (register, number, user_id, document, digest, valid_from, origin) SELECT"
        " register, 'YY', user_id, document || ' ', digest, valid_from, origin FROM register_entry WHERE id = :id"
    )
    with pytest.raises(sa.exc.IntegrityError, match="ck_register_entry_digest"), db.session.begin_nested():
        db.session.execute(forged, {"id": row.id})


def test_the_salt_is_always_the_documents(cast: Cast) -> None:
    row = expert(cast, cast.dee)
    forged = sa.text(
        "INSERT INTO register_entry (register, number, user_id, document, salt, digest, valid_from, origin) SELECT"
        " register, number || 'X', user_id, :document, repeat('0', 32), encode(sha256(:document), 'hex'), valid_from,"
        " origin FROM register_entry WHERE id = :id RETURNING salt"
    )
    assert db.session.scalar(forged, {"id": row.id, "document": row.document}) == row.salt
    without = canonical({key: value for key, value in read(row.document).items() if key != "salt"})
    with pytest.raises(sa.exc.IntegrityError, match="salt"), db.session.begin_nested():
        db.session.execute(forged, {"id": row.id, "document": without})


def at_once(app: Flask, *works: object) -> list[object]:
    """Do all of these at the same moment, each in a thread and a transaction of its own; what each returned."""
    start = threading.Barrier(len(works))
    outcomes: list[object] = [None] * len(works)

    def do(place: int, work: object) -> None:
        with app.app_context():
            start.wait()
            try:
                outcomes[place] = work()  # type: ignore[operator]
            except (Conflict, Unavailable) as error:
                outcomes[place] = type(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_races_end_with_one_of_two(committed: Flask) -> None:
    with committed.app_context():
        people = [factories.user(f"Racer{number}").id for number in range(6)]
        db.session.remove()
    for user_id in people:
        grant = lambda user_id=user_id: services.grant(SYSTEM, entries.EXPERTS, user_id, {}).id  # noqa: E731
        granted = at_once(committed, grant, grant)
        assert max(map(str, granted)) == str(Conflict), "one entry of a holder"
        with committed.app_context():
            ((row, _last),) = queries.of_holder(entries.EXPERTS, user_id)
            number = row.id
            db.session.remove()

        def act(operation: str, entry_id: int = number) -> object:
            row = db.session.get_one(RegisterEntry, entry_id)
            return str(services.act(SYSTEM, row, operation).kind)

        done = at_once(committed, lambda: act("suspend"), lambda: act("revoke"), lambda: act("suspend"))
        assert done[1] == "revoked"
        assert min(map(str, (done[0], done[2]))) == str(Conflict), "a second suspension is refused"
        with committed.app_context():
            numbers = [one.number for one in queries.history(number)]
            assert numbers == list(range(len(numbers), 0, -1))
            assert not queries.view(db.session.get_one(RegisterEntry, number)).is_valid
            db.session.remove()


def test_the_end_comes_once_whoever_carries_it_out(committed: Flask) -> None:
    with committed.app_context():
        person = factories.user("Enda").id
        until = db.session.scalar(sa.text("SELECT crowd_now() + interval '1 second'"))
        row = services.grant(SYSTEM, entries.EXPERTS, person, {}, valid_until=until).id
        db.session.execute(sa.text("SELECT pg_sleep(1.1)"))
        commit()
        db.session.remove()
    expire = lambda: services.expire(SYSTEM, row, until)  # noqa: E731
    assert sorted(map(str, at_once(committed, expire, expire, expire))) == ["False", "False", "True"]
    with committed.app_context():
        assert [str(one.kind) for one in queries.history(row)] == ["expired", "granted"]
        db.session.remove()


def test_a_renewal_waits_for_another_entry_that_is_granted(committed: Flask) -> None:
    """Also in a register whose entries give nothing: the lock of the holder is what makes the two wait."""
    data = {"grade": "senior", "field": "Water", "basis": "Seen."}
    with committed.app_context():
        person = factories.user("Racer").id
        first = services.grant(SYSTEM, MANAGERS, person, data).id
        services.act(SYSTEM, db.session.get_one(RegisterEntry, first), "expire")
        db.session.remove()

    granted = threading.Event()

    @atomic
    def grant() -> object:
        made = services.grant(SYSTEM, MANAGERS, person, data).id
        granted.set()
        time.sleep(1)  # it is not committed yet, and the renewal has begun
        return made

    def renew() -> object:
        granted.wait()
        return services.act(SYSTEM, db.session.get_one(RegisterEntry, first), "renew").id

    assert at_once(committed, grant, renew)[1] is Conflict
    with committed.app_context():
        assert [last.state for _row, last in queries.of_holder(MANAGERS, person)] == ["expired", "valid"]
        db.session.remove()


def test_a_certificate_of_who_deletes_their_account_meanwhile_does_not_stay(committed: Flask) -> None:
    with committed.app_context():
        person = factories.user("Zoe").id
        row = services.grant(SYSTEM, entries.EXPERTS, person, {}).id
        db.session.remove()
    erased = threading.Event()

    @atomic
    def erase() -> object:
        made = personal_data.erase_account(SYSTEM, person).id
        erased.set()
        time.sleep(1)  # it is not committed yet, and the job has begun
        return made

    def make() -> object:
        erased.wait()
        return certificates.make(row, 1)

    assert at_once(committed, erase, make)[1] == 0
    with committed.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(PdfDocument)) == 0
        db.session.remove()
