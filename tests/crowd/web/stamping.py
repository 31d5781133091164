"""An application that says when each of its requests had arrived, for the tests of the worker that knows it."""

import json
import time
from collections.abc import Callable, Iterable
from typing import Any

from crowd.clock import ARRIVED


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """`/hold` keeps a thread for a second; `/early` asks before it has read the body; else the body is read first."""
    found = {"early": environ[ARRIVED]()} if environ["PATH_INFO"] == "/early" else {}
    if environ["PATH_INFO"] == "/hold":
        time.sleep(1)
    length = len(environ["wsgi.input"].read())
    time.sleep(0.02)  # what is told stays true, however late it is asked for
    answer = json.dumps({"arrived": environ[ARRIVED](), "length": length, **found}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]
