"""A real SMTP server for tests: with STARTTLS, with TLS from the first byte, or without; it knows one user."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.processes import free_port

CERTIFICATES = Path(__file__).parent / "certificates"
AUTHORITY = CERTIFICATES / "ca.pem"
USER, PASSWORD = "crowd", "p@ss:w/rd#1"


@dataclass
class PostOffice:
    """Its host and port, and the emails it accepted; `secure` says for each email whether it came through TLS."""

    port: int = field(default_factory=free_port)
    letters: list[EmailMessage] = field(default_factory=list)
    secure: list[bool] = field(default_factory=list)
    users: list[str] = field(default_factory=list)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        """Reject one recipient, accept all others."""
        if address.startswith("refused@"):
            return "550 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        """Store the email."""
        made = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(made, EmailMessage)
        self.letters.append(made)
        self.secure.append(session.ssl is not None)
        return "250 taken"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        """Accept clients with the password."""
        assert isinstance(given, LoginPassword)
        self.users.append(given.login.decode())
        return AuthResult(success=(given.login.decode(), given.password.decode()) == (USER, PASSWORD), handled=False)


def context() -> ssl.SSLContext:
    """TLS as a server at `localhost` speaks it."""
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(CERTIFICATES / "localhost.pem")
    return made


@contextmanager
def post_office(tls: str = "starttls") -> Iterator[PostOffice]:
    """A server at 127.0.0.1: `starttls` (required, with sign-in), `ssl`, or `no`."""
    office = PostOffice()
    options: dict[str, Any] = {"hostname": "127.0.0.1", "port": office.port}
    if tls == "starttls":
        options |= {"tls_context": context(), "require_starttls": True}
    if tls == "ssl":
        options |= {"ssl_context": context()}
    if tls != "no":
        options |= {"authenticator": office.authenticate, "auth_required": True, "auth_require_tls": tls == "starttls"}
    controller = Controller(office, **options)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()
