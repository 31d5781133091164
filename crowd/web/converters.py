"""What a URL may hold: numbers of rows as the database counts them, and codes without control characters.

They take the place of Werkzeug's own converters under their names, so that no route can forget them: a value that no
row could have leads nowhere, before a view or a query sees it.
"""

from typing import Any

from werkzeug.routing import BaseConverter, Map, PathConverter

MAX_DIGITS = 18  # each number of so many fits into a bigint, and no table will ever count further
MAX_CODE_LENGTH = 1000  # signed tokens with an email address in them are the longest
# C0, DEL and C1 controls, halves of surrogate pairs, and what stands for bytes that were no UTF-8.
UNPRINTABLE = "\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd"


class IdConverter(BaseConverter):
    """A row's number in the one way it is written: ASCII digits without a leading zero, no more than a bigint holds."""

    regex = f"[1-9][0-9]{{0,{MAX_DIGITS - 1}}}"
    weight = 50  # behind fixed words

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
    """Let every route of this map read its values so."""
    url_map.converters.update(int=IdConverter, default=CodeConverter, string=CodeConverter, path=CodesConverter)
