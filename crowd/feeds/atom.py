"""Atom (RFC 4287)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from flask import Response, current_app, request

from crowd.languages import language_of
from crowd.web.request_locale import platform_name, reader

ATOM, XML = "http://www.w3.org/2005/Atom", "http://www.w3.org/XML/1998/namespace"
MAX_ENTRIES = 30
register_namespace("", ATOM)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry: `key` makes its identity together with `path`, for several entries about one page; `language` is that
    of the title, where it is not the reader's.
    """

    title: str
    path: str
    updated_at: datetime
    summary: str = ""
    author: str = ""
    published_at: datetime | None = None
    key: str = ""
    language: str = ""


def feed(title: str, path: str, own_path: str, entries: Sequence[FeedEntry]) -> bytes:
    """The feed of the page at `path`, in the reader's language; the feed itself is at `own_path`."""
    address = current_app.config["CROWD"].address
    root = Element(f"{{{ATOM}}}feed", {f"{{{XML}}}lang": reader().language.tag})
    _text(root, "id", address + path)
    _text(root, "title", title)
    newest = max((entry.updated_at for entry in entries), default=datetime.fromtimestamp(0, UTC))
    _text(root, "updated", _time(newest))
    SubElement(root, f"{{{ATOM}}}link", {"rel": "self", "type": "application/atom+xml", "href": address + own_path})
    SubElement(root, f"{{{ATOM}}}link", {"rel": "alternate", "type": "text/html", "href": address + path})
    _text(SubElement(root, f"{{{ATOM}}}author"), "name", platform_name())
    for entry in entries:
        _entry(root, entry, address)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _entry(root: Element, entry: FeedEntry, address: str) -> None:
    made = SubElement(root, f"{{{ATOM}}}entry")
    _text(made, "id", address + entry.path + (f"#{entry.key}" if entry.key else ""))
    title = _text(made, "title", entry.title)
    if entry.language:
        title.set(f"{{{XML}}}lang", language_of(entry.language).tag)
    _text(made, "updated", _time(entry.updated_at))
    if entry.published_at:
        _text(made, "published", _time(entry.published_at))
    SubElement(made, f"{{{ATOM}}}link", {"rel": "alternate", "type": "text/html", "href": address + entry.path})
    if entry.author:
        _text(SubElement(made, f"{{{ATOM}}}author"), "name", entry.author)
    if entry.summary:
        _text(made, "summary", entry.summary)


def _text(parent: Element, name: str, text: str) -> Element:
    made = SubElement(parent, f"{{{ATOM}}}{name}")
    made.text = text
    return made


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def response(title: str, path: str, entries: Sequence[FeedEntry]) -> Response:
    """The answer of an endpoint with this feed; a reader that has it already gets nothing again."""
    made = Response(feed(title, path, request.full_path.rstrip("?"), entries), mimetype="application/atom+xml")
    made.headers["Cache-Control"] = "public, max-age=300"
    made.vary.add("Accept-Language")
    made.add_etag()
    made.make_conditional(request)
    return made
