"""What stands in the contract for what not everybody may read: SHA-256(salt || bytes), in hex.

The salt goes out with the text: without it nobody can find out by trying whether a text is the one that they suppose.
"""

import hashlib
import hmac
from collections.abc import Iterable

from crowd.text import normalise


def text_bytes(text: str) -> bytes:
    """A text as it is digested and downloaded: UTF-8 in NFC."""
    return normalise(text).encode()


def text_salt(key: str, text: str) -> str:
    """The salt of a challenge's full text, by the secret key of the challenge: the same text has the same salt in
    every version, and another text one that nobody can tell from it.
    """
    return hmac.new(bytes.fromhex(key), text_bytes(text), hashlib.sha256).hexdigest()


def salted_digest(salt: str, chunks: Iterable[bytes]) -> str:
    """SHA-256(salt || bytes) in hex; the salt is hex, too."""
    sha = hashlib.sha256(bytes.fromhex(salt))
    for chunk in chunks:
        sha.update(chunk)
    return sha.hexdigest()


def text_digest(key: str, text: str) -> str:
    """The digest of a challenge's full text."""
    return salted_digest(text_salt(key, text), [text_bytes(text)])


def nda_digest(text: str) -> str:
    """What an NDA is signed by: SHA-256 of its text."""
    return hashlib.sha256(text_bytes(text)).hexdigest()
