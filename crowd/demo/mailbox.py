"""The letters that the demonstration has sent: the `.eml` files of its data folder, newest first."""

import email
import email.policy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from flask import current_app

from crowd.errors import NotFound


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it was sent; `name` is its file's, without the ending."""

    name: str
    sent: datetime
    recipient: str
    subject: str
    language: str
    text: str


def letters(limit: int, recipient: str = "") -> Sequence[Letter]:
    """The newest letters, to an address that contains `recipient` where one is given."""
    files = sorted(_folder().glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    found = (_read(path) for path in files)
    wanted = (letter for letter in found if recipient.lower() in letter.recipient.lower())
    return [letter for _, letter in zip(range(limit), wanted, strict=False)]


def letter(name: str) -> Letter:
    """The letter of that name. Raises NotFound."""
    path = _folder() / f"{name}.eml"
    if path.parent != _folder() or not path.is_file():
        raise NotFound
    return _read(path)


def _folder() -> Path:
    home: Path = current_app.config["CROWD"].home
    return home / "mail"


def _read(path: Path) -> Letter:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    return Letter(
        name=path.stem,
        sent=parsedate_to_datetime(str(message["Date"])),
        recipient=str(message["To"]),
        subject=str(message["Subject"]),
        language=str(message.get("Content-Language", "en")),
        text=str(body.get_content()) if body else "",
    )
