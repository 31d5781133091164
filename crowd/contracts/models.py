"""Contracts, their versions, and who accepted which."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowd.contracts.workflow import ChangeClass, VersionState
from crowd.db import Model, id_column, state_column

NOW = sa.text("crowd_now()")


class Contract(Model):
    """The contract of one subject: `kind` is a word of the package that declares it, `subject_id` the row's number."""

    __tablename__ = "contract"
    __table_args__ = (sa.UniqueConstraint("kind", "subject_id"),)

    id: Mapped[int] = id_column()
    kind: Mapped[str]
    subject_id: Mapped[int]


class ContractVersion(Model):
    """One version: the document's canonical bytes, their SHA-256 (the database compares them), and a copy for queries.

    Triggers write `data`, and refuse to change anything but the state and its dates, and to delete.
    """

    __tablename__ = "contract_version"
    __table_args__ = (
        sa.UniqueConstraint("contract_id", "number"),
        sa.CheckConstraint("digest = encode(sha256(document), 'hex')", name="digest"),
        sa.CheckConstraint("(state IN ('in_force', 'superseded')) = (in_force_at IS NOT NULL)", name="in_force"),
        sa.CheckConstraint("(state = 'superseded') = (superseded_at IS NOT NULL)", name="superseded"),
        sa.Index("uq_contract_version_in_force", "contract_id", unique=True,
                 postgresql_where=sa.text("state = 'in_force'")),
        sa.Index("uq_contract_version_proposed", "contract_id", unique=True,
                 postgresql_where=sa.text("state = 'proposed'")),
        sa.Index(None, "digest"),
    )  # fmt: skip

    id: Mapped[int] = id_column()
    contract_id: Mapped[int] = mapped_column(sa.ForeignKey("contract.id"))
    number: Mapped[int]
    schema: Mapped[str]  # `crowd.contract/2`: how the document is read, for ever
    document: Mapped[bytes] = mapped_column(sa.LargeBinary)
    digest: Mapped[str] = mapped_column(sa.String(64))
    data: Mapped[dict[str, object]] = mapped_column(JSONB, server_default=sa.FetchedValue(), deferred=True)
    change_class: Mapped[ChangeClass] = state_column(ChangeClass, ChangeClass.FIRST)
    reason: Mapped[str] = mapped_column(default="")
    state: Mapped[VersionState] = state_column(VersionState, VersionState.PROPOSED)
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    in_force_at: Mapped[datetime | None]
    superseded_at: Mapped[datetime | None]

    contract: Mapped[Contract] = relationship(lazy="joined", innerjoin=True)

    @property
    def is_proposed(self) -> bool:
        """Whether it is not in force yet, and may be."""
        return self.state == VersionState.PROPOSED

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was withdrawn before it was in force."""
        return self.state == VersionState.WITHDRAWN

    @property
    def asks_for_acceptance(self) -> bool:
        """Whether everybody who had accepted an earlier version must accept again."""
        return self.change_class == ChangeClass.MATERIAL


class Acceptance(Model):
    """A person accepted a version, for themselves or for an organisation. Rows are only added."""

    __tablename__ = "acceptance"
    __table_args__ = (
        sa.UniqueConstraint("version_id", "user_id", "organisation_id", postgresql_nulls_not_distinct=True),
        sa.Index(None, "user_id"),
        sa.Index(None, "organisation_id"),
    )

    id: Mapped[int] = id_column()
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("contract_version.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    accepted_at: Mapped[datetime] = mapped_column(server_default=NOW)

    version: Mapped[ContractVersion] = relationship(lazy="joined", innerjoin=True)
