"""Backup and restore: the whole platform is restored, with the same rights, or nothing is changed."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import doctor, files, schema
from crowd.app import create_app
from crowd.backups import backup, restore
from crowd.config import Misconfigured, Settings
from crowd.db import db
from crowd.embedded.servers import Servers
from crowd.errors import Conflict, Invalid, Unavailable
from crowd.files import StoredFile
from crowd.ledger import check
from submissions import services as submissions
from tests import factories
from tests.cast import Cast
from tests.conftest import ROLE, _admin, settings_for
from tests.forks import finished
from tests.processes import environment_of, free_port, own_redis

PDF = b"%PDF-1.7\nsealed drawings of a geophone\n%%EOF\n"
RIGHTS = """
    SELECT c.relname, '' AS part, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a
    WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = :role::regrole
    UNION ALL SELECT c.relname, t.attname, a.privilege_type
    FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a
    WHERE a.grantee = :role::regrole
    UNION ALL SELECT p.proname, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE 'role' END, a.privilege_type
    FROM pg_proc p, aclexplode(p.proacl) a
    WHERE p.pronamespace = 'public'::regnamespace AND a.grantee IN (0, :role::regrole)
    UNION ALL SELECT nspname, '', a.privilege_type FROM pg_namespace, aclexplode(nspacl) a
    WHERE nspname = 'public' AND a.grantee = :role::regrole
""".replace(":role::regrole", "CAST(:role AS regrole)")


def quiet(_line: str) -> None:
    """Nobody listens to the progress."""


@pytest.fixture
def platform(committed: Flask) -> Flask:
    """A platform with data: money in escrow, a sealed proposal with a file, jobs, an audit trail."""
    with committed.app_context():
        cast = Cast()
        factories.funded(cast)
        proposal = factories.proposal(cast.bo, factories.opened(cast), submitted=False)
        submissions.attach(cast.bo, proposal.id, stream=io.BytesIO(PDF), filename="drawing.pdf")
        submissions.submit(cast.bo, proposal.id)
    return committed


@pytest.fixture
def saved(platform: Flask, tmp_path: Path) -> Path:
    """A backup of it."""
    path = tmp_path / "crowd.tar"
    with platform.app_context():
        backup.create_backup(platform.config["CROWD"], path, quiet)
    return path


@pytest.fixture
def empty(servers: Servers, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Makes applications on new and empty databases, with empty folders; `role` is the application's there."""
    made: list[tuple[str, Flask]] = []

    def make(role: str = ROLE) -> Flask:
        name = f"restored_{os.getpid()}_{len(made)}"
        _admin(servers, f"CREATE DATABASE {name} OWNER crowd_owner")
        settings = settings_for(servers, tmp_path / name, servers.database_url(role, name))
        owner = servers.database_url("crowd_owner", name)
        redis_url = own_redis(str(settings.redis_url))
        app = create_app(replace(settings, owner_database_url=owner, redis_url=redis_url))
        made.append((name, app))
        return app

    yield make
    for name, app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        _admin(servers, f"DROP DATABASE {name} WITH (FORCE)")


def as_owner(app: Flask, query: str, **values: Any) -> list[Any]:
    engine = sa.create_engine(app.config["CROWD"].owner_database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query), values)]


def tables(app: Flask) -> dict[str, int]:
    names = [row[0] for row in as_owner(app, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]
    return {name: as_owner(app, f'SELECT count(*) FROM "{name}"')[0][0] for name in names}


def untouched(app: Flask) -> bool:
    """Whether nothing was written."""
    folder = app.config["CROWD"].data_dir / "files"
    return tables(app) == {} and not any(path.is_file() for path in folder.rglob("*"))


def restored(app: Flask, path: Path) -> dict[str, Any]:
    with app.app_context():
        return restore.restore_backup(app.config["CROWD"], path, quiet)


def trouble(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    return [finding.name for finding in doctor.examine() if not finding.ok]


def test_everything_comes_back_with_the_same_rights(
    platform: Flask, saved: Path, empty: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    target = empty()
    result = restored(target, saved)
    assert result["files"] == 1
    assert result["missing"] == []
    assert tables(target) == tables(platform) == result["counts"]
    rights = [sorted(as_owner(app, RIGHTS, role=ROLE)) for app in (platform, target)]
    assert rights[0] == rights[1]
    assert ("lock_ledger_accounts", "role", "EXECUTE") in rights[0]
    assert ("lock_ledger_accounts", "PUBLIC", "EXECUTE") not in rights[0]
    with target.app_context():
        assert check.run_checks() == []
        assert b"".join(files.read(db.session.scalars(sa.select(StoredFile)).one())) == PDF
        factories.funded(Cast())  # sequences, triggers and rights allow new data
    assert trouble(target.config["CROWD"], monkeypatch) == []


def test_the_books_stay_closed_after_restoring(saved: Path, empty: Callable[..., Flask]) -> None:
    target = empty()
    restored(target, saved)
    with target.app_context(), pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        db.session.execute(sa.text("UPDATE posting SET amount = 1"))
    for table in ("posting", "transfer"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            as_owner(target, f"DELETE FROM {table}")
    assert as_owner(target, "SELECT DISTINCT transaction_id FROM transfer") == [
        (0,)
    ]  # no transaction here will have that number


def test_the_role_may_have_another_name_there(
    servers: Servers, platform: Flask, saved: Path, empty: Callable[..., Flask]
) -> None:
    role = f"other-{os.getpid()}"
    _admin(servers, f'CREATE ROLE "{role}" LOGIN')
    target = empty(role)
    restored(target, saved)
    found = sorted(as_owner(target, RIGHTS, role=f'"{role}"'))
    assert found == sorted(as_owner(platform, RIGHTS, role=ROLE))
    assert as_owner(target, RIGHTS.replace("IN (0, CAST", "= (CAST"), role=ROLE) == []


def test_a_platform_that_is_not_empty_is_left_alone(platform: Flask, saved: Path) -> None:
    before = tables(platform)
    with pytest.raises(Conflict, match="not empty"):
        restored(platform, saved)
    assert tables(platform) == before


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 0xFF
    path.write_bytes(data)


def place_of(path: Path, part: str) -> int:
    """Where a member's first byte lies."""
    with tarfile.open(path) as tar:
        return next(member.offset_data for member in tar if member.name.startswith(part))


def test_a_damaged_file_is_refused_and_nothing_is_written(saved: Path, empty: Callable[..., Flask]) -> None:
    target = empty()
    for part in ("database.dump", "files/", "manifest-"):
        place = place_of(saved, part) + 20
        flip(saved, place)
        with pytest.raises(Invalid, match=r"not a whole backup.*damaged.*Nothing was written"):
            restored(target, saved)
        flip(saved, place)
    assert untouched(target)
    restored(target, saved)  # and intact again, it is restored


def test_a_file_cut_off_or_of_another_kind_is_refused(saved: Path, empty: Callable[..., Flask], tmp_path: Path) -> None:
    target = empty()
    whole = saved.read_bytes()
    for length in (0, 100, 5_000, len(whole) * 2 // 3, place_of(saved, "manifest-") - 512):
        saved.write_bytes(whole[:length])
        with pytest.raises(Invalid, match="Nothing was written"):
            restored(target, saved)
    saved.write_bytes(b"PK\x03\x04 not a tar" * 1000)
    with pytest.raises(Invalid, match="not a tar file"):
        restored(target, saved)
    with pytest.raises(Unavailable, match="does not exist"):
        restored(target, tmp_path / "nowhere.tar")
    assert untouched(target)


def rewritten(path: Path, **changes: Any) -> Path:
    """The same backup with another manifest."""
    other = path.with_name("other.tar")
    with tarfile.open(path) as source, tarfile.open(other, "w") as target:
        for member in source:
            data = source.extractfile(member).read()
            if member.name.startswith("manifest-"):
                data = json.dumps(json.loads(data) | changes).encode()
                member.name, member.size = f"manifest-{hashlib.sha256(data).hexdigest()}.json", len(data)
            target.addfile(member, io.BytesIO(data))
    return other


def test_a_backup_that_does_not_fit_names_what_to_do(saved: Path, empty: Callable[..., Flask]) -> None:
    target = empty()
    for changes, words in (
        ({"migration": "9999"}, "newer Crowd.*migration 9999.*Check out that version"),
        ({"migration": "0029"}, "before 0.2.*migration 0029.*Begin anew"),
        ({"postgres": 99}, "PostgreSQL 99"),
    ):
        with pytest.raises(Conflict, match=words):
            restored(target, rewritten(saved, **changes))
    assert untouched(target)


def test_a_backup_of_another_format_or_with_a_member_twice_is_refused(saved: Path, empty: Callable[..., Flask]) -> None:
    target = empty()
    with pytest.raises(Invalid, match=r"its format is 2, and this Crowd reads 1.*Nothing was written"):
        restored(target, rewritten(saved, format=2))
    with tarfile.open(saved, "a") as tar:
        member = tarfile.TarInfo("database.dump")
        member.size = 4
        tar.addfile(member, io.BytesIO(b"PGDM"))
    with pytest.raises(Invalid, match=r"database\.dump is in it twice"):
        restored(target, saved)
    assert untouched(target)


def test_a_server_without_the_role_is_named_with_the_statement_that_makes_it(
    saved: Path, empty: Callable[..., Flask]
) -> None:
    target = empty("nobody_here")
    with pytest.raises(Conflict, match=r"no role nobody_here.*CREATE ROLE nobody_here LOGIN"):
        restored(target, saved)
    assert untouched(target)


def test_a_store_that_takes_no_file_leaves_the_database_empty(saved: Path, empty: Callable[..., Flask]) -> None:
    target = empty()
    folder = target.config["CROWD"].data_dir / "files"
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("a file where the folder should be")
    with pytest.raises(Unavailable, match="The store did not take a file"):
        restored(target, saved)
    assert tables(target) == {}
    folder.unlink()
    assert restored(target, saved)["files"] == 1, "it is tried again once there is room"


def test_rows_that_did_not_come_back_are_counted(saved: Path, empty: Callable[..., Flask]) -> None:
    with tarfile.open(saved) as tar:
        name = next(name for name in tar.getnames() if name.startswith("manifest-"))
        counts = json.loads(tar.extractfile(name).read())["counts"]
    more = rewritten(saved, counts=counts | {"challenge": counts["challenge"] + 1})
    with pytest.raises(Unavailable, match=rf"challenge: {counts['challenge']} of {counts['challenge'] + 1}\). Drop it"):
        restored(empty(), more)


def test_without_redis_it_comes_back_and_says_what_to_empty(saved: Path, empty: Callable[..., Flask]) -> None:
    target, told = empty(), list[str]()
    away = replace(target.config["CROWD"], redis_url=f"redis://127.0.0.1:{free_port()}/0")
    target.config["CROWD"] = away
    with target.app_context():
        assert restore.restore_backup(away, saved, told.append)["files"] == 1
    assert told[-1].startswith("Redis is away")


def test_a_backup_of_an_older_crowd_comes_back_and_names_the_next_command(
    saved: Path, empty: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    target, told = empty(), list[str]()
    monkeypatch.setattr(schema, "head", lambda: "0999")
    with target.app_context():
        restore.restore_backup(target.config["CROWD"], saved, told.append)
    assert "Run: crowd db upgrade" in told[-1]


def test_a_lost_upload_is_told_and_does_not_stand_in_the_way(platform: Flask, tmp_path: Path) -> None:
    for path in (platform.config["CROWD"].data_dir / "files").rglob("*"):
        if path.is_file():
            path.write_bytes(b"something else")
    told: list[str] = []
    with platform.app_context():
        result = backup.create_backup(platform.config["CROWD"], tmp_path / "crowd.tar", told.append)
    assert len(result["missing"]) == 1
    assert any("Missing or damaged" in line for line in told)


def test_a_backup_replaces_nothing_and_leaves_nothing_half_done(platform: Flask, saved: Path) -> None:
    settings = platform.config["CROWD"]
    assert saved.stat().st_mode & 0o777 == 0o600
    with platform.app_context():
        with pytest.raises(Conflict, match="exists already"):
            backup.create_backup(settings, saved, quiet)
        with pytest.raises(Unavailable, match="does not exist"):
            backup.create_backup(settings, saved.parent / "no" / "folder.tar", quiet)
        broken = replace(settings, owner_database_url="postgresql+psycopg://crowd_owner@/crowd?host=/nowhere")
        with pytest.raises(Unavailable, match="database said"):
            backup.create_backup(broken, saved.with_name("second.tar"), quiet)
        with pytest.raises(Misconfigured, match="CROWD_OWNER_DATABASE_URL"):
            backup.create_backup(replace(settings, owner_database_url=None), saved.with_name("third.tar"), quiet)
    assert [path.name for path in saved.parent.iterdir() if path.is_file()] == [saved.name]


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs /dev/full")
def test_a_full_disk_is_said_in_plain_words(platform: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "_private", lambda _path, flags: os.open("/dev/full", os.O_WRONLY))
    with platform.app_context(), pytest.raises(Unavailable, match=r"disk is full\. Make room"):
        backup.create_backup(platform.config["CROWD"], tmp_path / "crowd.tar", quiet)
    assert not (tmp_path / "crowd.tar").exists()


@pytest.mark.timeout(300)
def test_the_commands_say_one_json_object_and_a_refusal_in_plain_words(platform: Flask, tmp_path: Path) -> None:
    settings: Settings = platform.config["CROWD"]
    environment = environment_of(settings) | {"CROWD_OWNER_DATABASE_URL": str(settings.owner_database_url)}
    path = tmp_path / "crowd.tar"

    def crowd(environment: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
        return finished(words, environment, tmp_path)

    made = crowd(environment, "backup", str(path), "--json")
    assert made.returncode == 0, made.stderr
    result = json.loads(made.stdout)
    assert (result["file"], result["files"], result["bytes"]) == (str(path), 1, path.stat().st_size)
    assert "Stored files: 1 of 1" in made.stderr
    again = crowd(environment, "restore", str(path))
    assert again.returncode == 1
    assert again.stderr.splitlines()[-1].startswith("crowd: This platform is not empty")

    home = tmp_path / "h"
    own = {name: value for name, value in environment.items() if not name.endswith("_URL")} | {
        "CROWD_DATA_DIR": str(home)
    }
    back = crowd(own, "restore", str(path), "--json")
    assert back.returncode == 0, back.stderr
    assert json.loads(back.stdout)["counts"] == result["counts"]
    assert crowd(own, "ledger", "check").stdout.startswith("The ledger balances")
    assert "TROUBLE" not in crowd(own, "doctor").stdout
