"""Gunicorn's thread worker, which knows when a request had arrived completely, however long it then waits for a thread.

A connection records how many bytes had arrived by which time: when it is accepted or becomes readable, by the thread
that only watches sockets, and when a thread reads more than was recorded. Where the kernel says when the last bytes
came (TCP on Linux), that time is recorded, so bytes that came while every thread was busy count from then. No record is
too early: a request is complete at the first record that covers its last byte.
"""

import errno
import fcntl
import socket
import struct
import termios
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import DEFAULT_WORKER_DATA_TIMEOUT, TConn, ThreadWorker

from crowd.clock import ARRIVED

TCP_INFO = getattr(socket, "TCP_INFO", None)
LAST_DATA_RECEIVED = struct.Struct("=52xI")  # milliseconds; the field's position in Linux' `struct tcp_info`
TICK = 0.01  # seconds: the kernel counts them by its own ticks, of at most so much
NOT_THERE = (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK)  # another process has accepted it


class Connection(TConn):
    """A connection with its records: (time, bytes that had arrived by then), both growing."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.data_ready = True  # no thread gets it before data has arrived
        self.read = 0
        self.notes: list[tuple[float, int]] = []

    def init(self) -> None:
        """Read through an unreader that counts."""
        first = not self.initialized
        super().init()
        if first and not self.is_http2:
            self.parser.unreader = _Counting(self)

    def note(self) -> int:
        """Record what has arrived by now; returns how many bytes wait to be read."""
        waiting = _waiting(self.sock)
        came = self.read + waiting
        if not self.notes or self.notes[-1][1] < came:
            self.notes.append((_last_data(self.sock), came))  # read last: what arrives in between is not counted
        return waiting

    def prune(self) -> None:
        """Drop the records of answered requests."""
        used = self._used()
        self.notes = [note for note in self.notes if note[1] > used]

    def arrived(self, body: Any) -> float:
        """When the request that is being answered had arrived completely (`time.monotonic`); now, where it
        has not yet.
        """
        used = self._used()
        found = (instant for instant, came in self.notes if came >= used) if _is_read(body) else iter(())
        return next(found, time.monotonic())

    def _used(self) -> int:
        """The bytes of all requests so far: what was read, without the buffer for the next one."""
        return self.read - self.parser.unreader.buf.getbuffer().nbytes if self.parser else 0


class _Counting(SocketUnreader):
    """Reads from the socket of a connection, and lets it record bytes that were not counted yet."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection.sock)
        self.connection = connection

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next chunk from the socket."""
        found: bytes = super().chunk(size_hint)
        self.connection.read += len(found)
        if not self.connection.notes or self.connection.notes[-1][1] < self.connection.read:
            self.connection.note()
        return found


def _is_read(body: Any) -> bool:
    """Whether all of a request's body was read: no bytes left of a known length, no chunk to come."""
    reader = body.reader
    return not getattr(reader, "length", 0) and getattr(reader, "parser", None) is None


def _waiting(sock: socket.socket) -> int:
    """The bytes that the kernel holds for a socket."""
    return int(struct.unpack("i", fcntl.ioctl(sock, termios.FIONREAD, bytes(4)))[0])


def _last_data(sock: socket.socket) -> float:
    """The latest time at which data can have arrived on a socket; now, where the kernel does not say."""
    if TCP_INFO is None or sock.family not in (socket.AF_INET, socket.AF_INET6):
        return time.monotonic()
    info = sock.getsockopt(socket.IPPROTO_TCP, TCP_INFO, LAST_DATA_RECEIVED.size)
    since = LAST_DATA_RECEIVED.unpack(info)[0] / 1000 if len(info) == LAST_DATA_RECEIVED.size else 0.0
    return time.monotonic() - max(0.0, since - TICK)


class ArrivalWorker(ThreadWorker):
    """A thread worker whose application finds in `environ[ARRIVED]` when its request had arrived."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answering = threading.local()

    def load_wsgi(self) -> None:
        """Load the application, and pass it the arrival with each request."""
        super().load_wsgi()
        application: Any = self.wsgi  # type: ignore[has-type]

        def timed(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            environ[ARRIVED] = partial(self.answering.connection.arrived, environ["wsgi.input"])
            return application(environ, start_response)

        self.wsgi = timed

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection; a thread gets it once data has arrived."""
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno not in NOT_THERE:
                raise
            return
        self.nr_conns += 1
        connection = Connection(self.cfg, sock, client, listener.getsockname())
        if connection.note():
            self.enqueue_req(connection)
            return
        connection.timeout = time.monotonic() + DEFAULT_WORKER_DATA_TIMEOUT
        self.pending_conns.append(connection)
        self.poller.register(sock, EVENT_READ, partial(self.on_pending_socket_readable, connection))

    def on_pending_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """Record the first bytes of a new connection."""
        conn.note()
        super().on_pending_socket_readable(conn, client)

    def on_client_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """Record the first bytes of a further request."""
        conn.note()
        super().on_client_socket_readable(conn, client)

    def handle(self, conn: Connection) -> Any:
        """Read and answer a request, in one of the threads."""
        self.answering.connection = conn
        conn.prune()
        return super().handle(conn)
