"""When a request had arrived, told by gunicorn's own processes over real connections: never before the truth, and not
much after it, however long the request then waited for a thread. Clients and server read one clock."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from crowd.config import ROOT, Settings
from crowd.supervisor import web_command
from tests.processes import free_port

NEAR = 0.1  # seconds: a busy test machine's own delays; threads are held for ten times as long
POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
THREADS = 2


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where one process with two threads answers."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("home"), port=free_port(), web_workers=1, web_threads=THREADS)
    command = [*web_command(settings)[:-1], "tests.crowd.web.stamping:application"]
    counted = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    server = subprocess.Popen(command, cwd=ROOT, env={"PATH": sys.exec_prefix, "PYTHONPATH": str(ROOT), **counted})
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", settings.port), 1):
            break
        time.sleep(0.1)
    yield settings.port
    server.terminate()
    server.wait(20)


class Line:
    """A connection to the server."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb")

    def send(self, *parts: bytes | str) -> float:
        """Send, and say when that was."""
        at = time.monotonic()
        self.socket.sendall(b"".join(part.encode() if isinstance(part, str) else part for part in parts))
        return at

    def answer(self) -> dict[str, Any]:
        """The next answer."""
        assert self.stream.readline().startswith(b"HTTP/1.1 200")
        headers = dict(line.lower().split(b": ", 1) for line in iter(self.stream.readline, b"\r\n"))
        return json.loads(self.stream.read(int(headers[b"content-length"])))


@pytest.fixture
def held(port: int) -> list[Line]:
    """All threads are busy for the next second."""
    lines = [Line(port) for _ in range(THREADS)]
    for line in lines:
        line.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
    time.sleep(0.1)
    return lines


def near(answer: dict[str, Any], at: float) -> bool:
    """Whether the request counts from when its last byte was sent."""
    return at <= answer["arrived"] < at + NEAR


def test_a_request_that_waits_for_a_thread_counts_from_when_it_came(port: int, held: list[Line]) -> None:
    line = Line(port)
    at = line.send(POST.format(9000), b"x" * 9000)
    assert near(line.answer(), at)
    assert time.monotonic() - at > 0.5, "it did wait"


def test_who_connects_early_and_sends_late_counts_from_the_sending(port: int, held: list[Line]) -> None:
    line = Line(port)
    time.sleep(0.3)
    at = line.send(POST.format(3), b"abc")
    assert near(line.answer(), at)


@pytest.mark.parametrize("early", [1, 20, len(POST) + 2])
def test_what_is_sent_in_two_parts_counts_from_the_second(port: int, held: list[Line], early: int) -> None:
    line, whole = Line(port), POST.format(9000).encode() + b"x" * 9000
    line.send(whole[:early])
    time.sleep(0.3)
    at = line.send(whole[early:])
    assert near(line.answer(), at)


def test_a_slow_body_counts_at_its_last_byte(port: int) -> None:
    line = Line(port)
    line.send(POST.format(6))
    for byte in b"abcdef":
        at = line.send(bytes([byte]))
        time.sleep(0.15)
    assert near(line.answer(), at)


def test_a_body_in_chunks_counts_at_its_end(port: int, held: list[Line]) -> None:
    line = Line(port)
    line.send(CHUNKED, b"5\r\nabcde\r\n")
    time.sleep(0.3)
    at = line.send(b"0\r\n\r\n")
    answer = line.answer()
    assert answer["length"] == 5
    assert near(answer, at)


def test_a_large_body_that_came_while_all_threads_were_busy_counts_from_then(port: int, held: list[Line]) -> None:
    line, size = Line(port), 60_000
    line.send(POST.format(size), b"x" * (size // 2))
    time.sleep(0.2)
    at = line.send(b"x" * (size - size // 2))
    assert near(line.answer(), at)


def test_each_request_of_a_connection_counts_for_itself(port: int) -> None:
    line = Line(port)
    for _ in range(3):
        at = line.send(POST.format(3), b"abc")
        assert near(line.answer(), at)
        time.sleep(0.3)


def test_requests_behind_one_another_count_from_when_each_had_come(port: int, held: list[Line]) -> None:
    line, one = Line(port), POST.format(3) + "abc"
    first = line.send(one, one, one[:9])
    time.sleep(0.3)
    last = line.send(one[9:])
    answers = [line.answer() for _ in range(3)]
    assert near(answers[2], last)
    assert all(first <= answer["arrived"] < last + NEAR for answer in answers[:2])


def test_behind_one_another_without_more_to_come_the_first_do_not_wait_for_the_last(port: int) -> None:
    line, one = Line(port), POST.format(3) + "abc"
    first = line.send(one, one)
    assert near(line.answer(), first)
    assert near(line.answer(), first)


def test_a_request_that_is_not_whole_has_not_arrived(port: int) -> None:
    line = Line(port)
    line.send("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n")
    time.sleep(0.2)
    at = line.send(b"abc")
    answer = line.answer()
    assert answer["early"] < at <= answer["arrived"], "asked before the end, it is the present instant"


def test_no_header_says_when_a_request_arrived(port: int) -> None:
    line = Line(port)
    at = line.send("GET / HTTP/1.1\r\nHost: a\r\ncrowd.arrived: 1\r\nCrowd-Arrived: 1\r\n\r\n")
    assert near(line.answer(), at)
