"""A document as bytes: canonical JSON by RFC 8785, its text in Unicode's NFC, without fractions.

Two implementations give the same bytes for the same document, so its SHA-256 identifies it anywhere. What has decimals
(a percentage) is written as a string, money in minor units; a whole number lies within 2^53, as in every JSON reader.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import rfc8785

from crowd import text

Document = Mapping[str, Any]


def canonical(document: Document) -> bytes:
    """The bytes of a document. Raises ValueError for fractions, whole numbers beyond 2^53, keys that are not strings,
    and values that JSON does not know.
    """
    return rfc8785.dumps(_normal(document))  # type: ignore[arg-type]


def digest(document: bytes) -> str:
    """SHA-256 in hex: what names a version everywhere."""
    return hashlib.sha256(document).hexdigest()


def read(document: bytes) -> Document:
    """The document of these bytes."""
    found = json.loads(document)
    assert isinstance(found, dict)
    return found


def _normal(value: object) -> object:
    match value:
        case None | bool() | int():
            return value
        case str():
            return text.normalise(value)
        case Mapping():
            if any(not isinstance(key, str) for key in value):
                raise ValueError("a key of a document is a string")
            return {_normal(key): _normal(held) for key, held in value.items()}
        case list() | tuple():
            return [_normal(held) for held in value]
    raise ValueError(f"a document has no {type(value).__name__}: write a whole number or a string")
