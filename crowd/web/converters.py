"""What a URL may contain: numbers of rows as the database counts them, and codes without control characters.

They replace Werkzeug's own converters under their names, so that every route uses them: a value that no
row could have is not found, before a view or a query sees it.
"""

from typing import Any

from werkzeug.routing import BaseConverter, Map, PathConverter

MAX_DIGITS = 18  # a number of so many digits fits into a bigint
MAX_CODE_LENGTH = 1000  # signed tokens with an email address in them are the longest
# C0, DEL and C1 controls, halves of surrogate pairs, and replacements of bytes that were not UTF-8.
UNPRINTABLE = "\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd"


class IdConverter(BaseConverter):
    """A row's number in its only spelling: ASCII digits without a leading zero, no more than a bigint holds."""

    regex = f"[1-9][0-9]{{0,{MAX_DIGITS - 1}}}"
    weight = 50  # after fixed words

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)

    def to_url(self, value: Any) -> str:
        """The number as digits."""
        return str(int(value))


class CodeConverter(BaseConverter):
    """A word, token or name: one part of a path without control characters, at most MAX_CODE_LENGTH long."""

    regex = f"[^/{UNPRINTABLE}]{{1,{MAX_CODE_LENGTH}}}"
    part_isolating = True


class CodesConverter(PathConverter):
    """Several such parts: the path of a file."""

    regex = f"[^/{UNPRINTABLE}][^{UNPRINTABLE}]{{0,{MAX_CODE_LENGTH - 1}}}?"


def register(url_map: Map) -> None:
    """Use these converters for every route of this map."""
    url_map.converters.update(int=IdConverter, default=CodeConverter, string=CodeConverter, path=CodesConverter)
