"""Cases with their parties, steps, votes and entries. Votes and entries are only added; what a step found stays."""

import secrets
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowd.accounts.models import Organisation, User
from crowd.audit import SYSTEM
from crowd.cases.workflow import CaseState, EntryAudience, Finding, StepState, VoteChoice
from crowd.db import Model, id_column, state_column
from crowd.files import StoredFile
from crowd.procedure import CaseOutcome, OnSilence, StepAct

NOW = sa.text("crowd_now()")


def _token() -> str:
    """A public id that says nothing about how many there are."""
    return secrets.token_urlsafe(9)


class Side(StrEnum):
    """`filer`: who asks for the decision; `respondent`: whom it is about, and who answers."""

    FILER = "filer"
    RESPONDENT = "respondent"


class Case(Model):
    """A case. `answers` are those of the form, by the names of its questions; `stage` is the one whose steps run. One
    that nobody has filed (`filed_by`) is the platform's.
    """

    __tablename__ = "case"
    __table_args__ = (
        sa.Index(None, "kind", "subject_id", "state"),
        sa.Index(None, "challenge_id", postgresql_where=sa.text("challenge_id IS NOT NULL")),
        sa.Index(None, "filed_by", "id"),
        sa.Index(None, "filed_by", "filed_at"),
        sa.Index(None, "region_id", postgresql_where=sa.text("region_id IS NOT NULL")),
        sa.Index(None, "state", "id"),
        sa.CheckConstraint(
            "(state IN ('granted', 'partly_granted', 'refused')) = (outcome IS NOT NULL)", name="decided"
        ),
        sa.CheckConstraint("(state = 'pending') = (ended_at IS NULL)", name="ended"),
    )

    id: Mapped[int] = id_column()
    public_id: Mapped[str] = mapped_column(unique=True, default=_token)
    kind: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    stated_title: Mapped[str] = mapped_column("title")  # empty where it is a person's name, which may be deleted
    path: Mapped[str]
    challenge_id: Mapped[int | None]
    region_id: Mapped[int | None] = mapped_column(sa.ForeignKey("term.id"))
    filed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    language: Mapped[str] = mapped_column(sa.String(16))
    contract_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contract_version.id"))  # it rests on this
    answers: Mapped[dict[str, str]] = mapped_column(JSONB)
    state: Mapped[CaseState] = state_column(CaseState, CaseState.PENDING)
    stage: Mapped[int] = mapped_column(default=1)
    outcome: Mapped[CaseOutcome | None] = state_column(CaseOutcome, None, nullable=True)
    filed_at: Mapped[datetime] = mapped_column(server_default=NOW)
    ended_at: Mapped[datetime | None]

    steps: Mapped[list["CaseStep"]] = relationship(order_by="CaseStep.position", back_populates="case")
    parties: Mapped[list["CaseParty"]] = relationship(order_by="CaseParty.id")
    members: Mapped[list["CaseMember"]] = relationship(order_by="CaseMember.id")
    filer: Mapped[User | None] = relationship(lazy="joined")

    @property
    def title(self) -> str:
        """What it is about; of a person, their present name: whom it is about, or who files it for themselves."""
        named = [party.user or party.organisation for party in self.parties if party.side == Side.RESPONDENT]
        return self.stated_title or ", ".join(one.name for one in named or [self.filer] if one is not None)

    @property
    def filed_by_name(self) -> str:
        """Who has filed it: a person, or the platform."""
        return self.filer.name if self.filer else SYSTEM.name

    @property
    def is_pending(self) -> bool:
        """Whether it is not decided and not withdrawn."""
        return self.state == CaseState.PENDING


class CaseParty(Model):
    """A person or an organisation that is a party: who files, and whom the case is about."""

    __tablename__ = "case_party"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "side", "user_id", "organisation_id", postgresql_nulls_not_distinct=True),
        sa.CheckConstraint("(user_id IS NULL) <> (organisation_id IS NULL)", name="one"),
        sa.Index(None, "user_id", "case_id", postgresql_where=sa.text("user_id IS NOT NULL")),
        sa.Index(None, "organisation_id", "case_id", postgresql_where=sa.text("organisation_id IS NOT NULL")),
    )

    id: Mapped[int] = id_column()
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    side: Mapped[Side] = state_column(Side, Side.FILER)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))

    user: Mapped[User | None] = relationship(lazy="joined")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")


class CaseMember(Model):
    """A person who is called into a case, to act in the steps of a body that only this case has."""

    __tablename__ = "case_member"
    __table_args__ = (sa.UniqueConstraint("case_id", "user_id"), sa.Index(None, "user_id", "case_id"))

    id: Mapped[int] = id_column()
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    body: Mapped[str]


class CaseStep(Model):
    """A step of a case, with what its kind said of it when the case was filed; `organisation_id` is the department
    whose step it is.
    """

    __tablename__ = "case_step"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "position"),
        sa.Index(None, "body", "state", "due_at", "id"),
        sa.Index(None, "taken_by", postgresql_where=sa.text("taken_by IS NOT NULL")),
        sa.Index(None, "done_by", postgresql_where=sa.text("done_by IS NOT NULL")),
        sa.Index(None, "organisation_id", "state", postgresql_where=sa.text("organisation_id IS NOT NULL")),
        sa.CheckConstraint("(body = 'department') = (organisation_id IS NOT NULL)", name="department"),
        sa.CheckConstraint("(state = 'ahead') = (opened_at IS NULL) OR state = 'skipped'", name="opened"),
        sa.CheckConstraint("(state IN ('concluded', 'silent', 'skipped')) = (done_at IS NOT NULL)", name="done"),
        sa.CheckConstraint("state <> 'concluded' OR finding IS NOT NULL", name="concluded"),
    )

    id: Mapped[int] = id_column()
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    position: Mapped[int]
    stage: Mapped[int]
    name: Mapped[str]
    body: Mapped[str]
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    act: Mapped[StepAct] = state_column(StepAct, StepAct.CHECK)
    days: Mapped[int]
    working_days: Mapped[bool]
    silence: Mapped[OnSilence] = state_column(OnSilence, OnSilence.GOES_ON)
    quorum: Mapped[int]
    state: Mapped[StepState] = state_column(StepState, StepState.AHEAD)
    opened_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    taken_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    taken_at: Mapped[datetime | None]
    finding: Mapped[Finding | None] = state_column(Finding, None, nullable=True)
    reasons: Mapped[str] = mapped_column(default="")
    done_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    done_at: Mapped[datetime | None]

    case: Mapped[Case] = relationship(back_populates="steps")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    taker: Mapped[User | None] = relationship(foreign_keys=[taken_by])
    doer: Mapped[User | None] = relationship(foreign_keys=[done_by])
    votes: Mapped[list["CaseVote"]] = relationship(order_by="CaseVote.id")
    substitutes: Mapped[list["CaseSubstitute"]] = relationship(order_by="CaseSubstitute.id")

    @property
    def is_open(self) -> bool:
        """Whether its body is to act now."""
        return self.state == StepState.OPEN

    @property
    def is_vote(self) -> bool:
        """Whether several decide it together."""
        return self.act == StepAct.VOTE


class CaseVote(Model):
    """A member's vote, with reasons. It is cast once."""

    __tablename__ = "case_vote"
    __table_args__ = (sa.UniqueConstraint("step_id", "member_id"), sa.Index(None, "member_id"))

    id: Mapped[int] = id_column()
    step_id: Mapped[int] = mapped_column(sa.ForeignKey("case_step.id"))
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    choice: Mapped[VoteChoice] = state_column(VoteChoice, VoteChoice.ABSTAIN)
    reasons: Mapped[str]
    voted_at: Mapped[datetime] = mapped_column(server_default=NOW)

    member: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class CaseSubstitute(Model):
    """A person of the expert committee who votes in a step for members with a conflict of interest."""

    __tablename__ = "case_substitute"
    __table_args__ = (sa.UniqueConstraint("step_id", "user_id"), sa.Index(None, "user_id"), sa.Index(None, "named_by"))

    id: Mapped[int] = id_column()
    step_id: Mapped[int] = mapped_column(sa.ForeignKey("case_step.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    named_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    named_at: Mapped[datetime] = mapped_column(server_default=NOW)


class CaseEntry(Model):
    """A text or a file that somebody added. `blackens` is the earlier entry of which this is the version without
    personal data.
    """

    __tablename__ = "case_entry"
    __table_args__ = (
        sa.Index(None, "case_id", "id"),
        sa.Index(None, "author_id"),
        sa.Index(None, "file_id", postgresql_where=sa.text("file_id IS NOT NULL")),
        sa.UniqueConstraint("blackens"),
    )

    id: Mapped[int] = id_column()
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    audience: Mapped[EntryAudience] = state_column(EntryAudience, EntryAudience.PARTIES)
    text: Mapped[str]
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stored_file.id"))
    blackens: Mapped[int | None] = mapped_column(sa.ForeignKey("case_entry.id"))
    added_at: Mapped[datetime] = mapped_column(server_default=NOW)

    author: Mapped[User | None] = relationship(lazy="joined")
    file: Mapped[StoredFile | None] = relationship(lazy="joined")

    @property
    def author_name(self) -> str:
        """Who has added it: a person, or the platform."""
        return self.author.name if self.author else SYSTEM.name
