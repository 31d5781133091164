"""The parts of a contract's document about entering, and the rows behind what it only has a digest of."""

from collections.abc import Mapping

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.dialects.postgresql import insert

from challenges.brief import Brief
from challenges.entry import gate
from challenges.entry.clause import Readership, stored
from challenges.entry.models import Attachment, GatedText
from challenges.models import Challenge
from crowd.canonical import Document
from crowd.config import limits
from crowd.db import db
from crowd.errors import Invalid
from crowd.file_kinds import megabytes, too_large_together


def build(challenge: Challenge, brief: Brief) -> Document:
    """The parts of a version's document. Raises Invalid for an attachment that is not the challenge's."""
    rows = check_attachments(challenge, brief)
    held = stored(brief)
    eligibility = ("entrants", "kinds", "ownership", "regions", "verified_only")
    return {
        "eligibility": {name: held[name] for name in eligibility} | {"shares": True},
        "asked": {"questions": held["questions"], "documents": held["documents"]},
        "nda": brief.nda,
        "full_text": _full_text(challenge, brief),
        "attachments": [_attachment(rows[line.id], line.audience) for line in brief.attachments],
    }


def _full_text(challenge: Challenge, brief: Brief) -> Document | None:
    if not brief.full_text:
        return None
    return {
        "audience": str(brief.full_text_for),
        "sha256": gate.text_digest(challenge.gate_key, brief.full_text),
    }


def _attachment(row: Attachment, audience: str) -> Document:
    """Of a public one everything; of the others not even the name."""
    if audience != Readership.PUBLIC:
        return {"id": row.public_id, "audience": str(audience), "sha256": row.salted}
    return {
        "id": row.public_id, "audience": str(audience), "sha256": row.sha256, "name": row.name, "size": row.size,
    }  # fmt: skip


def attachments_of(challenge_id: int | None) -> Mapping[str, Attachment]:
    """All files that were ever added to a challenge, by their public ids. The caller checks who may read which."""
    query = sa.select(Attachment).where(Attachment.challenge_id == challenge_id).order_by(Attachment.id)
    return {row.public_id: row for row in db.session.scalars(query)}


def check_attachments(challenge: Challenge, brief: Brief) -> Mapping[str, Attachment]:
    """The rows of a brief's attachments. Raises Invalid for one that is not the challenge's, and for too many bytes."""
    if not brief.attachments:
        return {}
    rows = attachments_of(challenge.id)
    if any(line.id not in rows for line in brief.attachments):
        raise Invalid.at("attachments", _("This attachment is not one of the challenge."))
    together, most = sum(rows[line.id].size for line in brief.attachments), limits().attachments_bytes
    if together > most:
        raise Invalid.at("attachments", too_large_together(megabytes(together), megabytes(most)))
    return rows


# ---- the full text


def keep_text(challenge: Challenge, brief: Brief) -> None:
    """Keep the full text of a version that is about to be made, under the digest that stands in its document."""
    if not brief.full_text:
        return
    values = {
        "challenge_id": challenge.id,
        "digest": gate.text_digest(challenge.gate_key, brief.full_text),
        "salt": gate.text_salt(challenge.gate_key, brief.full_text),
        "text": gate.text_bytes(brief.full_text).decode(),
    }
    db.session.execute(insert(GatedText).values(values).on_conflict_do_nothing())


def find_text(challenge_id: int, document: Document) -> GatedText | None:
    """The full text of a version. The caller checks who may read it."""
    if document["full_text"] is None:
        return None
    query = sa.select(GatedText).where(
        GatedText.challenge_id == challenge_id, GatedText.digest == document["full_text"]["sha256"]
    )
    return db.session.scalars(query).one()


def text_in(challenge_id: int, document: Document) -> str:
    """The full text of a version, empty where it has none."""
    found = find_text(challenge_id, document)
    return found.text if found else ""


def has_text(challenge: Challenge, document: Document) -> bool:
    """Whether the challenge's row has the full text of which the document has the digest."""
    if document["full_text"] is None:
        return not challenge.full_text
    return bool(gate.text_digest(challenge.gate_key, challenge.full_text) == document["full_text"]["sha256"])
