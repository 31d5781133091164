"""A platform without processes, and the people of a journey."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.journeys.actors import Company
from tests.processes import Platform, platform_like


@pytest.fixture
def platform(committed: Flask, tmp_path: Path) -> Iterator[Platform]:
    """A platform on a database of its own; no process runs yet."""
    with platform_like(committed, tmp_path, sign_in_per_minute=1000) as running:
        yield running


@pytest.fixture
def company(platform: Platform) -> Company:
    """The people of a journey, each with a browser."""
    return Company(platform)
