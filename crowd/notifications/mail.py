"""The mail gateway: an SMTP server where CROWD_MAIL_URL names one, else `.eml` files in the data folder.

`crowd.config.mail_server` parses the URL. Without `?tls=0` no email and no password is sent before
the server has proved its identity with its certificate.
An email keeps its Message-ID however often it is sent, so that a mailbox can recognise duplicates.
"""

import os
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from crowd.config import MailServer, Settings
from crowd.languages import language_of
from crowd.notifications import headers
from crowd.notifications.models import OutgoingEmail

TIMEOUT = 20
Deliver = Callable[[OutgoingEmail], None]


class MailTrouble(OSError):
    """The mail server does not accept our mail; the message is a sentence for an operator."""


@contextmanager
def connected(settings: Settings) -> Iterator[Deliver]:
    """One connection for any number of emails: `with connected(settings) as deliver: deliver(mail)`.

    Raises OSError, which smtplib's errors are too, where the server is unavailable or refuses.
    """
    named = settings.mail_server
    if named is None:
        folder = settings.data_dir / "mail"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield lambda mail: _write(folder, message(mail, settings))
        return
    with _server(named) as server:
        yield lambda mail: _send(server, message(mail, settings))


def message(mail: OutgoingEmail, settings: Settings) -> EmailMessage:
    """The email as sent: plain text, and the same as HTML where there is one. Raises MailTrouble."""
    made, language = EmailMessage(policy=headers.POLICY), language_of(mail.locale)
    try:
        made["From"] = headers.sender(settings.mail_from, settings.name_in(language))
        made["To"] = headers.recipient(mail.recipient)
    except ValueError as error:
        raise MailTrouble("Sender or recipient is not an address that a mail server takes.") from error
    made["Subject"] = headers.encoded(mail.subject)
    made["Date"] = format_datetime(mail.created_at)
    made["Message-ID"] = mail.message_id
    made["Auto-Submitted"] = "auto-generated"
    if mail.thread:  # a conversation without a first email: every mailbox groups what refers to the same id
        made["In-Reply-To"] = made["References"] = headers.Encoded(f"<{mail.thread}@crowd>")
    if mail.list_name:
        made["List-Id"] = headers.Encoded(f"<{mail.list_name}.{settings.host_name}>")
    if mail.unsubscribe:
        made["List-Unsubscribe"] = headers.Encoded(f"<{settings.address}{mail.unsubscribe}>")
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(mail.text or "", cte="quoted-printable")
    if mail.html:
        made.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    made["Content-Language"] = language.tag  # last, or it goes into the first part
    return made


def file_name(message_id: str) -> str:
    """The file name of an email, without its ending."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", message_id).strip("-")


def _write(folder: Path, made: EmailMessage) -> None:
    """Write the file completely or not at all; an email that is sent twice is one file."""
    name = file_name(str(made["Message-ID"]))
    fresh = folder / f".{name}.{os.getpid()}"
    fresh.write_bytes(bytes(made))
    os.replace(fresh, folder / f"{name}.eml")


def _send(server: smtplib.SMTP, made: EmailMessage) -> None:
    server.send_message(made)


@contextmanager
def _server(named: MailServer) -> Iterator[smtplib.SMTP]:
    """A connection to the configured server, verified and signed in. Raises MailTrouble, which describes the error."""
    safe = ssl.create_default_context()
    place = f"{named.host}:{named.port}"
    try:
        server = (
            smtplib.SMTP_SSL(named.host, named.port, timeout=TIMEOUT, context=safe)
            if named.tls == "ssl"
            else smtplib.SMTP(named.host, named.port, timeout=TIMEOUT)
        )
    except OSError as error:
        raise MailTrouble(f"The mail server {place} {_words(error)}") from error
    with server:
        try:
            if named.tls == "starttls":
                server.starttls(context=safe)
            if named.user:
                server.login(named.user, named.password)
        except OSError as error:
            raise MailTrouble(f"The mail server {place} {_words(error)}") from error
        yield server


def _words(error: OSError) -> str:
    """A mail server's error as the end of a sentence; never with the password."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"has a certificate that is not trusted ({error.verify_message}). See SSL_CERT_FILE."
    if isinstance(error, ssl.SSLError):
        return f"does not speak TLS as asked ({error.reason or error}): TLS at once is smtps://, STARTTLS is ?tls=1."
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"refuses user and password ({error.smtp_code})."
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return f"cannot do what is asked of it: {error}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"says {error.smtp_code} {error.smtp_error!s}."
    if isinstance(error, TimeoutError):
        return "does not answer."
    return f"cannot be reached: {error.strerror or error}."
