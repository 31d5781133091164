"""Addresses are remembered, and stay right."""

from typing import Any

import pytest
from flask import Flask, url_for


@pytest.mark.parametrize(
    ("endpoint", "values", "address"),
    [
        ("challenges.show", {"challenge_id": 7}, "/challenges/7"),
        ("challenges.index", {"filtered": 1}, "/challenges?filtered=1"),
        ("challenges.index", {"filtered": True}, "/challenges?filtered=True"),  # equal to 1, but another address
        ("challenges.index", {"tag": ["steel", "water"]}, "/challenges?tag=steel&tag=water"),
        ("challenges.index", {"_anchor": "found"}, "/challenges#found"),
    ],
)
def test_an_address_is_the_same_the_second_time(
    isolated: Flask, endpoint: str, values: dict[str, Any], address: str
) -> None:
    with isolated.test_request_context():
        assert [url_for(endpoint, **values) for _ in range(2)] == [address, address]


def test_below_a_prefix_addresses_carry_it(isolated: Flask) -> None:
    with isolated.test_request_context():
        assert url_for("site.dashboard") == "/dashboard"
    with isolated.test_request_context(environ_overrides={"SCRIPT_NAME": "/crowd"}):
        assert url_for("site.dashboard") == "/crowd/dashboard"


def test_a_whole_address_names_the_host_that_was_asked(isolated: Flask) -> None:
    with isolated.test_request_context(base_url="https://a.example"):
        assert url_for("site.dashboard", _external=True) == "https://a.example/dashboard"
    with isolated.test_request_context(base_url="https://b.example"):
        assert url_for("site.dashboard", _external=True) == "https://b.example/dashboard"
