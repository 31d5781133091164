"""The mail gateway against real servers of its own kind, and its address."""

from dataclasses import replace
from urllib.parse import quote

import pytest
from flask import Flask

from crowd.clock import now
from crowd.config import MailServer, Misconfigured, Settings, mail_server
from crowd.environment import from_env
from crowd.notifications import mail
from crowd.notifications.models import OutgoingEmail
from tests.cast import Cast
from tests.post_office import AUTHORITY, PASSWORD, USER, post_office

SIGN_IN = f"{USER}:{quote(PASSWORD, safe='')}"


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The documented way to trust a private authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))


def letter(recipient: str = "li@crowd.example") -> OutgoingEmail:
    return OutgoingEmail(
        message_id="<1@crowd>", kind="test", recipient=recipient, locale="zh_Hans_CN", subject="安静的水泵",
        text="你好\n.\n再见", html="<p>你好</p>", created_at=now(),
    )  # fmt: skip


def sends(settings: Settings, url: str, *recipients: str) -> None:
    with mail.connected(replace(settings, mail_url=url)) as deliver:
        for recipient in recipients:
            deliver(letter(recipient))


def test_letters_travel_by_smtp(isolated: Flask) -> None:
    with post_office("no") as office:
        settings = replace(isolated.config["CROWD"], mail_url=f"smtp://127.0.0.1:{office.port}?tls=0")
        with mail.connected(settings) as deliver:
            deliver(letter())
            with pytest.raises(OSError, match="nobody here"):
                deliver(letter("refused@crowd.example"))
            deliver(letter("wang@crowd.example"))
    first, second = office.letters
    assert first["Message-ID"] == "<1@crowd>"
    assert first.get_content_type() == "multipart/alternative"
    assert str(first["Subject"]) == "安静的水泵"
    assert second["To"] == "wang@crowd.example"


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize(
    ("speaks", "url"),
    [
        ("starttls", "smtp://{sign_in}@localhost:{port}?tls=1"),  # as docs/settings.md has it
        ("starttls", "smtp://{sign_in}@localhost:{port}"),
        ("starttls", "smtp://{sign_in}@localhost:{port}?tls=starttls"),
        ("ssl", "smtps://{sign_in}@localhost:{port}"),
        ("ssl", "smtps://{sign_in}@localhost:{port}?tls=1"),
        ("ssl", "smtp://{sign_in}@localhost:{port}?tls=ssl"),
    ],
)
def test_letters_leave_through_tls(isolated: Flask, speaks: str, url: str) -> None:
    with post_office(speaks) as office:
        url = url.format(sign_in=SIGN_IN, port=office.port)
        sends(isolated.config["CROWD"], url, "li@crowd.example", "wang@crowd.example")
    assert [one["To"] for one in office.letters] == ["li@crowd.example", "wang@crowd.example"]
    assert set(office.users) == {USER}
    if speaks == "starttls":
        assert office.secure == [True, True]


@pytest.mark.parametrize(
    ("speaks", "url", "says"),
    [
        ("starttls", "smtp://localhost:{port}", "certificate that is not trusted"),
        ("ssl", "smtps://localhost:{port}", "certificate that is not trusted"),
        ("no", "smtp://localhost:{port}?tls=1", "STARTTLS"),
        ("no", "smtp://u:p@localhost:{port}?tls=0", "AUTH"),
        ("no", "smtps://localhost:{port}", "does not speak TLS"),
        ("none", "smtp://localhost:{port}", "cannot be reached"),
        ("none", "smtp://nowhere.invalid", "cannot be reached"),
    ],
)
def test_no_letter_leaves_for_a_server_that_cannot_be_trusted(
    isolated: Flask, speaks: str, url: str, says: str
) -> None:
    with post_office("no" if speaks == "none" else speaks) as office:
        port = office.port if speaks != "none" else 9
        with pytest.raises(OSError, match=says) as caught:
            sends(isolated.config["CROWD"], url.format(port=port), "li@crowd.example")
    assert office.letters == []
    assert office.users == []
    assert str(caught.value).startswith("The mail server ")


@pytest.mark.usefixtures("trusting")
def test_a_certificate_for_another_name_and_a_wrong_password_are_said(isolated: Flask) -> None:
    with post_office() as office:
        with pytest.raises(OSError, match=r"certificate that is not trusted.*127\.0\.0\.1"):
            sends(isolated.config["CROWD"], f"smtp://{SIGN_IN}@127.0.0.1:{office.port}?tls=1", "li@crowd.example")
        with pytest.raises(OSError, match="refuses user and password") as caught:
            sends(isolated.config["CROWD"], f"smtp://{USER}:no@localhost:{office.port}?tls=1", "li@crowd.example")
    assert office.letters == []
    assert ":no@" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("smtp://user:password@host:587?tls=1", MailServer("host", 587, "starttls", "user", "password")),
        ("smtp://mail.example", MailServer("mail.example", 587, "starttls")),
        ("smtps://u%40x:p%2Fw@mail.example", MailServer("mail.example", 465, "ssl", "u@x", "p/w")),
        ("smtp://u:p@mail.example:465?tls=1", MailServer("mail.example", 465, "ssl", "u", "p")),
        ("smtp://[::1]:25?tls=0", MailServer("::1", 25, "no")),
        ("smtp://u:p@localhost?tls=no", MailServer("localhost", 25, "no", "u", "p")),
    ],
)
def test_the_address_is_read_as_the_documents_have_it(url: str, read: MailServer) -> None:
    assert mail_server(url) == read
    assert "password" not in repr(read).replace("password=", "")


@pytest.mark.parametrize(
    "url",
    ["http://mail", "smtp://", "smtp://mail?tls=maybe", "smtp://mail:0587x", "smtp://mail:99999", "smtp://u:a/b@mail:587",
     "smtp://u:a#b@mail:587", "smtp://mail?tsl=1", "smtp://mail?tls", "smtp://u:p@mail.example?tls=0",
     "mail.example:25"],
)  # fmt: skip
def test_a_wrong_address_is_said_before_anything_starts(url: str) -> None:
    with pytest.raises(Misconfigured, match="CROWD_MAIL_URL"):
        from_env({"CROWD_MAIL_URL": url})


def test_no_header_can_be_slipped_in(isolated: Flask, cast: Cast) -> None:
    evil = letter("a@crowd.example\r\nBcc: b@crowd.example")
    with pytest.raises(mail.MailTrouble):
        mail.message(evil, isolated.config["CROWD"])
