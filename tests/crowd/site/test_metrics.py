"""What Prometheus reads: behind a token, right over several processes, and told also while the database is away."""

import http.client
import json
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from crowd import background, clock, supervisor
from crowd.app import create_app
from crowd.audit import SYSTEM
from crowd.background import enqueue
from crowd.db import atomic, db
from crowd.ledger import check
from tests.processes import Platform, Process, children_of, environment_of, free_port

TOKEN = "a token for the tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@background.job("tests.nap", attempts=1)
def nap() -> None:
    """A job of the tests."""


@pytest.fixture
def app(committed: Flask) -> Iterator[Flask]:
    """The application with a token for its metrics."""
    app = create_app(replace(committed.config["CROWD"], metrics_token=TOKEN))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def read(app: Flask) -> dict[str, float]:
    """The samples by name and labels."""
    answer = app.test_client().get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    return samples(answer.text)


def samples(text: str) -> dict[str, float]:
    """The samples of Prometheus' text format by name and labels, as its own parser reads them."""
    found = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in one.labels.items())
            found[f"{one.name}{{{labels}}}" if labels else one.name] = one.value
    return found


def test_without_a_token_set_there_is_no_such_page(committed: Flask) -> None:
    assert committed.test_client().get("/metrics", headers=BEARER).status_code == 404


def test_a_wrong_token_is_refused(app: Flask) -> None:
    for given in (None, "Bearer", "Bearer another", f"Basic {TOKEN}", "Bearer 令牌"):
        answer = app.test_client().get("/metrics", headers={"Authorization": given.encode()} if given else {})
        assert answer.status_code == 401, given
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert b"crowd_" not in answer.data


def test_requests_are_counted_by_endpoint_and_class_with_their_duration(app: Flask) -> None:
    client = app.test_client()
    for path in ("/", "/", "/nowhere", "/dashboard"):
        client.get(path)
    found = read(app)
    assert found['crowd_http_requests_total{endpoint="site.home",status="2xx"}'] == 2
    assert found['crowd_http_requests_total{endpoint="none",status="4xx"}'] == 1
    assert found['crowd_http_requests_total{endpoint="site.dashboard",status="3xx"}'] == 1
    name = "crowd_http_request_duration_seconds"
    assert (
        found[f'{name}_count{{endpoint="site.home"}}'] == found[f'{name}_bucket{{endpoint="site.home",le="+Inf"}}'] == 2
    )
    assert 0 < found[f'{name}_sum{{endpoint="site.home"}}'] < 60
    steps = [value for label, value in found.items() if label.startswith(f'{name}_bucket{{endpoint="site.home"')]
    assert steps == sorted(steps)


def test_jobs_and_books_are_told_from_the_database(app: Flask) -> None:
    with app.app_context():
        atomic(lambda: enqueue("tests.nap"))()
        atomic(lambda: enqueue("tests.nap", at=clock.now().replace(year=2100)))()
    before = read(app)
    assert before['crowd_jobs{kind="tests.nap",state="ready"}'] == 2
    assert before["crowd_oldest_due_job_seconds"] >= 0
    assert before["crowd_database_up"] == 1
    assert "crowd_ledger_check_errors" not in before
    with app.app_context():
        check.keep(SYSTEM, [check.LedgerFinding("floor_broken", "account 1", "for this test")], milliseconds=1)
    after = read(app)
    assert after["crowd_ledger_check_errors"] == 1
    assert 0 <= after["crowd_ledger_check_age_seconds"] < 60
    assert [label for label in after if label.startswith("crowd_build_info")]


def test_with_the_database_away_the_requests_are_still_told(committed: Flask) -> None:
    away = "postgresql+psycopg://crowd_app@/crowd?host=/nowhere"
    found = read(create_app(replace(committed.config["CROWD"], metrics_token=TOKEN, database_url=away)))
    assert found["crowd_database_up"] == 0
    assert "crowd_oldest_due_job_seconds" not in found


def test_processes_of_gunicorn_tell_the_same_also_of_one_that_died(committed: Flask, tmp_path: Path) -> None:
    settings = replace(committed.config["CROWD"], metrics_token=TOKEN, log_format="json")
    port = free_port()
    folder = supervisor.metrics_folders(replace(settings, port=port))[0]
    folder.mkdir()
    (folder / "counter_1.db").write_bytes(b"not whole")  # an earlier start was interrupted
    environment = environment_of(settings) | {
        "CROWD_PORT": str(port),
        "CROWD_WEB_WORKERS": "2",
        "CROWD_LOG_LEVEL": "info",
    }
    process = Process("web", ("web",), environment, tmp_path / "web.log")
    platform = Platform(settings, tmp_path)
    try:
        platform.wait_until(lambda: answers(port) or not process.runs, "the web answers")
        for number in range(60):
            asked = ask(port, "/fees")
            assert asked[0] == 200, number
        for _ in range(8):
            assert fees_asked(port) == 60
        kill_workers(process)
        platform.wait_until(lambda: answers(port), "other processes answer")
        assert fees_asked(port) == 60
        ask(port, "/fees")
        assert fees_asked(port) == 61
        shutil.rmtree(folder)
        kill_workers(process)
        platform.wait_until(lambda: answers(port), "pages answer without the folder")
        assert {ask(port, "/fees")[0] for _ in range(8)} == {200}
    finally:
        process.stop()
        platform.close()
    assert not folder.exists()
    lines = [json.loads(line) for line in process.log.read_text().splitlines() if line.startswith("{")]
    requests = [line for line in lines if line["logger"] == "crowd.request"]
    assert len([line for line in requests if line.get("endpoint") == "ledger.fees"]) == 69


def kill_workers(process: Process) -> None:
    (gunicorn,) = process.horses()
    for worker in children_of(gunicorn):
        os.kill(worker, signal.SIGKILL)


def fees_asked(port: int) -> float:
    return samples(ask(port, "/metrics")[1])['crowd_http_requests_total{endpoint="ledger.fees",status="2xx"}']


def ask(port: int, path: str) -> tuple[int, str]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        line.request("GET", path, headers=BEARER)
        answer = line.getresponse()
        return answer.status, answer.read().decode()
    finally:
        line.close()


def answers(port: int) -> bool:
    try:
        return ask(port, "/healthz")[0] == 200
    except OSError:
        return False
