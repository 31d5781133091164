"""Opening a feed file: bytes in, rows out, each fit to be stored."""

import hashlib
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l

from challenges.importing.errors import ImportErrorReason, Problem, problem
from crowd.errors import Invalid

MAX_FILE_BYTES = 64 * 1024 * 1024  # bytes; the real feed has 2.5 million
MAX_ROWS = 100_000
MAX_ROW_LENGTH = 2_000_000  # characters of its JSON
MAX_ROW_DEPTH = 20  # levels of lists and objects
DEFAULT_ORIGIN = "Challenge.gov"
MAX_ORIGIN_LENGTH = 300

WRAPPINGS = ("challenges", "collection", "data", "results", "items", "rows", "records", "feed")
OLDER_NAMES = frozenset({"challenge-title", "challenge-id", "type-of-challenge", "total-prize-offered-cash"})
LATER_NAMES = frozenset(
    {"agency-name", "agency", "agency-id", "brief-description", "prize-total", "federal-partners", "types",
     "custom-url", "non-federal-partners", "legal-authority", "fiscal-year", "judging-criteria", "how-to-enter"}
)  # fmt: skip
IDENTITIES = ("challenge-id", "id", "permalink", "custom-url")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"))
_MARKS_16 = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_UNSTORABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One challenge as in the file. `source` can be stored as jsonb: no NUL, no half character, no NaN."""

    number: int  # position in the file, from 1
    origin_id: str
    source: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be a record, and why."""

    number: int
    problem: Problem


@dataclass(frozen=True, slots=True)
class Feed:
    """Where the file says it is from, and its rows in order."""

    origin: str
    rows: tuple[FeedRow | BadRow, ...]


def read(path: Path | str, *, largest: int = MAX_FILE_BYTES, most: int = MAX_ROWS) -> Feed:
    """The feed in the file at `path`, of at most so many bytes and rows.

    Raises Invalid, with `reason`, where it cannot be read as one.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(largest + 1)
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or str(error)
        message = _l("The file %(path)s cannot be read: %(error)s", path=str(path), error=words)
        raise Invalid(message, reason="unreadable") from error
    return parse(data, largest=largest, most=most)


def parse(data: bytes, *, largest: int = MAX_FILE_BYTES, most: int = MAX_ROWS) -> Feed:
    """The feed in `data`. Raises Invalid, with `reason`, where it is too large, not UTF-8, not JSON or not a list."""
    if len(data) > largest:
        megabytes = largest // 1024 // 1024
        raise Invalid(_l("The file is larger than %(megabytes)s MB.", megabytes=megabytes), reason="too_large")
    document = _document(_text(data))
    given = document.get("origin") if isinstance(document, dict) else None
    origin = " ".join(_UNSTORABLE.sub(" ", given).split())[:MAX_ORIGIN_LENGTH] if isinstance(given, str) else ""
    rows = _rows(document)
    if rows is None:
        message = _l(
            "The file has no list of challenges. A list is expected, or an object with one named “challenges”."
        )
        raise Invalid(message, reason="shape")
    if len(rows) > most:
        raise Invalid(_l("The file has more than %(rows)s rows.", rows=most), reason="too_many")
    return Feed(origin or DEFAULT_ORIGIN, tuple(_checked(rows)))


def digest(source: dict[str, Any]) -> str:
    """SHA-256, in hex, of a row whatever the order of its fields: equal digests mean nothing changed."""
    canonical = json.dumps(source, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def normal_key(key: str) -> str:
    """A field's name in one spelling: `Challenge_Title` is `challenge-title`."""
    return re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")


def _text(data: bytes) -> str:
    encoding = next((name for mark, name in _MARKS + _MARKS_16 if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeError as error:
        where = getattr(error, "start", 0) + 1
        message = _l("The file is not text in UTF-8: byte %(where)s cannot be read. Save it as UTF-8.", where=where)
        raise Invalid(message, reason="encoding") from error
    if not text.strip():
        raise Invalid(_l("The file is empty."), reason="empty")
    return text


def _document(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=str, parse_float=_number)
    except json.JSONDecodeError as error:
        message = _l(
            "The file is not valid JSON: line %(line)s, column %(column)s.", line=error.lineno, column=error.colno
        )
        raise Invalid(message, reason="json") from error
    except RecursionError as error:
        raise Invalid(_l("The file is nested too deeply to be a list of challenges."), reason="too_deep") from error
    except ValueError as error:
        raise Invalid(_l("The file has a number that is too long to read."), reason="json") from error


def _number(literal: str) -> float | str:
    """A float, or the literal itself where a float cannot hold it: PostgreSQL's JSON has no infinity."""
    value = float(literal)
    return value if math.isfinite(value) else literal


def _rows(document: Any) -> list[Any] | None:
    """The list of rows, directly, under one of the usual names, or one wrapping further in."""
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        return None
    named = {normal_key(key): value for key, value in document.items()}
    for key in WRAPPINGS:
        if isinstance(named.get(key), list):
            return list(named[key])
    inner = next((named[key] for key in WRAPPINGS if isinstance(named.get(key), dict)), None)
    if inner is not None:
        return _rows(inner)
    if _identity(document) and any(key in named for key in ("challenge-title", "title")):
        return [document]
    lists = [value for value in document.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
    return lists[0] if len(lists) == 1 else None


def _checked(rows: list[Any]) -> Iterator[FeedRow | BadRow]:
    seen: set[str] = set()
    for number, given in enumerate(rows, 1):
        if not isinstance(given, dict):
            yield BadRow(number, problem("", ImportErrorReason.NOT_AN_OBJECT, given))
            continue
        try:
            source = _storable(given, MAX_ROW_DEPTH)
        except RecursionError:
            yield BadRow(number, problem("", ImportErrorReason.TOO_DEEP))
            continue
        origin_id = _identity(source)
        if len(json.dumps(source)) > MAX_ROW_LENGTH:
            yield BadRow(number, problem("", ImportErrorReason.TOO_LARGE, origin_id))
        elif not _is_of_origin(source):
            yield BadRow(number, problem("", ImportErrorReason.OTHER_FEED, json.dumps(source)))
        elif not origin_id:
            yield BadRow(number, problem("challenge-id", ImportErrorReason.NO_IDENTITY, json.dumps(source)))
        elif origin_id in seen:
            yield BadRow(number, problem("challenge-id", ImportErrorReason.DUPLICATE, origin_id))
        else:
            seen.add(origin_id)
            yield FeedRow(number, origin_id, source)


def _is_of_origin(source: dict[str, Any]) -> bool:
    """Whether a row looks like Challenge.gov's: the older feed's own names, or a title and two names of the later
    interface.

    A list of other things (the phases of an EvalAI challenge, a programme's courses) must not become listings.
    """
    named = {normal_key(key) for key in source}
    return bool(named & OLDER_NAMES) or ("title" in named and len(named & LATER_NAMES) >= 2)


def _identity(source: dict[str, Any]) -> str:
    """The row's own number or URL; "" where it has none."""
    named = {normal_key(key): value for key, value in source.items()}
    for key in IDENTITIES:
        value = named.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool) and (text := " ".join(str(value).split())):
            return text[:200]
    return ""


def _storable(value: object, levels: int) -> Any:
    """The value with what PostgreSQL's JSON cannot hold replaced by U+FFFD. Raises RecursionError beyond `levels`."""
    if levels < 0:
        raise RecursionError("nested too deeply")
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_storable(item, levels - 1) for item in value]
    if isinstance(value, dict):
        return {_UNSTORABLE.sub("\ufffd", key): _storable(item, levels - 1) for key, item in value.items()}
    return value
