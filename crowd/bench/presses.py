"""Independent clients: a separate process that sends each request at its time, over a connection of its
own, whatever happened to earlier ones; `python -m crowd.bench.presses`, with JSON in and out.
"""

import heapq
import json
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from crowd.bench.clients import length_of

PATIENCE = 60.0  # seconds that a client waits for its answer


@dataclass
class Press:
    """One request and its result. Times are of `time.monotonic`; `status` 0: no response."""

    due: float
    message: str
    sent: float = 0.0  # its last byte was written to the socket
    answered: float = 0.0
    status: int = 0
    failure: str = ""


def press(port: int, presses: Sequence[Press]) -> list[Press]:
    """Send them all, each at its time, and wait for their responses."""
    told = json.dumps({"port": port, "presses": [asdict(one) for one in presses]})
    command = [sys.executable, "-m", "crowd.bench.presses"]
    said = subprocess.run(command, input=told, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [Press(**one) for one in json.loads(said)]


class _Client:
    """One person's connection, from the request to the response."""

    def __init__(self, port: int, press: Press) -> None:
        self.press, self.rest, self.answer = press, press.message.encode(), b""
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.connect_ex(("127.0.0.1", port))

    def write(self) -> bool:
        """Send what the socket accepts; True once all of it was written."""
        self.rest = self.rest[self.socket.send(self.rest) :]
        self.press.sent = time.monotonic()
        return not self.rest

    def read(self) -> bool:
        """Read available data; True once the response is complete."""
        part = self.socket.recv(1 << 16)
        if not part:
            raise ConnectionError("the server hung up")
        self.answer += part
        head, gap, body = self.answer.partition(b"\r\n\r\n")
        if not gap or len(body) < length_of(head):
            return False
        self.press.answered, self.press.status = time.monotonic(), int(head.split(b" ", 2)[1])
        if self.press.status >= 500:
            self.press.failure = self.answer[:200].decode("latin-1")
        return True


class _Crowd:
    """All clients, in one loop: it shares the processors with what it measures."""

    def __init__(self, port: int, presses: Sequence[Press]) -> None:
        self.port, self.selector, self.waiting = port, selectors.DefaultSelector(), 0
        self.due = [(press.due, place, press) for place, press in enumerate(presses)]
        heapq.heapify(self.due)

    def run(self) -> None:
        """Run until every response has arrived, or the last one has timed out."""
        end = max(due for due, *_rest in self.due) + PATIENCE
        while (self.due or self.waiting) and time.monotonic() < end:
            while self.due and self.due[0][0] <= time.monotonic():
                self._begin(heapq.heappop(self.due)[2])
            pause = self.due[0][0] - time.monotonic() if self.due else 1.0
            for key, events in self.selector.select(max(0.0, pause)):
                self._go_on(key.data, events)

    def _begin(self, press: Press) -> None:
        client = _Client(self.port, press)
        self.selector.register(client.socket, selectors.EVENT_WRITE, client)
        self.waiting += 1

    def _go_on(self, client: _Client, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE and client.write():
                self.selector.modify(client.socket, selectors.EVENT_READ, client)
            if not events & selectors.EVENT_READ or not client.read():
                return
        except OSError as error:
            client.press.failure = str(error)
        self.selector.unregister(client.socket)
        client.socket.close()
        self.waiting -= 1


def main() -> None:
    """Run the requests of standard input."""
    told = json.load(sys.stdin)
    presses = [Press(**one) for one in told["presses"]]
    _Crowd(told["port"], presses).run()
    print(json.dumps([asdict(one) | {"message": ""} for one in presses]), flush=True)


if __name__ == "__main__":
    main()
