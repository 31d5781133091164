"""Documents as bytes: canonical, in NFC, without what two readers could read differently."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.canonical import canonical, digest, read

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_keys_are_sorted_and_nothing_is_between_them() -> None:
    assert canonical({"b": 1, "a": ["管网", None, True]}) == '{"a":["管网",null,true],"b":1}'.encode()


def test_one_text_has_one_form() -> None:
    assert canonical({"name": "e\u0301"}) == canonical({"name": "\u00e9"})


@pytest.mark.parametrize("value", [0.5, 2**53, -(2**53), b"x", {1: "x"}, float("nan")])
def test_what_readers_could_read_differently_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"document|safe integer"):
        canonical({"value": value})


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_a_document_is_read_as_it_was_written(document: dict[str, object]) -> None:
    written = canonical(document)
    assert canonical(read(written)) == written
    assert digest(written) == hashlib.sha256(written).hexdigest()
