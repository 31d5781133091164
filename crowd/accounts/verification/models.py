"""Tables of verification: the contact of an organisation, and its documents."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowd.db import Model, id_column
from crowd.files import StoredFile


class OrganisationContact(Model):
    """The contact whom the service centre asks about an organisation; not public."""

    __tablename__ = "organisation_contact"

    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    name: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")


class OrganisationDocument(Model):
    """A licence or an extract from a register, for the service centre; not public."""

    __tablename__ = "organisation_document"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "file_id"), sa.Index(None, "file_id"))

    id: Mapped[int] = id_column()
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("stored_file.id"))
    uploaded_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=sa.text("crowd_now()"))

    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)
