"""The mail gateway against a real server of its own kind, and its address."""

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from crowd.clock import now
from crowd.config import Misconfigured
from crowd.notifications import mail
from crowd.notifications.models import Mail
from tests.cast import Cast


class Talk(socketserver.StreamRequestHandler):
    """Enough of SMTP to take a letter, and to refuse one recipient."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline().strip():
            word = line.split(b":")[0].upper().split(b" ")[0]
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                text = b""
                while (more := self.rfile.readline()) != b".\r\n":
                    text += more
                self.server.letters.append(text.decode())  # type: ignore[attr-defined]
            if b"refused@" in line:
                self.wfile.write(b"550 nobody here\r\n")
            else:
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")
            if word == b"QUIT":
                return


@pytest.fixture
def post_office() -> Iterator[socketserver.TCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.letters = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def letter(recipient: str = "li@crowd.example") -> Mail:
    return Mail(
        message_id="<1@crowd>", kind="test", recipient=recipient, locale="zh_Hans_CN", subject="安静的水泵",
        text="你好\n.\n再见", html="<p>你好</p>", created_at=now(),
    )  # fmt: skip


def test_letters_travel_by_smtp(isolated: Flask, post_office: socketserver.TCPServer) -> None:
    url = f"smtp://127.0.0.1:{post_office.server_address[1]}?tls=no"
    settings = replace(isolated.config["CROWD"], mail_url=url)
    with mail.connected(settings) as deliver:
        deliver(letter())
        with pytest.raises(OSError, match="nobody here"):
            deliver(letter("refused@crowd.example"))
        deliver(letter("wang@crowd.example"))
    first, second = post_office.letters  # type: ignore[attr-defined]
    assert "Message-ID: <1@crowd>" in first
    assert "multipart/alternative" in first
    assert "To: wang@crowd.example" in second


@pytest.mark.parametrize("url", ["http://mail", "smtp://", "smtp://mail?tls=maybe"])
def test_a_wrong_address_is_said_in_plain_words(isolated: Flask, url: str) -> None:
    settings = replace(isolated.config["CROWD"], mail_url=url)
    with pytest.raises(Misconfigured, match="CROWD_MAIL_URL"), mail.connected(settings):
        pass


def test_no_header_can_be_slipped_in(isolated: Flask, cast: Cast) -> None:
    evil = letter("a@crowd.example\r\nBcc: b@crowd.example")
    with pytest.raises(ValueError, match=r"[Hh]eader|linefeed"):
        mail.message(evil, isolated.config["CROWD"])
