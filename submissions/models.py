"""Registrations, proposals in versions, their files, and who shares an award."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from challenges.models import Challenge
from crowd.accounts.models import Organisation, User
from crowd.contracts.models import ContractVersion
from crowd.db import Model, id_column, state_column
from crowd.files import StoredFile
from crowd.languages import DEFAULT
from submissions.confirmation.workflow import Confirmation
from submissions.workflow import ProposalState

NOW = sa.text("crowd_now()")


class Registration(Model):
    """A person takes part in a challenge, alone or for an agency, and has accepted its terms.

    An agency has one entry: of two simultaneous registrations the database accepts one.
    """

    __tablename__ = "registration"
    __table_args__ = (
        sa.UniqueConstraint("challenge_id", "user_id"),
        sa.UniqueConstraint("challenge_id", "organisation_id"),
        sa.Index(None, "user_id"),
        sa.Index(None, "organisation_id"),
        sa.Index("ix_registration_awaited", "accepted_at", "id", postgresql_where=sa.text("confirmation = 'awaited'")),
    )

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    accepted_at: Mapped[datetime] = mapped_column(server_default=NOW)
    contract_version_id: Mapped[int] = mapped_column(sa.ForeignKey("contract_version.id"))  # accepted last
    confirmation: Mapped[Confirmation] = state_column(Confirmation, Confirmation.NOT_NEEDED)
    confirmation_reason: Mapped[str] = mapped_column(default="")  # of a refusal

    challenge: Mapped[Challenge] = relationship()
    user: Mapped[User] = relationship()
    organisation: Mapped[Organisation | None] = relationship()


class Proposal(Model):
    """A proposal to a challenge. Its text is in versions; `submitted_version_id` is the one that counts once it is
    submitted.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        sa.UniqueConstraint("challenge_id", "user_id"),
        sa.UniqueConstraint("challenge_id", "organisation_id"),
        sa.CheckConstraint("state <> 'submitted' OR submitted_version_id IS NOT NULL", name="submitted"),
        sa.Index(None, "challenge_id", "state", "id"),
        sa.Index(None, "user_id", "id"),
        sa.Index(None, "organisation_id"),
    )

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    state: Mapped[ProposalState] = state_column(ProposalState, ProposalState.DRAFT)
    draft_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("proposal_version.id", use_alter=True))
    submitted_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("proposal_version.id", use_alter=True))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    changed_at: Mapped[datetime] = mapped_column(server_default=NOW)
    submitted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    challenge: Mapped[Challenge] = relationship(lazy="joined")
    user: Mapped[User] = relationship(lazy="joined")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    draft_version: Mapped["ProposalVersion | None"] = relationship(
        foreign_keys=[draft_version_id], lazy="joined", viewonly=True
    )
    submitted_version: Mapped["ProposalVersion | None"] = relationship(
        foreign_keys=[submitted_version_id], lazy="joined", viewonly=True
    )
    shares: Mapped[list["Share"]] = relationship(order_by="Share.id", lazy="selectin", viewonly=True)
    share_periods: Mapped[list["SharePeriod"]] = relationship(viewonly=True)

    @property
    def is_draft(self) -> bool:
        """Whether it was not submitted yet, and not withdrawn."""
        return self.state == ProposalState.DRAFT

    @property
    def is_submitted(self) -> bool:
        """Whether a version of it counts; its shares are fixed as long as one does."""
        return self.state == ProposalState.SUBMITTED

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was withdrawn: it is kept, and can be resumed."""
        return self.state == ProposalState.WITHDRAWN

    @property
    def has_newer_draft(self) -> bool:
        """Whether a newer version than the one that counts is being written."""
        return self.is_submitted and self.draft_version_id is not None


class ProposalVersion(Model):
    """One state of a proposal's text. A submitted version is never changed: the next edit starts a new one."""

    __tablename__ = "proposal_version"
    __table_args__ = (sa.UniqueConstraint("proposal_id", "number"),)

    id: Mapped[int] = id_column()
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id", ondelete="CASCADE"))
    number: Mapped[int]
    language: Mapped[str] = mapped_column(sa.String(16), default=DEFAULT)
    title: Mapped[str] = mapped_column(default="")
    abstract: Mapped[str] = mapped_column(default="")
    body: Mapped[str] = mapped_column(default="")
    digest: Mapped[str | None] = mapped_column(sa.String(64))
    created_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    changed_at: Mapped[datetime] = mapped_column(server_default=NOW)
    editor: Mapped[str] = mapped_column(default="")  # the opened page that saved last: it may overwrite its own save
    submitted_at: Mapped[datetime | None]
    # In force when it was submitted; None in versions submitted before 0.3.0, whose digests do not name one.
    contract_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contract_version.id"))

    contract_version: Mapped[ContractVersion | None] = relationship()
    files: Mapped[list["ProposalFile"]] = relationship(order_by="ProposalFile.id", lazy="selectin", viewonly=True)


class ProposalFile(Model):
    """A stored file as part of one version."""

    __tablename__ = "proposal_file"
    __table_args__ = (sa.UniqueConstraint("version_id", "file_id"), sa.Index(None, "file_id"))

    id: Mapped[int] = id_column()
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal_version.id", ondelete="CASCADE"))
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("stored_file.id"))

    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)


class Share(Model):
    """The part (hundredths of a percent) of an award for a person, or for the proposal's agency.

    An agency always has its line in a split, which may be 0. The person, or an owner of the agency, has agreed once
    `agreed_at` is set. `submissions.shares.split` says who is paid without any shares.
    """

    __tablename__ = "share"
    __table_args__ = (
        sa.UniqueConstraint("proposal_id", "user_id"),
        sa.UniqueConstraint("proposal_id", "organisation_id"),
        sa.CheckConstraint("(user_id IS NULL) <> (organisation_id IS NULL)", name="one_party"),
        sa.CheckConstraint(
            "basis_points BETWEEN 0 AND 10000 AND (basis_points > 0 OR user_id IS NULL)", name="basis_points"
        ),
        sa.Index(None, "user_id"),
        sa.Index(None, "organisation_id"),
    )

    id: Mapped[int] = id_column()
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    basis_points: Mapped[int]
    agreed_at: Mapped[datetime | None]

    user: Mapped[User | None] = relationship(lazy="joined")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")

    @property
    def party(self) -> User | Organisation:
        """The person or the organisation whose share it is."""
        party = self.user or self.organisation
        assert party is not None  # the constraint one_party
        return party


class SharePeriod(Model):
    """The period of a person's or organisation's share in a proposal; `ended_at` is None while it lasts.

    A trigger on `share` writes it, whoever changes a share: the application can only read it.
    """

    __tablename__ = "share_period"
    __table_args__ = (
        sa.CheckConstraint("(user_id IS NULL) <> (organisation_id IS NULL)", name="one_party"),
        sa.Index(None, "proposal_id"),
        sa.Index(None, "user_id"),
        sa.Index(None, "organisation_id"),
    )

    id: Mapped[int] = id_column()
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    organisation: Mapped[Organisation | None] = relationship()
