"""People, the organisations that they act for, and their sessions."""

import re
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_security import RoleMixin, UserMixin
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from crowd import clock
from crowd.accounts.organisations.rights import ANSWERS, KEPT, POSTS, RIGHTS, MemberRole, OrganisationKind, Right
from crowd.accounts.passwords import MAX_LENGTH, plain
from crowd.db import Model, id_column, state_column
from crowd.languages import DEFAULT
from crowd.names import ACCENTS, name_keys, plain_name
from crowd.roles import PlatformRole as PlatformRole
from crowd.text import is_too_long, normalise

NOW = sa.text("crowd_now()")
DAY = timedelta(days=1)
LISTED = "origin IS NULL AND closed_at IS NULL"  # organisations of this platform that are open
ERASED = "Erased person"  # stored in place of the name of a deleted account, in every language
# In order of precedence: a browser also names those that it derives from.
BROWSERS = (
    ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


class Named:
    """A row with a name, and with the keys that find names that are, or look, the same (`crowd.names`)."""

    name: Mapped[str]
    name_keys: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list, server_default="{}", deferred=True)

    @validates("name")
    def _keep_keys(self, _attribute: str, name: str) -> str:
        self.name_keys = name_keys(name)
        return name

    @classmethod
    def called(cls, words: str) -> sa.ColumnElement[bool]:
        """Whether `words` are a part of the name: without case, width, accents, spaces, or the script of Chinese."""
        keys = sa.func.unnest(cls.name_keys).table_valued("one").render_derived()
        apart = sa.func.normalize(keys.c.one, sa.literal_column("NFKD"))
        bare = sa.func.regexp_replace(apart, f"[{ACCENTS}]", "", "g")
        asked = re.sub(f"[{ACCENTS}]", "", normalise(plain_name(words), "NFKD"))
        return sa.exists(sa.select(1).select_from(keys).where(bare.contains(asked, autoescape=True)))


user_role = sa.Table(
    "user_role",
    Model.metadata,
    sa.Column("user_id", sa.ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("role_id", sa.ForeignKey("role.id", ondelete="CASCADE"), primary_key=True),
    sa.Index(None, "role_id"),
)


class Role(Model, RoleMixin):
    """A platform role as a row, as Flask-Security wants it; the names are PlatformRole's."""

    __tablename__ = "role"

    id: Mapped[int] = id_column()
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str | None]


def _of_profile(kind: Any, default: Any, stored: str) -> Any:
    """A column that is read where a profile is shown."""
    return mapped_column(kind, default=default, server_default=stored, deferred=True, deferred_group="profile")


class User(Named, Model, UserMixin):
    """A person. `email` is stored in lower case and verified; `expertise` are the tags by which a reviewer is chosen.

    Roles and memberships load on first use; the person of a request is loaded with both in one statement.
    """

    __tablename__ = "user"
    __table_args__ = (
        sa.CheckConstraint("email = lower(email)", name="email_lower"),
        sa.Index("ix_user_expertise", "expertise", postgresql_using="gin"),
        sa.Index("ix_user_name_keys", "name_keys", postgresql_using="gin"),
        sa.Index(None, "region_id"),
    )

    id: Mapped[int] = id_column()
    email: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    confirmed_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    terms_at: Mapped[datetime | None]
    locale: Mapped[str] = mapped_column(default=DEFAULT)
    time_zone: Mapped[str] = mapped_column(default="Asia/Shanghai")
    bio: Mapped[str] = mapped_column(default="")
    expertise: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list)
    demonstration: Mapped[bool] = mapped_column(default=False)
    # Of the profile: not read with the person of every request. `languages` are ISO 639 codes; `visibility` is by field
    # (`crowd.accounts.profiles.visibility`), without what is as usual.
    languages: Mapped[list[str]] = _of_profile(ARRAY(sa.Text), list, "{}")
    links: Mapped[list[str]] = _of_profile(ARRAY(sa.Text), list, "{}")
    cv: Mapped[str] = _of_profile(sa.Text, "", "")
    availability: Mapped[str] = _of_profile(sa.Text, "", "")
    region_id: Mapped[int | None] = mapped_column(sa.ForeignKey("term.id"), deferred=True, deferred_group="profile")
    visibility: Mapped[dict[str, str]] = _of_profile(JSONB, dict, "{}")

    roles: Mapped[list[Role]] = relationship(secondary=user_role, order_by=Role.id)  # type: ignore[assignment]
    memberships: Mapped[list["Membership"]] = relationship(
        viewonly=True, order_by="Membership.id", primaryjoin="User.id == Membership.user_id"
    )
    periods: Mapped[list["MembershipPeriod"]] = relationship(viewonly=True, order_by="MembershipPeriod.id")

    def verify_and_update_password(self, password: str) -> bool:
        """Whether the password is theirs; False where none is set, on all of Flask-Security's pages."""
        fits = bool(self.password) and not is_too_long(password, MAX_LENGTH)
        return fits and bool(super().verify_and_update_password(plain(password)))

    def is_any(self, *roles: str) -> bool:
        """Whether the person has one of these platform roles."""
        return any(role.name in roles for role in self.roles)

    def acts_for(self, organisation_id: int | None) -> bool:
        """Whether the person is a member of the organisation."""
        return any(m.organisation_id == organisation_id for m in self.memberships)

    def may(self, right: str, organisation_id: int | None) -> bool:
        """Whether the person may do this for the organisation (`crowd.accounts.organisations.rights`)."""
        return any(m.organisation_id == organisation_id and m.gives(right) for m in self.memberships)

    def organisations_with(self, right: str) -> list[int]:
        """The ids of the organisations for which the person may do this."""
        return [m.organisation_id for m in self.memberships if m.gives(right)]

    def has_belonged(self, organisation: "Organisation", since: datetime | None) -> bool:
        """Whether the person is a member of the organisation, or was one at any time after `since`; for every row
        of the same body.
        """
        return any(p.reaches(since) and p.organisation.is_same_body(organisation) for p in self.periods)

    @property
    def is_new(self) -> bool:
        """Created within the last day: empty pages are then shown as a start."""
        return clock.now() - self.created_at < DAY

    @property
    def organisation_ids(self) -> list[int]:
        return [m.organisation_id for m in self.memberships]


class Organisation(Named, Model):
    """A body that people act for. An imported agency has an `origin`, no members, and stays unverified.

    `registration_number` is the unified social credit code in China; elsewhere `register` says who keeps the number.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        sa.UniqueConstraint("origin", "name"),
        sa.Index(
            "uq_organisation_registration",
            "country",
            "register",
            "registration_number",
            unique=True,
            postgresql_where=sa.text("verified_at IS NOT NULL AND registration_number <> ''"),
        ),
        sa.Index(
            "ix_organisation_number", "registration_number", postgresql_where=sa.text("registration_number <> ''")
        ),
        sa.Index("ix_organisation_name_keys", "name_keys", postgresql_using="gin"),
        sa.Index("ix_organisation_listed", "name", "id", postgresql_where=sa.text(LISTED)),
        sa.Index("ix_organisation_listed_kind", "kind", "name", "id", postgresql_where=sa.text(LISTED)),
        *(sa.Index(None, f"{column}_id") for column in ("agency_kind", "ownership_kind", "stage", "region")),
    )

    id: Mapped[int] = id_column()
    kind: Mapped[OrganisationKind] = state_column(OrganisationKind, OrganisationKind.ENTERPRISE)
    country: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    website: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")
    registration_number: Mapped[str] = mapped_column(default="", server_default="")
    register: Mapped[str] = mapped_column(default="", server_default="")
    origin: Mapped[str | None]
    verified_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    agency_kind_id: Mapped[int | None] = mapped_column(sa.ForeignKey("term.id"))
    ownership_kind_id: Mapped[int | None] = mapped_column(sa.ForeignKey("term.id"))
    stage_id: Mapped[int | None] = mapped_column(sa.ForeignKey("term.id"))
    region_id: Mapped[int | None] = mapped_column(sa.ForeignKey("term.id"))  # found by country and city
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)

    @property
    def verification(self) -> str:
        """What its badge says: closed, verified or unverified."""
        return "closed" if self.closed_at else "verified" if self.verified_at else "unverified"

    @property
    def posts(self) -> bool:
        """Whether it may post challenges."""
        return self.kind in POSTS

    @property
    def answers(self) -> bool:
        """Whether it may answer challenges with a proposal of its own."""
        return self.kind in ANSWERS

    def is_same_body(self, other: "Organisation") -> bool:
        """Whether both are one legal person: the same row, or the same number in the same register."""
        if self.id == other.id:
            return True
        numbers = [(row.country, row.register, row.registration_number) for row in (self, other)]
        return bool(self.registration_number) and numbers[0] == numbers[1]


class Membership(Model):
    """A person's membership of an organisation."""

    __tablename__ = "membership"
    __table_args__ = (sa.UniqueConstraint("user_id", "organisation_id"), sa.Index(None, "organisation_id"))

    id: Mapped[int] = id_column()
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    role: Mapped[MemberRole] = state_column(MemberRole, MemberRole.MEMBER)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)

    user: Mapped[User] = relationship(overlaps="memberships")
    organisation: Mapped[Organisation] = relationship(lazy="joined")

    @property
    def is_owner(self) -> bool:
        """Whether they may do everything for the organisation, which keeps at least one such person."""
        return self.role == MemberRole.OWNER

    def gives(self, right: str) -> bool:
        """Whether the role has this right, also where the organisation is closed."""
        kept = self.organisation.closed_at is None or right in KEPT
        return kept and self.role in RIGHTS[Right(right)]


class MembershipPeriod(Model):
    """How long a person belonged to an organisation; `ended_at` is None while they do.

    A trigger on `membership` writes it, whoever changes a membership: the application can only read it.
    """

    __tablename__ = "membership_period"
    __table_args__ = (
        sa.Index(
            "uq_membership_period_open",
            "user_id",
            "organisation_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(None, "user_id"),
        sa.Index(None, "organisation_id"),
    )

    id: Mapped[int] = id_column()
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(lazy="joined")

    def reaches(self, since: datetime | None) -> bool:
        """Whether it is current, or ended after `since`."""
        return self.ended_at is None or (since is not None and self.ended_at >= since)

    @classmethod
    def reaching(cls, since: datetime | None) -> sa.ColumnElement[bool]:
        """`reaches` as SQL."""
        current = cls.ended_at.is_(None)
        return current if since is None else sa.or_(current, cls.ended_at >= since)


class Invitation(Model):
    """An open offer to join an organisation; the token's SHA-256 is stored, the token is only in the mail."""

    __tablename__ = "invitation"
    __table_args__ = (
        sa.Index(
            "uq_invitation_open",
            "organisation_id",
            "email",
            unique=True,
            postgresql_where=sa.text("answered_at IS NULL"),
        ),
        sa.Index(None, "email"),
    )

    id: Mapped[int] = id_column()
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    email: Mapped[str]
    role: Mapped[MemberRole] = state_column(MemberRole, MemberRole.MEMBER)
    token_digest: Mapped[str] = mapped_column(unique=True)
    invited_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    accepted: Mapped[bool | None]

    organisation: Mapped[Organisation] = relationship(lazy="joined")


class SignUp(Model):
    """A request for an account with an email address that is not verified yet; its link creates the account.

    The token's SHA-256 is stored, the token is only in the mail. Several may have the same address: each has its own
    link.
    """

    __tablename__ = "sign_up"
    __table_args__ = (sa.CheckConstraint("email = lower(email)", name="email_lower"), sa.Index(None, "email"))

    id: Mapped[int] = id_column()
    email: Mapped[str]
    name: Mapped[str]
    locale: Mapped[str]
    time_zone: Mapped[str]
    token_digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime]


class LoginSession(Model):
    """One sign-in. The cookie refers to it by `sid`; a session that is revoked or past `expires_at` signs nobody in."""

    __tablename__ = "login_session"
    __table_args__ = (sa.Index(None, "user_id"),)

    id: Mapped[int] = id_column()
    sid: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime]
    last_active_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    ip_address: Mapped[str] = mapped_column(default="")
    user_agent: Mapped[str] = mapped_column(default="")

    @property
    def browser(self) -> str:
        """The browser's name, short: `Firefox, Windows`; empty where it is unknown."""
        named = (next((name for mark, name in marks if mark in self.user_agent), "") for marks in (BROWSERS, SYSTEMS))
        return ", ".join(name for name in named if name) or self.user_agent[:40]
