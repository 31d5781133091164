"""What is kept of attachments, of full texts, and of signatures. None of it changes once it is there."""

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowd.contracts.models import ContractVersion
from crowd.db import Model, id_column
from crowd.files import StoredFile

NOW = sa.text("crowd_now()")
PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif")  # media types that the contents have shown


def _token() -> str:
    """A public id that says nothing about how many there are."""
    return secrets.token_urlsafe(9)


class Attachment(Model):
    """A file of a challenge. Which version has it, and who may read it there, is in the contract (in the challenge's
    row before the opening). `salted` is SHA-256(salt || bytes), `sha256` that of the bytes alone.
    """

    __tablename__ = "attachment"
    __table_args__ = (sa.Index(None, "challenge_id"), sa.Index(None, "file_id"))

    id: Mapped[int] = id_column()
    public_id: Mapped[str] = mapped_column(unique=True, default=_token)
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id"))
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("stored_file.id"))
    salt: Mapped[str] = mapped_column(sa.String(64))
    salted: Mapped[str] = mapped_column(sa.String(64))
    added_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    added_at: Mapped[datetime] = mapped_column(server_default=NOW)

    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.file.name

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.file.size

    @property
    def sha256(self) -> str:
        """SHA-256 of its bytes."""
        return self.file.digest

    @property
    def is_picture(self) -> bool:
        """Whether a page may show it: its contents are a picture of a kind that runs nothing."""
        return self.file.media_type in PICTURES


class GatedText(Model):
    """The full text of a version, by the digest that stands in the document."""

    __tablename__ = "gated_text"
    __table_args__ = (sa.UniqueConstraint("challenge_id", "digest"),)

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id"))
    digest: Mapped[str] = mapped_column(sa.String(64))
    salt: Mapped[str] = mapped_column(sa.String(64))
    text: Mapped[str]
    added_at: Mapped[datetime] = mapped_column(server_default=NOW)


class NdaSignature(Model):
    """A person has signed the NDA of a challenge, by the name that they typed. `digest` is SHA-256 of its text: the
    signature holds for every version that has this text. Rows are only added; the name goes with a deleted account.
    """

    __tablename__ = "nda_signature"
    __table_args__ = (sa.UniqueConstraint("challenge_id", "user_id", "digest"), sa.Index(None, "user_id"))

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id"))
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("contract_version.id"))  # that the person was shown
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(sa.String(64))
    signed_at: Mapped[datetime] = mapped_column(server_default=NOW)

    version: Mapped[ContractVersion] = relationship(lazy="joined", innerjoin=True)
