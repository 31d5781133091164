"""A reason is needed, and has an end."""

import pytest
from flask import Flask

from crowd.config import limits
from crowd.errors import Invalid
from crowd.reasons import required, written


@pytest.mark.parametrize("empty", ["", " \n\t", "\u3000"])
def test_a_reason_is_needed(shared_app: Flask, empty: str) -> None:
    with shared_app.app_context(), pytest.raises(Invalid) as refusal:
        required(empty)
    assert set(refusal.value.fields) == {"reason"}
    with shared_app.app_context(), pytest.raises(Invalid) as refusal:
        written(empty, "wish")
    assert set(refusal.value.fields) == {"wish"}


def test_it_is_kept_without_what_surrounds_it_and_not_longer_than_the_limit(shared_app: Flask) -> None:
    with shared_app.app_context():
        most = limits().max_reason_length
        assert required(f" {'理' * most}\n") == "理" * most
        with pytest.raises(Invalid, match=str(most)):
            required("理" * (most + 1))
