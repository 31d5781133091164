"""Mail headers: values are data, whatever they look like.

Python's `email` reads the value of a header before it writes it, so that `=?UTF-8?Q?=0A?=Bcc: ...` in a title would
become a line end and a separate header. Values that are encoded here are written unchanged.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from email.policy import EmailPolicy
from email.utils import parseaddr, quote
from typing import Any

from crowd import email_address

LINE = 76  # characters of a line with an encoded word (RFC 2047, section 2)
WORD = 39  # bytes in an encoded word: 52 characters in base64, so that it also fits after "Subject: "
BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")  # line ends and control characters


class Encoded(str):
    """The value of a header as sent: ASCII, folded; it is not parsed again."""


class Policy(EmailPolicy):
    """SMTP's policy, which leaves encoded values unchanged."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """Keep encoded values; parse everything else as usual."""
        return (name, value) if isinstance(value, Encoded) else super().header_store_parse(name, value)

    def header_fetch_parse(self, name: str, value: Any) -> Any:
        """Encoded values are returned as sent."""
        return value if isinstance(value, Encoded) else super().header_fetch_parse(name, value)

    def fold(self, name: str, value: Any) -> str:
        """The header's lines."""
        return f"{name}: {value}{self.linesep}" if isinstance(value, Encoded) else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The header's lines, as bytes."""
        return (
            self.fold(name, value).encode("ascii") if isinstance(value, Encoded) else super().fold_binary(name, value)
        )


POLICY = Policy(linesep="\r\n")


def one_line(data: str) -> str:
    """A text of one line: line ends become spaces, all other spaces stay."""
    return BREAKS.sub(" ", data).strip()


def encoded(data: str, name: str = "Subject") -> Encoded:
    """Any text as the value of a header: short ASCII as it is, everything else in encoded words (RFC 2047).

    All spaces are inside the words, so that folding neither adds nor loses one.
    """
    line = one_line(data)
    if line.isascii() and "=?" not in line and len(name) + 2 + len(line) <= LINE:
        return Encoded(line)
    words = (f"=?utf-8?b?{b64encode(part).decode()}?=" for part in _parts(line))
    return Encoded("\r\n ".join(words))


def _parts(line: str) -> Iterator[bytes]:
    """The text's bytes in parts of at most WORD, of whole characters."""
    part = b""
    for char in line.encode("utf-8", "replace").decode():
        one = char.encode()
        if len(part) + len(one) > WORD:
            yield part
            part = b""
        part += one
    yield part


def recipient(address: str) -> Encoded:
    """An address as the value of a header. Raises ValueError where we cannot send to it."""
    return Encoded(email_address.on_its_way(address))


def sender(setting: str, platform: str) -> Encoded:
    """`Name <address>` as the value of a header; the platform's name stands before an address that has none."""
    name, address = parseaddr(setting)
    phrase = encoded(name or platform, "From")
    shown = phrase if phrase.startswith("=?") or not phrase else f'"{quote(phrase)}"'
    return Encoded(f"{shown} <{email_address.on_its_way(address)}>" if shown else email_address.on_its_way(address))
