"""The benchmarks run in a tiny form and print what they promise; how fast they were is asserted nowhere."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crowd.bench import baseline, cli, clients, pages
from crowd.config import ROOT
from crowd.supervisor import crowd_command

FIGURES = {"per_s", "p50_ms", "p99_ms", "ratio"}


def bench(home: Path, *words: str) -> dict[str, Any]:
    """Run `crowd bench ...`; the object on the last line of its standard output."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CROWD_")}
    done = subprocess.run(
        crowd_command("bench", *words),
        cwd=ROOT,
        env=kept | {"CROWD_DATA_DIR": str(home)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.timeout(600)
@pytest.mark.long
def test_whole_loops_are_played_and_counted(tmp_path: Path) -> None:
    found = bench(tmp_path, "loop", "--loops", "1", "--parallel", "1")["loop"]
    assert (found["loops"], found["failed"]) == (1, 0)
    assert found["loops_per_minute"] > 0
    assert found["jobs_per_s"] > 0
    assert {"create", "submit", "review", "decide", "settle", "close_and_panel"} <= found["steps_ms"].keys()


def test_a_page_is_shown_beside_its_baseline() -> None:
    measured = pages.Measured(
        clients.Turn(seconds=2.0, latencies=[10.0, 20.0, 30.0, 40.0]), clients.Turn(seconds=1.0, latencies=[1.0] * 8)
    )
    figures = pages.figures(measured, lambda words: None, "front")
    assert figures.keys() >= FIGURES
    assert (figures["per_s"], figures["ratio"], figures["p50_ms"]) == (2.0, 0.25, 25.0)


def test_a_page_that_is_no_page_is_refused() -> None:
    refused = CliRunner().invoke(cli.group, ["pages", "--only", "fornt"])
    assert (refused.exit_code, "pages are front, list" in refused.output) == (2, True)


def test_visitors_send_what_browsers_send() -> None:
    message = clients.request("POST", "/x", host="127.0.0.1:1", cookie="a=b", form="c=d")
    head, _gap, body = message.partition("\r\n\r\n")
    assert head.startswith("POST /x HTTP/1.1\r\nHost: 127.0.0.1:1")
    assert "Content-Length: 3" in head
    assert body == "c=d"


def test_the_baseline_leaves_the_platform_s_tables_alone() -> None:
    assert all("bench" in statement for statement in baseline.SCHEMA)
