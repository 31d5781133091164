"""What the log tells: who and what a line belongs to, from a request to its job, and nothing that people wrote."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, g

from crowd import background, environment, logs
from crowd.background import Job, enqueue
from crowd.config import Misconfigured
from crowd.db import atomic, db
from crowd.web import guards
from tests.cast import Cast
from tests.client import Browser

Told = Callable[[], list[dict[str, Any]]]
Listen = Callable[[], Told]


@background.job("tests.murmur", attempts=1)
def murmur(word: str) -> None:
    """A job of the tests that logs, or fails with what it was told."""
    logging.getLogger("tests").warning("murmured")
    if word != "well":
        raise ValueError(f"cannot do {word}")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Logging belongs to the process: put it back."""
    handlers, level, hook = logging.root.handlers[:], logging.root.level, sys.excepthook
    yield
    logging.captureWarnings(False)
    logging.root.handlers[:], sys.excepthook = handlers, hook
    logging.root.setLevel(level)


@pytest.fixture
def listen(committed: Flask, capsys: pytest.CaptureFixture[str]) -> Listen:
    """Log in JSON from now on; what is returned gives the lines since its last call."""

    def begin() -> Told:
        logs.configure(replace(committed.config["CROWD"], log_format="json"))
        return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    return begin


def test_a_request_is_followed_to_its_job(committed: Flask, listen: Listen) -> None:
    told = listen()

    @guards.public
    def ask(number: int, code: str) -> str:
        atomic(lambda: enqueue("tests.murmur", "well"))()
        return "asked"

    committed.add_url_rule("/ask/<int:number>/<code>", "ask", ask)
    committed.test_client().get("/ask/7/a-code-of-a-mail?q=secret", headers={"X-Request-ID": "from-the-proxy-1"})
    [line] = [line for line in told() if line["logger"] == "crowd.request"]
    assert line.pop("time").endswith("+00:00")
    assert line.pop("milliseconds") > 0
    assert line == {
        "level": "info",
        "logger": "crowd.request",
        "message": "GET /ask/<int:number>/<code> 200",
        "request_id": "from-the-proxy-1",
        "endpoint": "ask",
        "method": "GET",
        "route": "/ask/<int:number>/<code>",
        "status": 200,
        "ids": {"number": 7},
    }

    with committed.app_context():  # as a worker does, later, in a process of its own
        job_id = db.session.scalars(sa.select(Job.id)).one()
        background.run(job_id)
        murmured, done = told()
        logging.getLogger("tests").warning("afterwards")
        assert "job_id" not in told()[0]
    assert murmured["message"] == "murmured"
    assert done["message"] == "job done"
    assert done["milliseconds"] > 0
    for line in (murmured, done):
        assert line["request_id"] == "from-the-proxy-1"
        assert (line["job_id"], line["job_kind"]) == (job_id, "tests.murmur")


def test_a_failed_job_is_told_with_its_place_and_without_addresses_and_codes(committed: Flask, listen: Listen) -> None:
    told = listen()
    with committed.app_context():
        atomic(lambda: enqueue("tests.murmur", "bo@crowd.example IjJhYzQ1NjE3ODkwMTIzNDU2Nzg5MGFiY2RlZiI.aQ"))()
        background.run(db.session.scalars(sa.select(Job.id)).one())
    _, failed, dead = told()
    assert failed["level"] == "warning"
    assert "cannot do [address] [code]" in failed["error"]
    assert "in murmur" in failed["error"]
    assert dead["level"] == "error"
    assert "bo@" not in json.dumps([failed, dead])
    assert "IjJh" not in json.dumps([failed, dead])


def test_an_error_of_the_database_is_told_without_the_row(committed: Flask, listen: Listen) -> None:
    told = listen()
    insert = sa.text(
        "INSERT INTO organisation (name, kind, country, city, website, about) VALUES (:n, 'no', '', '', '', '')"
    )
    written = "Sealed " + "words"  # apart, or the trace would show this very line
    with committed.app_context():
        try:
            db.session.execute(insert, {"n": written})
        except sa.exc.DBAPIError as error:
            logging.getLogger("tests").exception("the act failed: %s", error)
            db.session.rollback()
    [line] = told()
    assert line["message"] == "the act failed: 23514 organisation ck_organisation_organisationkind"
    assert "IntegrityError: 23514" in line["error"]
    assert written not in json.dumps(line)


def test_a_line_names_the_person_by_number(isolated: Flask, cast: Cast, browser: Browser, listen: Listen) -> None:
    told = listen()
    number, address = cast.bo.id, cast.bo.email
    browser.sign_in(cast.bo).get("/dashboard")
    [line] = [line for line in told() if line["logger"] == "crowd.request"]
    assert line["user_id"] == number
    assert address not in json.dumps(line)


def test_a_body_and_an_address_typed_are_never_told(isolated: Flask, browser: Browser, listen: Listen) -> None:
    told = listen()
    browser.post("/account/login", {"email": "somebody@crowd.example", "password": "not this one either"})
    everything = json.dumps(told())
    assert "POST" in everything
    assert "somebody" not in everything
    assert "not this one" not in everything


def test_text_is_a_line_for_a_person(committed: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(replace(committed.config["CROWD"], log_format="text"))
    with committed.app_context():
        g.request_id = "0123456789abcdef"
        logging.getLogger("tests").warning("told to %s", "ada@crowd.example")
        logging.getLogger("tests").info("not at this level")
    assert capsys.readouterr().err == "WARNING tests: told to [address] [0123456789abcdef]\n"


def test_what_ends_a_process_is_one_line_too(tmp_path: Path) -> None:
    program = (
        "import warnings; from crowd import environment, logs\n"
        f"logs.configure(environment.from_env({{'CROWD_DATA_DIR': {str(tmp_path)!r}, 'CROWD_LOG_FORMAT': 'json'}}))\n"
        "warnings.warn('an old way')\n"
        "raise RuntimeError('two\\nlines')"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    warned, last = (json.loads(line) for line in ended.stderr.splitlines())
    assert warned["logger"] == "py.warnings"
    assert (last["level"], last["error"].splitlines()[-1]) == ("critical", "RuntimeError: two")


def test_production_logs_json_from_info_up_and_a_demonstration_text_from_warnings_up(tmp_path: Path) -> None:
    demo = environment.from_env({"CROWD_DATA_DIR": str(tmp_path)})
    assert (demo.logs_as, demo.effective_log_level) == ("text", "WARNING")
    production = replace(demo, mode="production")
    assert (production.logs_as, production.effective_log_level) == ("json", "INFO")
    for name, value in (("CROWD_LOG_LEVEL", "loud"), ("CROWD_LOG_FORMAT", "xml"), ("CROWD_METRICS_TOKEN", "short")):
        with pytest.raises(Misconfigured, match=name):
            environment.from_env({"CROWD_DATA_DIR": str(tmp_path), name: value})
