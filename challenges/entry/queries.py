"""Reads of attachments, full texts and signatures, for those who may read them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from challenges import queries as challenges
from challenges.contract.document import KIND, read_document
from challenges.entry import gate, policy
from challenges.entry.document import attachments_of, find_text
from challenges.entry.models import Attachment, GatedText, NdaSignature
from challenges.entry.policy import Reader, Shelf
from challenges.models import Challenge
from challenges.questions import ENTERED_AT, REVIEWS
from crowd.accounts.models import User
from crowd.audit import Actor
from crowd.canonical import Document
from crowd.contracts import queries as contracts
from crowd.contracts.models import ContractVersion
from crowd.db import db
from crowd.errors import NotFound


def has_materials(challenge: Challenge) -> bool:
    """Whether a challenge has attachments or a full text, by its row alone."""
    return bool(challenge.entry["attachments"] or challenge.entry["full_text_for"])


def reader_of(actor: Actor | None, challenge: Challenge) -> Reader:
    """What the person is to the gated parts of a challenge."""
    if policy.reads_whole(actor, challenge):
        return Reader(whole=True)
    if not isinstance(actor, User) or challenge.published_at is None:
        return Reader()
    if db.session.scalar(sa.select(REVIEWS()(actor.id, challenge.id))):
        return Reader(whole=True)
    entered_at = ENTERED_AT()(actor, challenge.id)
    signed = frozenset(one.digest for one in signatures(actor, challenge.id)) if entered_at else frozenset()
    return Reader(entered_at=entered_at, signed=signed)


def signatures(actor: User, challenge_id: int) -> Sequence[NdaSignature]:
    """The person's own signatures in a challenge, the newest first."""
    query = sa.select(NdaSignature).where(NdaSignature.challenge_id == challenge_id, NdaSignature.user_id == actor.id)
    return db.session.scalars(query.order_by(NdaSignature.id.desc())).all()


def shelf_of(version: ContractVersion, document: Document) -> Shelf:
    """What a version has."""
    full_text = document["full_text"]
    return Shelf(
        version.number,
        document["nda"],
        {one["id"]: one["audience"] for one in document["attachments"]},
        full_text["audience"] if full_text else None,
        version.superseded_at,
    )


def _draft_shelf(challenge: Challenge) -> Shelf:
    held = challenge.entry
    return Shelf(
        None,
        challenge.nda,
        {one["id"]: one["audience"] for one in held["attachments"]},
        held["full_text_for"] or None,
    )


def _shelves(challenge: Challenge) -> Iterator[Shelf]:
    """What each version has, the newest first; before the opening, the draft."""
    if challenge.contract_version_id is None:
        yield _draft_shelf(challenge)
        return
    for version in contracts.list_versions(KIND, challenge.id):
        yield shelf_of(version, read_document(version.document))


def get_attachment(actor: Actor | None, challenge_id: int, public_id: str) -> Attachment:
    """A file, for those who may read it in the version in force; where that does not have it, in one that it replaced.
    Raises NotFound, the same for an absent one.
    """
    challenge = challenges.access(actor, challenge_id)
    row = db.session.scalar(
        sa.select(Attachment).where(Attachment.challenge_id == challenge_id, Attachment.public_id == public_id)
    )
    with_it = [shelf for shelf in _shelves(challenge) if public_id in shelf.attachments]
    if with_it and with_it[0].superseded_at is None:
        del with_it[1:]  # the version in force decides alone
    reader = reader_of(actor, challenge)
    if row is None or not any(policy.may_read(reader, shelf, shelf.attachments[public_id]) for shelf in with_it):
        raise NotFound
    return row


@dataclass(frozen=True, slots=True)
class Materials:
    """What a reader may read of a version: `files` with their audiences, and `text`. `hidden` are the audiences of the
    attachments that they may not read (yet), and `text_hidden` is whether there is a full text that they may not.
    """

    shelf: Shelf
    files: Sequence[tuple[Attachment, str]]
    text: GatedText | None
    hidden: Sequence[str]
    text_hidden: bool
    reader: Reader

    @property
    def needs_signature(self) -> bool:
        """Whether the person may read more once they have signed the NDA."""
        return policy.can_sign(self.reader) and not self.reader.whole and self.is_unsigned

    @property
    def is_unsigned(self) -> bool:
        """Whether this version has an NDA that the person has not signed."""
        return bool(self.shelf.nda) and gate.nda_digest(self.shelf.nda) not in self.reader.signed


def materials(actor: Actor | None, challenge_id: int, number: int | None = None) -> tuple[Challenge, Materials]:
    """What the person may read of a version, of the one in force without a number; of the draft before the opening."""
    challenge = challenges.access(actor, challenge_id)
    if challenge.external:
        raise NotFound
    if challenge.contract_version_id is None:
        return challenge, _of_draft(actor, challenge)
    version = contracts.get_version(KIND, challenge_id, number)
    document = read_document(version.document)
    text = find_text(challenge_id, document)
    return challenge, _materials(actor, challenge, shelf_of(version, document), text)


def _of_draft(actor: Actor | None, challenge: Challenge) -> Materials:
    text = None
    if challenge.full_text:
        key, written = challenge.gate_key, challenge.full_text
        text = GatedText(salt=gate.text_salt(key, written), text=written, digest=gate.text_digest(key, written))
    return _materials(actor, challenge, _draft_shelf(challenge), text)


def _materials(actor: Actor | None, challenge: Challenge, shelf: Shelf, text: GatedText | None) -> Materials:
    reader, rows = reader_of(actor, challenge), attachments_of(challenge.id)
    readable = {one for one, audience in shelf.attachments.items() if policy.may_read(reader, shelf, audience)}
    text_hidden = shelf.full_text_for is not None and not policy.may_read(reader, shelf, shelf.full_text_for)
    return Materials(
        shelf,
        [(rows[one], audience) for one, audience in shelf.attachments.items() if one in readable],
        None if text_hidden else text,
        [audience for one, audience in shelf.attachments.items() if one not in readable],
        text_hidden,
        reader,
    )


def public_files(challenge: Challenge) -> list[Attachment]:
    """The attachments that everybody may read who sees the challenge; by its row alone where there are none."""
    wanted = [one["id"] for one in challenge.entry["attachments"] if one["audience"] == "public"]
    rows = attachments_of(challenge.id) if wanted else {}
    return [rows[one] for one in wanted]


def has_nda(actor: Actor | None, challenge: Challenge) -> bool:
    """Whether there is an NDA to sign, or one that the person has signed."""
    return bool(challenge.nda) or (isinstance(actor, User) and bool(signatures(actor, challenge.id)))


def signed_copies(actor: User, challenge: Challenge) -> list[tuple[NdaSignature, str]]:
    """What the person has signed in a challenge: each signature with the text of its version."""
    return [(one, read_document(one.version.document)["nda"]) for one in signatures(actor, challenge.id)]
