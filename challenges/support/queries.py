"""Reads of support and vouchers."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, lazyload

from challenges.models import Challenge
from challenges.support import policy
from challenges.support.models import SupportLine, Voucher
from challenges.support.workflow import VoucherState
from challenges.workflow import ChallengeState
from crowd.access import Rule
from crowd.accounts.models import User
from crowd.accounts.organisations.rights import Right
from crowd.audit import Actor
from crowd.canonical import Document
from crowd.db import db
from crowd.errors import Forbidden, NotFound
from crowd.web.tasks import MAX_TASKS, Task


def lines_of(challenge_id: int) -> Sequence[SupportLine]:
    """What is granted to the parties of a challenge, in the order in which it was written."""
    query = sa.select(SupportLine).where(SupportLine.challenge_id == challenge_id)
    return db.session.scalars(query.order_by(SupportLine.id)).all()


def clauses_of(challenge_id: int) -> list[Document]:
    """The same as the contract has it."""
    return [clause(line) for line in lines_of(challenge_id)]


def clause(line: SupportLine) -> Document:
    """A line as the contract has it."""
    return {
        "grantor": {"organisation": line.grantor_id, "name": line.grantor.name},
        "title": line.title,
        "quantity": line.quantity,
        "unit": line.unit,
        "conditions": line.conditions,
        "granted_to": line.granted_to.value,
        "valid_days": line.valid_days,
    }


def plain_clauses() -> dict[int, list[tuple[object, ...]]]:
    """What all challenges grant, without names, by challenge: what `crowd ledger check` compares."""
    columns = (
        SupportLine.grantor_id, SupportLine.title, SupportLine.quantity, SupportLine.unit, SupportLine.conditions,
        SupportLine.granted_to, SupportLine.valid_days,
    )  # fmt: skip
    found: dict[int, list[tuple[object, ...]]] = {}
    for challenge_id, *values in db.session.execute(
        sa.select(SupportLine.challenge_id, *columns).order_by(SupportLine.id)
    ):
        found.setdefault(challenge_id, []).append(tuple(values))
    return found


def access_support(actor: Actor | None, challenge_id: int) -> tuple[Challenge, Sequence[SupportLine]]:
    """A challenge and its support, for those who may see it. Raises NotFound."""
    challenge, lines = db.session.get(Challenge, challenge_id), lines_of(challenge_id)
    if challenge is None or challenge.external:
        raise NotFound
    if not policy.can_view_support(actor, challenge, {line.grantor_id for line in lines}):
        raise NotFound
    return challenge, lines


def access_line(challenge: Challenge, line_id: int) -> SupportLine:
    """A line of the challenge, locked. Raises NotFound."""
    query = sa.select(SupportLine).where(SupportLine.id == line_id, SupportLine.challenge_id == challenge.id)
    found = db.session.scalar(query.with_for_update(of=SupportLine).execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def access_voucher(actor: Actor | None, public_id: str, *, to: Rule[Voucher], lock: bool = False) -> Voucher:
    """A voucher. Raises NotFound where the actor may not know of it, Forbidden where they may not do `to`."""
    query = sa.select(Voucher).where(Voucher.public_id == public_id)
    if lock:
        query = query.with_for_update(of=Voucher).execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None or not policy.can_view_voucher(actor, found):
        raise NotFound
    if not to(actor, found):
        raise Forbidden
    return found


_SHOWN = (
    joinedload(Voucher.user).lazyload("*"),
    joinedload(Voucher.organisation),
    joinedload(Voucher.line).joinedload(SupportLine.challenge).lazyload("*"),
)


def held(actor: User, challenge_id: int | None = None) -> Sequence[Voucher]:
    """The person's vouchers, of one challenge or of all, the newest first."""
    query = sa.select(Voucher).where(policy.held_by(actor)).options(*_SHOWN)
    if challenge_id is not None:
        query = query.where(Voucher.challenge_id == challenge_id)
    return db.session.scalars(query.order_by(Voucher.id.desc()).limit(MAX_SHOWN)).all()


def granted(actor: User) -> Sequence[Voucher]:
    """The redeemed and used vouchers of the organisations for which the person grants, what waits first."""
    query = sa.select(Voucher).join(Voucher.line).where(policy.confirmed_by(actor)).options(*_SHOWN)
    order = (Voucher.state != VoucherState.REDEEMED, Voucher.redeemed_at.desc(), Voucher.id)
    return db.session.scalars(query.order_by(*order).limit(MAX_SHOWN)).all()


MAX_SHOWN = 200


def open_of(challenge_id: int, user_id: int, organisation_id: int | None) -> Sequence[Voucher]:
    """The vouchers of a party that it has not redeemed, locked."""
    query = sa.select(Voucher).where(
        Voucher.challenge_id == challenge_id,
        Voucher.user_id == user_id,
        Voucher.organisation_id.is_not_distinct_from(organisation_id),
        Voucher.state == VoucherState.GRANTED,
    )
    return db.session.scalars(query.order_by(Voucher.id).with_for_update(of=Voucher)).all()


def redeemed_lines(challenge_id: int, user_id: int, organisation_id: int | None) -> set[int]:
    """The lines of support of which a party has redeemed or used a voucher."""
    query = sa.select(Voucher.support_id).where(
        Voucher.challenge_id == challenge_id,
        Voucher.user_id == user_id,
        Voucher.organisation_id.is_not_distinct_from(organisation_id),
        Voucher.state.in_((VoucherState.REDEEMED, VoucherState.CONFIRMED)),
    )
    return set(db.session.scalars(query))


def open_vouchers(organisation_id: int) -> int:
    """How many vouchers of what an organisation grants were not used."""
    query = (
        sa.select(sa.func.count())
        .select_from(Voucher)
        .join(SupportLine, SupportLine.id == Voucher.support_id)
        .where(
            SupportLine.grantor_id == organisation_id,
            Voucher.state.in_((VoucherState.GRANTED, VoucherState.REDEEMED)),
        )
    )
    return db.session.scalar(query) or 0


def due_to_expire(now: datetime, limit: int) -> Sequence[Voucher]:
    """Granted vouchers whose time has passed, locked."""
    query = sa.select(Voucher).where(Voucher.state == VoucherState.GRANTED, Voucher.expires_at <= now)
    query = query.order_by(Voucher.expires_at).limit(limit).with_for_update(of=Voucher, skip_locked=True)
    return db.session.scalars(query).all()


def soon_to_expire(now: datetime, before: datetime) -> Sequence[Voucher]:
    """Granted vouchers whose time passes before then."""
    query = sa.select(Voucher).where(
        Voucher.state == VoucherState.GRANTED, Voucher.expires_at > now, Voucher.expires_at <= before
    )
    return db.session.scalars(query.order_by(Voucher.id)).all()


def waiting(actor: User) -> list[Task]:
    """Support to agree to, and redeemed vouchers to confirm, for those who grant for an organisation."""
    granting = actor.organisations_with(Right.GRANT)
    if not granting:
        return []
    asked = (
        sa.select(SupportLine.challenge_id, Challenge.title)
        .join(Challenge, Challenge.id == SupportLine.challenge_id)
        .where(
            SupportLine.grantor_id.in_(granting), SupportLine.agreed_at.is_(None), SupportLine.declined_at.is_(None),
            Challenge.state == ChallengeState.DRAFT,
        )
        .order_by(SupportLine.id)
        .limit(MAX_TASKS)
    )  # fmt: skip
    redeemed = (
        sa.select(Voucher.redeemed_at, SupportLine.title)
        .join(Voucher.line)
        .where(Voucher.state == VoucherState.REDEEMED, SupportLine.grantor_id.in_(granting))
        .order_by(Voucher.redeemed_at)
        .limit(MAX_TASKS)
        .options(lazyload("*"))
    )
    tasks = [
        Task(_("Answer whether you grant support"), url_for("support.show", challenge_id=row.challenge_id), row.title)
        for row in db.session.execute(asked)
    ]
    return tasks + [
        Task(_("Confirm a redeemed voucher"), url_for("support.vouchers"), row.title, row.redeemed_at)
        for row in db.session.execute(redeemed)
    ]
