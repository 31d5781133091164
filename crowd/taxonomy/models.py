"""Terms, the names that find them, their links, and their versions."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, query_expression

from crowd.db import Model, id_column, state_column

NOW = sa.text("crowd_now()")


class TermState(StrEnum):
    """A retired term is no longer offered, and stays where it is used; a merged one stands for another term."""

    ACTIVE = "active"
    RETIRED = "retired"
    MERGED = "merged"


class Term(Model):
    """An entry of a scheme. `names` are by locale, the English one always; `attributes` are the scheme's."""

    __tablename__ = "term"
    __table_args__ = (
        sa.UniqueConstraint("scheme", "code"),
        sa.Index(None, "parent_id"),
        sa.Index(None, "merged_into_id"),
        sa.CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged_into"),
        sa.CheckConstraint("id <> merged_into_id AND id <> parent_id", name="not_itself"),
        sa.CheckConstraint("jsonb_exists(names, 'en')", name="english_name"),
    )

    id: Mapped[int] = id_column()
    scheme: Mapped[str]
    code: Mapped[str]
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    attributes: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict, server_default="{}")
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("term.id"))
    state: Mapped[TermState] = state_column(TermState, TermState.ACTIVE, server_default="active")
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("term.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class TermAlias(Model):
    """A name under which a term is found. `key` is the name without case, width, and in simplified Chinese.

    The names of a term in each language are among them, and so are those that it had before.
    """

    __tablename__ = "term_alias"
    __table_args__ = (sa.UniqueConstraint("scheme", "key"), sa.Index(None, "term_id"))

    id: Mapped[int] = id_column()
    scheme: Mapped[str]
    key: Mapped[str]
    name: Mapped[str]
    term_id: Mapped[int] = mapped_column(sa.ForeignKey("term.id"))


class TermLink(Model):
    """A link from a term to one of another scheme: a field to its industries, a technology to services."""

    __tablename__ = "term_link"
    __table_args__ = (sa.Index(None, "target_id"),)

    source_id: Mapped[int] = mapped_column(sa.ForeignKey("term.id"), primary_key=True)
    target_id: Mapped[int] = mapped_column(sa.ForeignKey("term.id"), primary_key=True)


class TermVersion(Model):
    """What a term was from `created_at` on; `author_id` is None for what Crowd ships. Append-only.

    `digest` is the SHA-256 of the digest before it and of this record, so the newest one identifies all of the
    taxonomy.
    """

    __tablename__ = "term_version"
    __table_args__ = (sa.Index(None, "term_id", "id"), sa.Index(None, "author_id"))

    id: Mapped[int] = id_column()
    term_id: Mapped[int] = mapped_column(sa.ForeignKey("term.id"))
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    record: Mapped[dict[str, Any]] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(default="", server_default="")
    digest: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class FreeTerm(Model):
    """A field that somebody wrote and that is in no scheme, until it is joined to a term or dismissed.

    `spellings` are the ways in which people wrote it, `name` is the first of them.
    """

    __tablename__ = "free_term"
    __table_args__ = (
        sa.Index("ix_free_term_open", "created_at", "key", postgresql_where=sa.text("dismissed_at IS NULL")),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    spellings: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    dismissed_at: Mapped[datetime | None]
    uses: Mapped[int | None] = query_expression()  # how often it is used, in lists that read it
