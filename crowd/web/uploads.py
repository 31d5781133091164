"""File fields with their limits: the page shows them, the browser checks them before it sends, the field rejects the
rest.
"""

from collections.abc import Iterable, Sequence
from os import SEEK_END
from typing import Any

from flask import Flask, current_app, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf.file import FileField, MultipleFileField
from wtforms import Field
from wtforms.validators import StopValidation

from crowd import text
from crowd.config import limits
from crowd.errors import Sentence
from crowd.file_kinds import KINDS, ending_of, megabytes, too_large, too_large_together

CHOOSE = _l("Choose a file.")


class _Upload(Field):
    """What both fields have: the kinds and the size that one file may have, shown beside the field.

    `kinds` are endings (empty: those of the settings); `most` is the size of one file in bytes, or the name of a limit.
    """

    kinds: Sequence[str]
    most: int
    description: str
    errors: Sequence[str]

    def offer(self, kinds: Sequence[str], most: int | str) -> None:
        """State what is accepted, to the reader and to the browser."""
        self.kinds = kinds or current_app.config["CROWD"].upload_kinds or tuple(KINDS)
        self.most = int(getattr(limits(), most)) if isinstance(most, str) else most
        self.render_kw = {
            "accept": ",".join(f".{ending}" for ending in self.kinds),
            "data-most": self.most,
            "data-too-large": too_large("{size}", megabytes(self.most), "{file}"),
        }
        values = {"size": megabytes(self.most), "kinds": ", ".join(self.kinds)}
        self.description = self.description or _("At most %(size)s a file: %(kinds)s.", **values)

    def uploads(self) -> list[Any]:
        """The files that were really chosen."""
        sent = self.data if isinstance(self.data, list) else [self.data]
        return [upload for upload in sent if getattr(upload, "filename", "")]

    def _refusals(self, uploads: Iterable[Any]) -> list[str]:
        refused = []
        for upload in uploads:
            name = text.line(upload.filename, 120)
            if (size := size_of(upload)) > self.most:
                refused.append(str(too_large(megabytes(size), megabytes(self.most), name)))
            elif ending_of(name) not in self.kinds:
                values = {"file": name, "kinds": ", ".join(self.kinds)}
                refused.append(_("The type of %(file)s is not accepted. Accepted types: %(kinds)s.", **values))
        return refused


class UploadField(_Upload, FileField):
    """One file, which must be chosen unless it is `optional`; `data` is werkzeug's FileStorage."""

    def __init__(
        self, label: Sentence, *, kinds: Sequence[str] = (), most: int | str = "upload_bytes", optional: bool = False,
        **options: Any,
    ):  # fmt: skip
        super().__init__(label, **options)
        self.type = "FileField"
        self.flags.required, self.optional = not optional, optional
        self.offer(kinds, most)

    def pre_validate(self, form: Any) -> None:
        """A file was chosen, and it is neither too large nor of another kind."""
        if not self.uploads():
            raise StopValidation("" if self.optional else str(CHOOSE))
        if refused := self._refusals(self.uploads()):
            self.errors = [*self.errors, *refused]
            raise StopValidation


class UploadsField(_Upload, MultipleFileField):
    """Any number of files. The view reports rejected files and keeps the others."""

    def __init__(self, label: Sentence, *, kinds: Sequence[str] = (), most: int | str = "upload_bytes", **options: Any):
        super().__init__(label, **options)
        self.type = "MultipleFileField"
        self.offer(kinds, most)

    def together(self, number: int, most: int) -> None:
        """Set how many files there may be, and their total size in bytes."""
        values = {"number": number, "size": megabytes(self.most), "together": megabytes(most)}
        self.description = _(
            "At most %(number)s files, %(size)s a file and %(together)s together: %(kinds)s.",
            kinds=", ".join(self.kinds),
            **values,
        )
        self.render_kw |= {
            "data-most-together": most,
            "data-too-large-together": too_large_together("{size}", megabytes(most)),
        }


def size_of(upload: Any) -> int:
    """The bytes of an upload; its stream is at its beginning afterwards."""
    size: int = upload.stream.seek(0, SEEK_END)
    upload.stream.seek(0)
    return size


def register(app: Flask) -> None:
    """Accept large requests where a page accepts files, and from signed-in people; otherwise only a form's text."""
    app.before_request(_allow_files)


def _allow_files() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_files", False) and current_user.is_authenticated:
        request.max_content_length = limits().request_bytes


def too_much() -> str:
    """The sentence that rejects a whole request for its size; empty where its size is not known."""
    if not request.content_length or not request.max_content_length:
        return ""
    values = {"size": megabytes(request.content_length), "limit": megabytes(request.max_content_length)}
    return str(_("What you sent has %(size)s; the limit is %(limit)s.", **values))
