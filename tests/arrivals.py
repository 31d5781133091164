"""Requests with an arrival time chosen by the test, as the web worker would record it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from flask import Flask, g

from crowd import clock


@contextmanager
def arriving(app: Flask, at: datetime) -> Iterator[None]:
    """Inside a request that had arrived completely at that time of the database's clock, to the microsecond."""
    stamped = {clock.ARRIVED: None}  # that there is a stamp; what it says in the end is set here
    with app.test_request_context(headers={"Accept-Language": "en"}, environ_overrides=stamped):
        g.arrived_at = at
        try:
            yield
        finally:
            g.pop("arrived_at")
