"""The mail gateway: an SMTP server where CROWD_MAIL_URL names one, else `.eml` files in the data folder.

`smtp://user:password@host:587?tls=starttls` (the default), `?tls=ssl` (or `smtps://`), `?tls=no` for a local relay.
A letter keeps its Message-ID however often it is sent, so that a mailbox can tell that it has it already.
"""

import os
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from crowd.config import Misconfigured, Settings
from crowd.notifications.models import Mail

TIMEOUT = 20
Deliver = Callable[[Mail], None]


@contextmanager
def connected(settings: Settings) -> Iterator[Deliver]:
    """One connection for any number of letters: `with connected(settings) as deliver: deliver(mail)`.

    Raises OSError or smtplib.SMTPException where the server is away or refuses, Misconfigured for a wrong address.
    """
    if not settings.mail_url:
        folder = settings.home / "mail"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield lambda mail: _write(folder, message(mail, settings))
        return
    with _server(settings.mail_url) as server:
        yield lambda mail: _send(server, message(mail, settings))


def message(mail: Mail, settings: Settings) -> EmailMessage:
    """The letter as it travels: plain text, and the same as HTML where there is one."""
    made = EmailMessage(policy=SMTP)
    made["From"] = settings.mail_sender
    made["To"] = mail.recipient
    made["Subject"] = mail.subject
    made["Date"] = format_datetime(mail.created_at)
    made["Message-ID"] = mail.message_id
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(mail.text or "", cte="quoted-printable")
    if mail.html:
        made.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    made["Content-Language"] = "zh-CN" if mail.locale.startswith("zh") else "en"  # last, or it goes into the first part
    return made


def file_name(message_id: str) -> str:
    """What the file of a letter is called, without its ending."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", message_id).strip("-")


def _write(folder: Path, made: EmailMessage) -> None:
    """Whole or not at all; sent twice it is one file."""
    name = file_name(str(made["Message-ID"]))
    fresh = folder / f".{name}.{os.getpid()}"
    fresh.write_bytes(bytes(made))
    os.replace(fresh, folder / f"{name}.eml")


def _send(server: smtplib.SMTP, made: EmailMessage) -> None:
    server.send_message(made)


@contextmanager
def _server(url: str) -> Iterator[smtplib.SMTP]:
    parts = urlsplit(url)
    tls = "ssl" if parts.scheme == "smtps" else parse_qs(parts.query).get("tls", ["starttls"])[0]
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or tls not in ("starttls", "ssl", "no"):
        raise Misconfigured("CROWD_MAIL_URL looks like smtp://user:password@host:587?tls=starttls (or ssl, or no).")
    safe = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(parts.hostname, parts.port or 465, timeout=TIMEOUT, context=safe)
        if tls == "ssl"
        else smtplib.SMTP(parts.hostname, parts.port or (587 if tls == "starttls" else 25), timeout=TIMEOUT)
    )
    with server:
        if tls == "starttls":
            server.starttls(context=safe)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server
