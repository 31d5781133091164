"""Stored uploads: the bytes lie in a store (a local folder or S3) under their digest, the row says what they are."""

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any
from urllib.parse import quote

import puremagic
import sqlalchemy as sa
from flask import Response, current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.http import dump_options_header

from crowd import text
from crowd.audit import Actor
from crowd.config import Settings
from crowd.db import Model, db, id_column
from crowd.errors import Invalid, Unavailable

CHUNK = 2**20
# What may be uploaded: ending -> (media type, the beginnings that such a file can have; empty for plain text)
KINDS: dict[str, tuple[str, tuple[bytes, ...]]] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "zip": ("application/zip", (b"PK\x03\x04", b"PK\x05\x06")),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (b"PK\x03\x04",)),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (b"PK\x03\x04",)),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", (b"PK\x03\x04",)),
    "txt": ("text/plain", ()),
    "md": ("text/plain", ()),
    "csv": ("text/csv", ()),
}


class StoredFile(Model):
    """One upload. `digest` is SHA-256 in hex; equal bytes are stored once."""

    __tablename__ = "stored_file"
    __table_args__ = (sa.CheckConstraint("size > 0", name="size"), sa.Index(None, "owner_id"), sa.Index(None, "digest"))

    id: Mapped[int] = id_column()
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    digest: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.text("crowd_now()"))


def store(actor: Actor, stream: IO[bytes], filename: str, *, limit: int | None = None) -> StoredFile:
    """Keep an upload; call it under the service's `@atomic`. `limit` in bytes.

    Raises Invalid (empty, too large, a kind that is not taken, contents that are not what the name says) and
    Unavailable where the store cannot take it; then no row and no half file remain.
    """
    limit = limit or current_app.config["CROWD"].limits.upload_bytes
    name = clean_name(filename)
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise Invalid(_("The file is larger than %(size)s MB.", size=limit // 2**20))
    if not data:
        raise Invalid(_("The file is empty."))
    media_type = _media_type(name, data)
    digest = hashlib.sha256(data).hexdigest()
    try:
        _put(digest, data)
    except Exception as error:
        raise Unavailable(_("The file could not be stored. Nothing was changed; try again in a moment.")) from error
    row = StoredFile(owner_id=actor.id, name=name, media_type=media_type, size=len(data), digest=digest)
    db.session.add(row)
    db.session.flush()
    return row


def read(row: StoredFile) -> Iterator[bytes]:
    """The bytes of a stored file, in chunks. Raises Unavailable where the store does not have them."""
    return chunks(row.digest)


def chunks(digest: str) -> Iterator[bytes]:
    """The bytes that lie in the store under a digest. Raises Unavailable where it does not have them."""
    try:
        result = _opened().get(_key(digest))
    except Exception as error:
        raise Unavailable(_("The file cannot be read at the moment.")) from error
    return (bytes(chunk) for chunk in result.stream(min_chunk_size=CHUNK))


def bring_back(data: bytes) -> None:
    """Put bytes into the store whose rows come from a backup. Raises what the store raises."""
    _put(hashlib.sha256(data).hexdigest(), data)


def attachment(row: StoredFile) -> Response:
    """A stored file as a download that no browser runs or shows in our name: who may have it was decided before."""
    response = Response(read(row), mimetype=row.media_type)
    response.headers["Content-Disposition"] = as_attachment(row.name)
    response.content_length = row.size
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def as_attachment(name: str) -> str:
    """The header by which a browser saves an answer as `name`: any characters, with a plain name for old clients.

    RFC 6266, section 4.3: `filename*` (RFC 8187) is the name; `filename` is what a client reads that does not know it.
    """
    plain = text.normalise(name, "NFKD").encode("ascii", "ignore").decode().replace("%", "")
    stem, dot, ending = plain.rpartition(".")
    stem = stem.strip(" ._-") if dot else plain
    plain = f"{stem or 'file'}{dot}{ending}"
    options = (
        {"filename": plain} if plain == name else {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"}
    )
    return dump_options_header("attachment", options)


def clean_name(filename: str) -> str:
    """The last part of a name, without control characters, at most 120 characters, never empty."""
    name = text.normalise(text.cut_middle(filename.replace("\\", "/").rpartition("/")[2], 120))
    name = re.sub(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\"<>|:*?]", "", name).strip(". ")
    stem, dot, ending = name.rpartition(".")
    return f"{stem[:100]}{dot}{ending[:10]}" if dot else (name[:110] or "file")


def _media_type(name: str, data: bytes) -> str:
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in KINDS:
        raise Invalid(_("Files of this kind are not taken. Send one of: %(kinds)s.", kinds=", ".join(sorted(KINDS))))
    media_type, beginnings = KINDS[ending]
    fits = data.startswith(beginnings) and _same_kind(media_type, data) if beginnings else _is_text(data)
    if not fits:
        raise Invalid(_("The file's contents are not what its name says (.%(ending)s).", ending=ending))
    return media_type


def _same_kind(media_type: str, data: bytes) -> bool:
    """Whether a second opinion agrees, and no markup hides in front of an image's end (polyglots)."""
    if media_type.startswith("image/"):
        try:
            found = {match.mime_type for match in puremagic.magic_string(data)}
        except puremagic.PureError:
            return False
        return media_type in found and b"<script" not in data[:CHUNK].lower() and b"<html" not in data[:CHUNK].lower()
    if "openxmlformats" in media_type:
        return b"[Content_Types].xml" in data
    return True


def _is_text(data: bytes) -> bool:
    if b"\x00" in data:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def _key(digest: str) -> str:
    return f"{digest[:2]}/{digest}"


def _put(digest: str, data: bytes) -> None:
    _opened().put(_key(digest), data)


def _opened() -> Any:
    """The store, opened once a process."""
    store = current_app.extensions.get("crowd.store")
    if store is None:
        store = current_app.extensions["crowd.store"] = opened(current_app.config["CROWD"])
    return store


def opened(settings: Settings) -> Any:
    """The store of these settings: `CROWD_STORAGE_URL` (s3://...), else a folder beside the data."""
    import obstore.store  # heavy, and only needed where files are

    if settings.storage_url:
        return obstore.store.from_url(settings.storage_url)
    folder = settings.home / "files"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return obstore.store.LocalStore(prefix=folder)
