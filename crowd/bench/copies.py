"""Copies of one person who has signed in and prepared a proposal, made in the database itself: what takes the services
a tenth of a second for each is done for thousands within one.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from flask import current_app

from crowd.bench.crew import MARK, Session, cookie_of, session_of
from crowd.bench.multiply import SHIFT
from crowd.db import db
from crowd.embedded.postgres import OWNER, SUPERUSER

# For each table, which rows are copied, and what differs in the copy of number n; all else is as in the original.
TABLES = {
    "user": ("t.id = :author", {"id": f"t.id + n * {SHIFT}", "email": f"'copy' || t.id || '-' || n || '@{MARK}'",
                                "fs_uniquifier": "t.fs_uniquifier || '-' || n"}),
    "login_session": ("t.user_id = :author", {"id": f"t.id + n * {SHIFT}", "user_id": f"t.user_id + n * {SHIFT}",
                                              "sid": "t.sid || '-' || n"}),
    "registration": ("t.user_id = :author", {"id": f"t.id + n * {SHIFT}", "user_id": f"t.user_id + n * {SHIFT}"}),
    "proposal": ("t.id = :proposal", {"id": f"t.id + n * {SHIFT}", "user_id": f"t.user_id + n * {SHIFT}",
                                      "draft_version_id": f"t.draft_version_id + n * {SHIFT}"}),
    "proposal_version": ("t.proposal_id = :proposal", {"id": f"t.id + n * {SHIFT}",
                                                       "created_by": f"t.created_by + n * {SHIFT}",
                                                       "proposal_id": f"t.proposal_id + n * {SHIFT}"}),
    "proposal_file": ("t.version_id IN (SELECT id FROM proposal_version WHERE proposal_id = :proposal)",
                      {"id": f"t.id + n * {SHIFT}", "version_id": f"t.version_id + n * {SHIFT}"}),
}  # fmt: skip
COUNTED = """
UPDATE challenge_count SET registrations = registrations + :number
WHERE challenge_id = (SELECT challenge_id FROM proposal WHERE id = :proposal)
"""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A person who only has to submit: the proposal, the browser's cookies and its token for forms."""

    proposal_id: int
    cookie: str
    token: str


def prepared(author_id: int, proposal_id: int, number: int) -> list[Prepared]:
    """Copies of this person, each signed in, with a registration and a draft of their own; they share the file."""
    session, token = session_of(author_id)
    url = str(current_app.config["CROWD"].owner_database_url).replace(f"//{OWNER}@", f"//{SUPERUSER}@")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    values = {"author": author_id, "proposal": proposal_id, "number": number}
    with engine.begin() as connection:
        # Foreign keys are not checked: copies of valid rows are valid, and rows of one person refer to each other.
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for table, (rows, changed) in TABLES.items():
            names = [column["name"] for column in sa.inspect(engine).get_columns(table) if not column.get("computed")]
            connection.execute(sa.text(_copy(table, names, rows, changed)), values)
        connection.execute(sa.text(COUNTED), values)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
    db.session.expire_all()
    return [Prepared(proposal_id + n * SHIFT, _cookie(session, n), token) for n in range(1, number + 1)]


def _copy(table: str, names: list[str], rows: str, changed: dict[str, str]) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(changed.get(name, f't."{name}"') for name in names)
    source = f'"{table}" AS t CROSS JOIN generate_series(1, CAST(:number AS bigint)) AS n WHERE {rows}'
    return f'INSERT INTO "{table}" ({columns}) OVERRIDING SYSTEM VALUE SELECT {values} FROM {source}'  # noqa: S608


def _cookie(session: Session, n: int) -> str:
    return cookie_of(session | {name: f"{session[name]}-{n}" for name in ("_user_id", "sid")}, "en")
