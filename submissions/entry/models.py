"""What was answered and given at a registration: for the sponsor, the service centre and who registered."""

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowd.db import Model, id_column
from crowd.files import StoredFile

NOW = sa.text("crowd_now()")


def _token() -> str:
    """A public id that says nothing about how many there are."""
    return secrets.token_urlsafe(9)


class RegistrationAnswer(Model):
    """The answer to a question of the contract, in the words of the question."""

    __tablename__ = "registration_answer"
    __table_args__ = (sa.UniqueConstraint("registration_id", "question"),)

    id: Mapped[int] = id_column()
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registration.id", ondelete="CASCADE"))
    question: Mapped[str]
    answer: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(server_default=NOW)


class RegistrationDocument(Model):
    """The file given as a document of the contract, by the document's name."""

    __tablename__ = "registration_document"
    __table_args__ = (sa.UniqueConstraint("registration_id", "name"), sa.Index(None, "file_id"))

    id: Mapped[int] = id_column()
    public_id: Mapped[str] = mapped_column(unique=True, default=_token)
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registration.id", ondelete="CASCADE"))
    name: Mapped[str]
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("stored_file.id"))
    given_at: Mapped[datetime] = mapped_column(server_default=NOW)

    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)
