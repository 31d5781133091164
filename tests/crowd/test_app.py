"""The application as gunicorn loads it, once for all the processes that it forks."""

import subprocess
import sys

from flask import Flask

from crowd.config import ROOT
from tests.processes import environment_of

LOAD = """
from sqlalchemy import event
from sqlalchemy.pool import Pool
opened, closed = [], []
event.listen(Pool, "connect", lambda connection, _record: opened.append(id(connection)))
event.listen(Pool, "close", lambda connection, _record: closed.append(id(connection)))
from crowd.app import create_web
from crowd.db import db
app = create_web()
with app.app_context():
    print(len(opened) - len(closed), db.engine.pool.checkedin())
    db.engine.connect().close()
    print(len(opened) - len(closed), db.engine.pool.checkedin())
"""


def test_nothing_that_is_loaded_before_the_fork_keeps_a_connection(committed: Flask) -> None:
    """Two processes with one connection would read each other's answers."""
    program = [sys.executable, "-c", LOAD]
    told = subprocess.run(
        program, cwd=ROOT, env=environment_of(committed.config["CROWD"]), capture_output=True, text=True, check=True
    )
    assert told.stdout.splitlines() == ["0 0", "1 1"]
