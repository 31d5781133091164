"""The sponsor's proof that a payment for a challenge was sent."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowd.db import Model, id_column
from crowd.files import StoredFile

PROOF_KINDS = ("pdf", "png", "jpg", "jpeg")


class PaymentProof(Model):
    """A payment proof that the sponsor uploaded. It has no effect on the ledger: finance looks for the announced
    deposit.
    """

    __tablename__ = "payment_proof"
    __table_args__ = (sa.Index(None, "challenge_id", "id"),)

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id"))
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("stored_file.id"))
    uploaded_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=sa.text("crowd_now()"))

    file: Mapped[StoredFile] = relationship(lazy="joined")
