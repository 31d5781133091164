"""The audit trail: every operation is one event, written in the operation's own transaction and never changed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

import sqlalchemy as sa
from flask import g, has_request_context
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crowd.db import Model, db, id_column


class Recorded(Protocol):
    """Whose operation an event says it is."""

    @property
    def id(self) -> int | None: ...

    @property
    def name(self) -> str: ...


class Actor(Recorded, Protocol):
    """Who acts: a person (`crowd.accounts.models.User`), or SYSTEM. Where a visitor may ask, `Actor | None`.

    What only people have (an email address, memberships, a password) needs a User.
    """

    @property
    def organisation_ids(self) -> list[int]: ...

    def is_any(self, *roles: str) -> bool: ...

    def acts_for(self, organisation_id: int | None) -> bool: ...

    def may(self, right: str, organisation_id: int | None) -> bool: ...

    def organisations_with(self, right: str) -> list[int]: ...


@dataclass(frozen=True)
class _System:
    """The platform itself: jobs act as it. It has no role and belongs to no organisation."""

    id: None = None
    name: str = "Crowd"

    @property
    def organisation_ids(self) -> list[int]:
        return []

    def is_any(self, *roles: str) -> bool:
        return False

    def acts_for(self, organisation_id: int | None) -> bool:
        return False

    def may(self, right: str, organisation_id: int | None) -> bool:
        return False

    def organisations_with(self, right: str) -> list[int]:
        return []


SYSTEM = _System()


@dataclass(frozen=True)
class _Hidden:
    """A person of whom the trail does not say who they are."""

    id: None = None
    name: str = "Not shown"


HIDDEN = _Hidden()


class AuditEvent(Model):
    """One operation. `subject` is the row it was done to; `challenge_id` groups everything that belongs to a
    challenge.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        sa.Index(None, "subject_type", "subject_id", "id"),
        sa.Index(None, "challenge_id", "id"),
        sa.Index(None, "actor_id", "id"),
        sa.Index(None, "action", "id"),
        sa.Index(None, "at"),
    )

    id: Mapped[int] = id_column()
    at: Mapped[datetime] = mapped_column(server_default=sa.text("crowd_now()"))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str]
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[int | None]
    challenge_id: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    request_id: Mapped[str | None]

    @property
    def is_hidden(self) -> bool:
        """Whether a person did it of whom the trail does not say who they are."""
        return self.actor_id is None and self.actor_name == HIDDEN.name


_EVENT = sa.insert(cast(sa.Table, AuditEvent.__table__))  # Core, and built once: every operation records an event


def record(actor: Recorded, action: str, subject: Any, *, challenge_id: int | None = None, **data: Any) -> None:
    """Record that `actor` did `action` (`package.done`) to `subject` (a row), with JSON-able data, in this
    transaction.
    """
    kind = subject_type_of(subject)
    if subject is not None and getattr(subject, "id", None) is None:
        db.session.flush()  # a new row gets its id here, before it is read
    if challenge_id is None:
        challenge_id = subject.id if kind == "challenge" else getattr(subject, "challenge_id", None)
    event = {
        "actor_id": actor.id,
        "actor_name": actor.name,
        "action": action,
        "subject_type": kind,
        "subject_id": getattr(subject, "id", None),
        "challenge_id": challenge_id,
        "data": data,
        "request_id": request_id(),
    }
    db.session.execute(_EVENT, event)


def subject_type_of(subject: object) -> str:
    """The name of a row's type in events, notifications and jobs: its table's name."""
    return getattr(type(subject), "__tablename__", None) or re.sub(r"\W", "", type(subject).__name__).lower()


def request_id() -> str | None:
    """The id of the request or job that acts, which its logs carry too."""
    return getattr(g, "request_id", None) if has_request_context() or g else None


def listed(
    *,
    action: str | None = None,
    actor_name: str | None = None,
    challenge_id: int | None = None,
    subject_type: str | None = None,
    subject_id: int | None = None,
) -> sa.Select[AuditEvent]:
    """The events that match, in no order yet."""
    query = sa.select(AuditEvent)
    wanted = {"action": action, "challenge_id": challenge_id, "subject_type": subject_type, "subject_id": subject_id}
    for name, value in wanted.items():
        if value is not None:
            query = query.where(getattr(AuditEvent, name) == value)
    if actor_name:
        query = query.where(sa.func.lower(AuditEvent.actor_name).startswith(actor_name.lower(), autoescape=True))
    return query


def counted(actions: Iterable[str], *, since: datetime) -> dict[str, int]:
    """How often each of these happened since a time; those that did not happen are left out."""
    query = sa.select(AuditEvent.action, sa.func.count()).where(
        AuditEvent.action.in_(list(actions)), AuditEvent.at >= since
    )
    return dict(db.session.execute(query.group_by(AuditEvent.action)).all())


def known_actions() -> list[str]:
    """All recorded actions, found by skipping through the index instead of reading every event."""
    hops = sa.text(
        "WITH RECURSIVE v AS ((SELECT action FROM audit_event ORDER BY action LIMIT 1) UNION ALL"
        " SELECT (SELECT e.action FROM audit_event e WHERE e.action > v.action ORDER BY e.action LIMIT 1)"
        " FROM v WHERE v.action IS NOT NULL) SELECT action FROM v WHERE action IS NOT NULL"
    )
    return list(db.session.execute(hops).scalars())
