"""The emails that the demonstration has sent, newest first: listed from the outbox, read from their `.eml` files."""

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

import sqlalchemy as sa
from flask import current_app

from crowd.errors import NotFound
from crowd.languages import ENGLISH, language_of
from crowd.notifications.mail import file_name
from crowd.notifications.models import OutgoingEmail
from crowd.web.paging import Page, page


@dataclass(frozen=True, slots=True)
class EmailSummary:
    """An email in a list; `name` is its file's, without the ending."""

    name: str
    sent: datetime
    recipient: str
    subject: str
    language: str


@dataclass(frozen=True, slots=True)
class SentEmail:
    """An email as sent."""

    sent: datetime
    recipient: str
    subject: str
    language: str
    text: str


def listed(recipient: str, *, after: str | None, size: int) -> Page[EmailSummary]:
    """One page of the sent emails, to an address that contains `recipient`; no file is opened for it.

    Raises Invalid for a foreign cursor.
    """
    query = sa.select(OutgoingEmail).where(OutgoingEmail.sent_at.is_not(None))
    if recipient:
        query = query.where(OutgoingEmail.recipient.contains(recipient.strip().lower(), autoescape=True))
    found = page(query, [(OutgoingEmail.id, True)], name="mails", after=after, size=size)
    return Page([_summary(mail) for mail in found.rows], found.after, found.first)


def _summary(mail: OutgoingEmail) -> EmailSummary:
    return EmailSummary(
        file_name(mail.message_id), mail.created_at, mail.recipient, mail.subject, language_of(mail.locale).tag
    )


def read(name: str) -> SentEmail:
    """The email of that name. Raises NotFound, also where it was sent to a server instead of a file."""
    folder: Path = current_app.config["CROWD"].data_dir / "mail"
    path = folder / f"{name}.eml"
    if path.parent != folder or not path.is_file():
        raise NotFound
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    return SentEmail(
        sent=parsedate_to_datetime(str(message["Date"])),
        recipient=str(message["To"]),
        subject=str(message["Subject"]),
        language=str(message.get("Content-Language", ENGLISH.tag)),
        text=str(body.get_content()) if body else "",
    )
