"""Opening a feed: several shapes are read, and what cannot be read is said in plain words."""

import json
from typing import Any

import pytest

from challenges.importing.feed import BadRow, FeedRow, digest, parse, read
from crowd.errors import Invalid
from tests.challenges.importing.samples import ROW, row


def refused(data):
    with pytest.raises(Invalid) as caught:
        parse(data)
    return caught.value.facts["reason"]


@pytest.mark.parametrize(
    "document",
    [
        {"origin": "Here", "challenges": [ROW]},
        [ROW],
        {"collection": [ROW], "pagination": {}},
        {"data": {"challenges": [ROW]}},
        {"Results": [ROW]},
        {"whatever": [ROW], "count": 1},
        ROW,
    ],
)
def test_the_usual_shapes_are_read(document):
    feed = parse(json.dumps(document).encode())
    assert feed.rows == (FeedRow(1, "4711", ROW),)
    assert feed.origin == ("Here" if isinstance(document, dict) and "origin" in document else "Challenge.gov")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_are_understood(encoding):
    feed = parse(json.dumps([row(agency="Büro – 局")], ensure_ascii=False).encode(encoding))
    assert isinstance(feed.rows[0], FeedRow)
    assert feed.rows[0].source["agency"] == "Büro – 局"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{", "json"),
        (b"<html>Not found</html>", "json"),
        (b'[{"id": 1},]', "json"),
        ('[{"title": "Büro"}]'.encode("latin-1"), "encoding"),
        (b"\xff\xfe[", "encoding"),
        (b"3", "shape"),
        (b"{}", "shape"),
        (b'{"error": "rate limited"}', "shape"),
        (b'{"challenges": {"data": 1}}', "shape"),
        (b"[" * 100_000, "too_deep"),
        (b"[" + b"9" * 5000 + b"]", "json"),
        (b" " * (64 * 1024 * 1024 + 1), "too_large"),
        (b"[" + b"1," * 100_000 + b"1]", "too_many"),
    ],
)
def test_what_is_no_feed_is_refused(data, reason):
    assert refused(data) == reason


def test_a_broken_file_is_located():
    with pytest.raises(Invalid) as caught:
        parse(b'[\n{"challenge-id" "1"}]')
    assert "line 2, column 17" in str(caught.value.message)


def test_a_file_that_is_not_there_is_said(tmp_path):
    for path in (tmp_path / "none.json", tmp_path, "a\0b"):
        with pytest.raises(Invalid) as caught:
            read(path)
        assert caught.value.facts["reason"] == "unreadable"


def test_a_file_is_read(tmp_path):
    path = tmp_path / "feed.json"
    path.write_text(json.dumps([]))
    assert read(path).rows == ()


def test_rows_that_cannot_be_records_are_told_apart_from_the_rest():
    deep: dict[str, Any] = {"challenge-id": "9", "x": []}
    for _ in range(30):
        deep = {"challenge-id": "9", "x": deep}
    rows = [ROW, "text", {"challenge-title": "No number"}, ROW, deep, row(challenge_id="8", rules="x" * 3_000_000)]
    feed = parse(json.dumps([*rows, None, row(challenge_id=7)]).encode())
    assert [item.problem.reason.value if isinstance(item, BadRow) else item.origin_id for item in feed.rows] == [
        "4711", "not_an_object", "no_identity", "duplicate", "too_deep", "too_large", "not_an_object", "7",
    ]  # fmt: skip


def test_the_source_can_be_stored_as_json():
    data = b'[{"challenge-id": "1", "a\\u0000": "x\\u0000y\\ud800z\\u0007", "n": NaN, "i": -Infinity, "e": 1e999}]'
    (only,) = parse(data).rows
    assert isinstance(only, FeedRow)
    stored = json.dumps(only.source, allow_nan=False)
    assert "\\u0000" not in stored
    assert "\\ud800" not in stored
    assert only.source["a\ufffd"] == "x\ufffdy\ufffdz\ufffd"


def test_a_digest_knows_the_content_and_not_the_order():
    assert digest(ROW) == digest(dict(reversed(ROW.items())))
    assert digest(ROW) != digest(row(tagline="Another"))
    assert len(digest(ROW)) == 64
