"""Requests that arrived at an instant of the choice of a test, as the worker of the web would tell."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from flask import Flask, g

from crowd import clock


@contextmanager
def arriving(app: Flask, at: datetime) -> Iterator[None]:
    """Inside of a request that had arrived whole at that instant of the database's clock, to the microsecond."""
    stamped = {clock.ARRIVED: None}  # that there is a stamp; what it says in the end is set here
    with app.test_request_context(headers={"Accept-Language": "en"}, environ_overrides=stamped):
        g.arrived_at = at
        try:
            yield
        finally:
            g.pop("arrived_at")
