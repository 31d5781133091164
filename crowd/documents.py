"""Every PDF of the platform: a Typst template filled in with plain data, in a job, and kept for its download.

The result is tagged and conforms to PDF/UA-1. Only the fonts that are installed with the platform are used, whatever
the machine has, and nothing is fetched: the same data gives the same bytes everywhere.
"""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import Response
from sqlalchemy.orm import Mapped, mapped_column

from crowd.config import ROOT
from crowd.db import Model, db, id_column
from crowd.file_names import as_attachment
from crowd.languages import language_of

if TYPE_CHECKING:
    from typst import Fonts

TEMPLATES = ROOT / "templates" / "documents"
FONT = "Noto Sans CJK SC"
MEDIA_TYPE = "application/pdf"


class PdfDocument(Model):
    """The last PDF about a row in one language; `version` says of which state of the row it is.

    It is in the database, not among the uploads, so that nothing of it is left when it is deleted with a person.
    """

    __tablename__ = "pdf_document"
    __table_args__ = (sa.UniqueConstraint("subject_type", "subject_id", "locale"),)

    id: Mapped[int] = id_column()
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    version: Mapped[int]
    locale: Mapped[str]
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)


@cache
def _fonts() -> "Fonts":
    import typst
    from noto_cjk_sans_otc import FONT_PATH

    return typst.Fonts(include_system_fonts=False, font_paths=[str(FONT_PATH.parent)])


def render(template: str, data: Mapping[str, object], *, locale: str, at: datetime) -> bytes:
    """The PDF of a template (`templates/documents/*.typ`) with these data, in this language; `at` dates it."""
    import typst  # a compiler: only the jobs that make documents need it

    tag = language_of(locale).tag.split("-")
    words = {"font": FONT, "lang": tag[0], "region": tag[1] if len(tag) > 1 else None}
    source = (TEMPLATES / f"{template}.typ").read_bytes()
    inputs = {"data": json.dumps({**data, **words}, ensure_ascii=False)}
    compiler = typst.Compiler(source, root=str(TEMPLATES), font_paths=_fonts(), sys_inputs=inputs)
    made = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=at.replace(microsecond=0))
    assert isinstance(made, bytes)
    return made


def qr_code(text: str) -> str:
    """A QR code as SVG, for a template: it reads also where a seventh of it is damaged."""
    import segno

    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", xmldecl=False, border=4, scale=10)
    return drawn.getvalue().decode()


def keep(subject_type: str, subject_id: int, version: int, locale: str, content: bytes) -> PdfDocument:
    """Keep a PDF about a row, in place of the earlier one; call it under a service's `@atomic`."""
    same = (PdfDocument.subject_type == subject_type, PdfDocument.subject_id == subject_id)
    db.session.execute(sa.delete(PdfDocument).where(*same, PdfDocument.locale == locale))
    row = PdfDocument(subject_type=subject_type, subject_id=subject_id, version=version, locale=locale, content=content)
    db.session.add(row)
    db.session.flush()
    return row


def of_row(subject_type: str, subject_id: int) -> Sequence[PdfDocument]:
    """The PDFs of a row, one for each language."""
    query = sa.select(PdfDocument).where(PdfDocument.subject_type == subject_type, PdfDocument.subject_id == subject_id)
    return db.session.scalars(query.order_by(PdfDocument.locale)).all()


def delete(subject_type: str, subject_ids: Iterable[int] | sa.Select[int]) -> None:
    """Delete all PDFs about these rows."""
    about = subject_ids if isinstance(subject_ids, sa.Select) else list(subject_ids)
    of_rows = (PdfDocument.subject_type == subject_type, PdfDocument.subject_id.in_(about))
    db.session.execute(sa.delete(PdfDocument).where(*of_rows))


def attachment(row: PdfDocument, name: str) -> Response:
    """A PDF as a download under this name; the caller has checked who may read it."""
    response = Response(row.content, content_type=MEDIA_TYPE)
    response.headers["Content-Disposition"] = as_attachment(name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
