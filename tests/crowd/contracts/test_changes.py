"""What differs between two documents, from which the later one can be made again."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from crowd.canonical import Document
from crowd.contracts.changes import ABSENT, Change, apply, compare

LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "a", "b"])
DOCUMENTS = st.dictionaries(
    st.sampled_from("abcd"),
    st.recursive(
        LEAVES,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
        max_leaves=10,
    ),
    max_size=4,
)


def test_each_place_that_differs_is_named() -> None:
    before = {"prizes": [{"amount": 1}, {"amount": 2}], "rights": "none", "old": 1}
    after = {"prizes": [{"amount": 3}], "rights": "none", "new": True}
    assert compare(before, after) == [
        Change(("new",), ABSENT, True),
        Change(("old",), 1, ABSENT),
        Change(("prizes", 0, "amount"), 1, 3),
        Change(("prizes", 1), {"amount": 2}, ABSENT),
    ]


def test_a_number_and_a_truth_value_differ() -> None:
    assert compare({"one": 1}, {"one": True}) == [Change(("one",), 1, True)]


@given(DOCUMENTS, DOCUMENTS)
def test_the_changes_make_the_later_document(before: Document, after: Document) -> None:
    changes = compare(before, after)
    assert apply(before, changes) == after
    assert compare(after, apply(before, changes)) == []


@given(st.lists(DOCUMENTS, min_size=2, max_size=5))
def test_a_chain_of_versions_is_its_first_and_all_changes(versions: list[Document]) -> None:
    document = versions[0]
    for before, after in pairwise(versions):
        document = apply(document, compare(before, after))
        assert document == after
