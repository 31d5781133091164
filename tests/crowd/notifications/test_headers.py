"""What people write is data in every header: no title becomes a header, and none loses a character."""

import email
import email.policy
import re
from email.header import decode_header, make_header
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

import crowd.accounts.messages
import submissions.notifications  # noqa: F401  (kinds are defined there)
from crowd import email_address
from crowd.clock import now
from crowd.feature import declared
from crowd.notifications import emails, headers, kinds, mail
from crowd.notifications.models import OutgoingEmail
from crowd.notifications.questions import Recipient

EVIL = (
    "=?UTF-8?Q?=0A?=Bcc: thief@crowd.example",
    "Pumps =?utf-8?b?Cg==?= X-Spam: no",
    "=?utf-8?q?=0A=0A?=The text of the letter, written anew",
    "=?gb2312?B?DQpCY2M6IGFAYi5jbg==?=",
    "水泵 =?UTF-8?Q?=0D=0ABcc=3A_a=40b.cn?= 降噪",
    "Line\nBcc: a@crowd.example",
    "Line\r\n\r\nBody",
    "Zero\x00 and \x85 and \u2028 and \x0b",
    "Two  spaces,   three spaces and 很长的中文标题 " * 4,
    "An ASCII title with two  spaces that is longer than a line can be, and goes on and on and on",
    "🏗️👩‍🔬 e\u0301",
    '(comment) <a@b.example>, "quoted" ; = ? _',
)


def travelled(subject: str, app: Flask, recipient: str = "li@crowd.example") -> bytes:
    row = OutgoingEmail(
        message_id="<1@crowd>", kind="notice", recipient=recipient, locale="en", subject=subject, text="Text.",
        html="<p>Text.</p>", created_at=now(),
    )  # fmt: skip
    return bytes(mail.message(row, app.config["CROWD"]))


def read_subject(wire: bytes) -> str:
    """The subject as a mail program reads it: unfolded, then decoded."""
    found = re.findall(rb"^Subject: (.*(?:\r\n[ \t].*)*)\r\n", wire.partition(b"\r\n\r\n")[0] + b"\r\n", re.M)
    assert len(found) == 1
    return str(make_header(decode_header(re.sub(r"\r\n(?=[ \t])", "", found[0].decode("ascii")))))


NAMES = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "MIME-Version",
         "Content-Language"}  # fmt: skip


def names_of(wire: bytes) -> set[str]:
    lines = wire.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert all(len(line) <= 998 for line in lines)
    return {line.partition(b":")[0].decode() for line in lines if not line.startswith((b" ", b"\t"))}


@pytest.mark.parametrize("title", EVIL)
def test_a_title_is_a_title(isolated: Flask, title: str) -> None:
    wire = travelled(title, isolated)
    assert names_of(wire) <= NAMES
    assert read_subject(wire) == headers.one_line(title)
    parsed = email.message_from_bytes(wire, policy=email.policy.default)
    assert parsed["Bcc"] is None
    assert "Text." in parsed.get_body(("plain",)).get_content()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_subject_comes_back_as_it_was(subject: str) -> None:
    value = headers.encoded(subject)
    assert value.isascii()
    lines = value.split("\r\n")
    assert all(line.startswith(" ") for line in lines[1:])
    assert max(len(line) for line in lines) <= headers.LINE
    assert str(make_header(decode_header(value.replace("\r\n", "")))) == headers.one_line(subject)


def told(kind: str, word: str) -> Any:
    """A notification whose every fact is `word`."""
    known = declared().notifications[kind]
    places = set(re.findall(r"%\((\w+)\)s", f"{known.subject} {known.text}"))
    return SimpleNamespace(kind=kind, params=dict.fromkeys(places, word), path="/inbox")


@pytest.mark.parametrize("word", EVIL[:6])
def test_no_kind_of_notice_lets_a_name_or_title_out(isolated: Flask, word: str) -> None:
    person = Recipient(1, word, "reader@example.org", "en", "UTC")
    settings = isolated.config["CROWD"]
    known = [kind for kind in declared().notifications if not kind.endswith(".tested")]
    assert len(known) >= 40
    for kind in known:
        with isolated.test_request_context():
            letter = emails.of_notifications(person, [told(kind, word)], settings)
        wire = travelled(letter.subject, isolated)
        assert names_of(wire) <= NAMES, kind
        assert read_subject(wire) == letter.subject, kind
        with isolated.test_request_context(), emails.in_locale("en"):
            assert headers.one_line(kinds.subject(kind, told(kind, word).params)) == letter.subject, kind


@pytest.mark.parametrize("name", ["reset_instructions", "reset_notice", "change_notice", "change_email_instructions"])
def test_every_security_letter_has_its_subject(isolated: Flask, name: str) -> None:
    for locale in ("en", "zh_Hans_CN"):
        with isolated.test_request_context(), emails.in_locale(locale):
            subject = str(crowd.accounts.messages.SUBJECTS[name])
        assert read_subject(travelled(subject, isolated)) == subject


# ---- addresses


@pytest.mark.parametrize(
    ("kept", "wire"),
    [
        ("li@例子.中国", "li@xn--fsqu00a.xn--fiqs8s"),
        ("info@bücher.example", "info@xn--bcher-kva.example"),
        ("ada@παράδειγμα.example", "ada@xn--hxajbheg2az3al.example"),
        ("x@straße.example", "x@xn--strae-oqa.example"),
        ("ada+crowd@people.example", "ada+crowd@people.example"),
    ],
)
def test_addresses_go_out_in_punycode(isolated: Flask, kept: str, wire: str) -> None:
    assert email_address.read(kept) == kept
    assert email_address.read(wire) == kept, "both spellings are one account"
    assert f"\r\nTo: {wire}\r\n".encode() in travelled("Hello", isolated, kept)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ada@People.Example ", "ada@people.example"),
        ("ａｄａ＠ｐｅｏｐｌｅ．example", "ada@people.example"),
        ("info@BÜCHER.example", "info@bücher.example"),
        ("Li@xn--fsqu00a.XN--FIQS8S", "li@例子.中国"),
    ],
)
def test_an_address_is_one_however_it_is_typed(typed: str, kept: str) -> None:
    assert email_address.read(typed) == kept


@pytest.mark.parametrize(
    "typed", ["用户@例子.中国", "müller@people.example", "a@b",
              "a b@people.example", "a@people.example\r\nBcc: b@c.example",
              "a@people..example", "", "@people.example", "a@" + "b" * 260 + ".example"],
)  # fmt: skip
def test_what_we_cannot_write_to_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="address"):
        email_address.read(typed)


def test_the_sender_is_written_as_it_is_called() -> None:
    assert headers.sender("Crowd <no-reply@crowd.example>", "") == '"Crowd" <no-reply@crowd.example>'
    assert headers.sender("no-reply@crowd.example", "") == "no-reply@crowd.example"
    encoded = headers.sender("no-reply@例子.中国", "揭榜台")
    assert encoded.endswith(" <no-reply@xn--fsqu00a.xn--fiqs8s>")
    assert str(make_header(decode_header(encoded.partition(" <")[0]))) == "揭榜台"
