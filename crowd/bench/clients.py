"""The clients: a separate process that keeps connections busy, each with the next request as soon as it has its
answer. One loop over raw sockets, because it shares the processors with what it measures.

Commands are JSON lines on standard input, results JSON lines on standard output.
"""

import itertools
import json
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

AGENT = "crowd bench"


def request(method: str, path: str, *, host: str, cookie: str = "", form: str = "") -> str:
    """One request as it goes over the wire, like a browser's."""
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {host}",
        f"User-Agent: {AGENT}",
        "Accept-Encoding: gzip",
        "Accept: text/html",
        "Connection: keep-alive",
    ]
    lines += [f"Cookie: {cookie}"] if cookie else []
    if method == "POST":
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(form.encode())}"]
    return "\r\n".join([*lines, "", form])


@dataclass
class Turn:
    """The result of one turn. `latencies` in milliseconds; `failed` counts answers that are neither 2xx nor 3xx."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    failed: int = 0
    first_failure: str = ""

    def add(self, other: "Turn") -> None:
        """Add another turn's results."""
        self.seconds += other.seconds
        self.latencies += other.latencies
        self.failed += other.failed
        self.first_failure = self.first_failure or other.first_failure


class Visitors:
    """The caller's handle of the process; a context manager."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "crowd.bench.clients"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait()

    def learn(self, name: str, requests: list[str], *, once: bool = False) -> None:
        """Register a named list of requests; `once` where no request may be sent twice."""
        self._ask(learn=name, requests=requests, once=once)

    def visit(self, name: str, port: int, *, seconds: float, connections: int) -> Turn:
        """Send the requests of that name for so long, or until they are used up."""
        return Turn(**self._ask(visit=name, port=port, seconds=seconds, connections=connections))

    def _ask(self, **words: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


class _Line:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket = self._connect()
        self.begun, self.answer = 0.0, b""

    def _connect(self) -> socket.socket:
        found = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return found

    def send(self, message: bytes) -> None:
        self.begun, self.answer = time.perf_counter(), b""
        self.socket.sendall(message)

    def receive(self) -> bool:
        """Read available data; True once the response is complete. Raises ConnectionError where the server hung up."""
        part = self.socket.recv(1 << 18)
        if not part:
            raise ConnectionError("the server hung up")
        self.answer += part
        head, gap, body = self.answer.partition(b"\r\n\r\n")
        return bool(gap) and len(body) >= length_of(head)


def length_of(head: bytes) -> int:
    """The length of a response's body, from its headers."""
    _before, _name, after = head.lower().partition(b"\r\ncontent-length:")
    return int(after.partition(b"\r\n")[0] or 0)


def _visit(messages: Iterator[bytes], port: int, seconds: float, connections: int) -> Turn:
    turn, selector = Turn(), selectors.DefaultSelector()
    started = time.perf_counter()
    end, waiting = started + seconds, 0
    for _ in range(connections):
        line, message = _Line(port), next(messages, None)
        if message is not None:
            selector.register(line.socket, selectors.EVENT_READ, line)
            line.send(message)
            waiting += 1
    while waiting:
        for key, _events in selector.select():
            line = key.data
            if not line.receive():
                continue
            now = time.perf_counter()
            _note(turn, line, now)
            message = next(messages, None) if now < end else None
            if message is None:
                selector.unregister(line.socket)
                line.socket.close()
                waiting -= 1
            else:
                line.send(message)
    turn.seconds = time.perf_counter() - started
    return turn


def _note(turn: Turn, line: _Line, now: float) -> None:
    turn.latencies.append((now - line.begun) * 1000)
    if line.answer[9:10] not in (b"2", b"3"):
        turn.failed += 1
        turn.first_failure = turn.first_failure or line.answer[:200].decode("latin-1")


def main() -> None:
    """Run the commands of standard input."""
    known: dict[str, Iterator[bytes]] = {}
    for text in sys.stdin:
        words = json.loads(text)
        if "learn" in words:
            messages = [message.encode() for message in words["requests"]]
            known[words["learn"]] = iter(messages) if words["once"] else itertools.cycle(messages)
            answer: dict[str, object] = {}
        else:
            turn = _visit(known[words["visit"]], words["port"], words["seconds"], words["connections"])
            answer = vars(turn)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
