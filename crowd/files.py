"""Stored uploads: the bytes are in a store (a local folder or S3) under their digest, the row describes them."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from os import SEEK_END
from tempfile import TemporaryFile
from typing import IO, Any

import sqlalchemy as sa
from flask import Response, current_app
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, mapped_column

from crowd import file_kinds
from crowd.audit import Actor
from crowd.config import Settings, limits
from crowd.db import Model, atomic, db, id_column, remember_refusal
from crowd.errors import Invalid, Unavailable
from crowd.file_names import as_attachment, clean_name

CHUNK = 2**20
PARTS = 2  # of 8 MiB each that a large file has in memory while it goes to the store
PART = 8 * 2**20


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


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes in the store that have no row yet: `name` cleaned, `digest` SHA-256 in hex, `size` in bytes."""

    name: str
    media_type: str
    size: int
    digest: str


def keep(stream: IO[bytes], filename: str, *, kinds: Sequence[str] = (), limit: int | None = None) -> Kept:
    """Put an upload into the store; `refer` creates its row. At most `limit` bytes, of `kinds` or of those allowed.

    Call it before the service's `@atomic`: a retry would find the stream at its end. No more than a part of the file is
    in memory. Raises Invalid (empty, too large, a kind that is not accepted, contents that do not match the name ) and
    Unavailable where the store cannot accept it; then no partial file remains.
    """
    try:
        return _keep(stream, clean_name(filename), kinds or allowed(), limit)
    except Invalid as refusal:
        remember_refusal(refusal)  # no `@atomic` does it here
        raise


def _keep(stream: IO[bytes], name: str, kinds: Sequence[str], limit: int | None) -> Kept:
    kind = _kind(name, kinds)
    with TemporaryFile() as copy:
        digest, size = _copy(stream, copy, limit or limits().upload_bytes)
        if not kind.check(copy):
            ending = file_kinds.ending_of(name)
            raise Invalid(_("The file's contents are not what its name says (.%(ending)s).", ending=ending))
        copy.seek(0)
        try:
            _put(digest, copy)
        except Exception as error:
            raise Unavailable(_("The file could not be stored. Nothing was changed; try again in a moment.")) from error
    return Kept(name, kind.media_type, size, digest)


def _copy(stream: IO[bytes], copy: IO[bytes], limit: int) -> tuple[str, int]:
    """Copy a stream to a file, at most `limit` bytes; returns their digest and number."""
    sha, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            told = (file_kinds.megabytes(size) for size in (size + _rest(stream), limit))
            raise Invalid(file_kinds.too_large(*told))
        sha.update(chunk)
        copy.write(chunk)
    if not size:
        raise Invalid(_("The file is empty."))
    return sha.hexdigest(), size


def _rest(stream: IO[bytes]) -> int:
    """How many bytes follow in a stream, as far as it knows."""
    if not stream.seekable():
        return 0
    here = stream.tell()
    return stream.seek(0, SEEK_END) - here


def refer(actor: Actor, kept: Kept) -> StoredFile:
    """Create the row of an upload in the store; call it under the service's `@atomic`. Raises Unavailable where its
    bytes, which no row had, have been deleted in between.
    """
    _hold(kept.digest)
    if not _is_there(kept.digest):
        raise Unavailable(_("The file could not be stored. Nothing was changed; try again in a moment."))
    row = StoredFile(owner_id=actor.id, name=kept.name, media_type=kept.media_type, size=kept.size, digest=kept.digest)
    db.session.add(row)
    db.session.flush()
    return row


def _hold(digest: str) -> None:
    """Until the end of the transaction nobody else gives these bytes a row, or deletes them."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"file:{digest}", 0))))


def _is_there(digest: str) -> bool:
    try:
        _opened().head(_key(digest))
    except FileNotFoundError:
        return False
    except Exception as error:
        raise Unavailable(_("The file could not be stored. Nothing was changed; try again in a moment.")) from error
    return True


# ---- what nothing names


def delete(ids: Collection[int]) -> None:
    """Delete those rows of uploads that no row of any table refers to any more; `without_row` finds their bytes later.

    Whatever deletes a link to an upload calls it.
    """
    keys = (key for table in Model.metadata.tables.values() for key in table.foreign_keys)
    links = [key.parent for key in keys if key.column is StoredFile.__table__.c.id]
    free = [~sa.exists().where(link == StoredFile.id) for link in links]
    db.session.execute(
        sa.delete(StoredFile).where(StoredFile.id.in_(ids), *free).execution_options(synchronize_session=False)
    )


def without_row(before: datetime) -> Iterator[str]:
    """The digests in the store that no row has, of bytes that were put there before a time."""
    for batch in _opened().list():
        old = {one["path"].rpartition("/")[2] for one in batch if one["last_modified"] < before}
        known = set(db.session.scalars(sa.select(StoredFile.digest).where(StoredFile.digest.in_(old)))) if old else old
        yield from sorted(old - known)


@atomic
def delete_bytes(digest: str) -> bool:
    """Delete bytes from the store, unless a row has them by now."""
    _hold(digest)
    if db.session.scalar(sa.select(StoredFile.id).where(StoredFile.digest == digest).limit(1)) is not None:
        return False
    _opened().delete(_key(digest))
    return True


def allowed() -> tuple[str, ...]:
    """The endings of files that this platform accepts."""
    return current_app.config["CROWD"].upload_kinds or tuple(file_kinds.KINDS)


def _kind(name: str, kinds: Sequence[str]) -> file_kinds.FileKind:
    ending = file_kinds.ending_of(name)
    if ending not in kinds:
        raise Invalid(_("This file type is not accepted. Accepted types: %(kinds)s.", kinds=", ".join(kinds)))
    return file_kinds.KINDS[ending]


def read(row: StoredFile) -> Iterator[bytes]:
    """The bytes of a stored file, in chunks. Raises Unavailable where the store does not have them."""
    return chunks(row.digest)


def chunks(digest: str) -> Iterator[bytes]:
    """The bytes in the store under a digest. Raises Unavailable where it does not have them."""
    try:
        result = _opened().get(_key(digest))
    except Exception as error:
        raise Unavailable(_("The file cannot be read at the moment.")) from error
    return (bytes(chunk) for chunk in result.stream(min_chunk_size=CHUNK))


def bring_back(digest: str, stream: IO[bytes]) -> None:
    """Put bytes from a backup into the store, under the digest that their rows have.

    Raises the store's own errors.
    """
    _put(digest, stream)


def attachment(row: StoredFile) -> Response:
    """A stored file as a download that no browser runs or renders as ours; the caller has checked who may read it."""
    response = Response(read(row), content_type=row.media_type)  # the encoding of a text is not known
    response.headers["Content-Disposition"] = as_attachment(row.name)
    response.content_length = row.size
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def picture(row: StoredFile) -> Response:
    """A stored picture to be shown in a page; the caller has checked who may read it, and that it is one."""
    response = attachment(row)
    del response.headers["Content-Disposition"]
    return response


def _key(digest: str) -> str:
    return f"{digest[:2]}/{digest}"


def _put(digest: str, stream: IO[bytes]) -> None:
    _opened().put(_key(digest), stream, chunk_size=PART, max_concurrency=PARTS)


def _opened() -> Any:
    """The store, opened once per process."""
    store = current_app.extensions.get("crowd.store")
    if store is None:
        store = current_app.extensions["crowd.store"] = opened(current_app.config["CROWD"])
    return store


def opened(settings: Settings) -> Any:
    """The store of these settings: `CROWD_STORAGE_URL` (s3://...), else a folder beside the data."""
    import obstore.store  # heavy, and only needed where files are

    if settings.storage_url:
        return obstore.store.from_url(settings.storage_url)
    folder = settings.data_dir / "files"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return obstore.store.LocalStore(prefix=folder)
