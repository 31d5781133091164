"""Digests: one email with what a person did not want at once, in their language and time zone.

Notifications that wait carry `due_at`. A job takes people of whom some are due, a batch in a transaction: the row of
`digest` decides who writes, so that each is written once, however many workers there are and whenever one is killed.
"""

import logging
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.dialects.postgresql import insert

from crowd import clock
from crowd.db import atomic, db
from crowd.notifications import emails, kinds, queries, timing, unsubscribing
from crowd.notifications.models import Digest, Frequency, Notification, OutgoingEmail
from crowd.notifications.questions import RECIPIENTS, Recipient

log = logging.getLogger(__name__)
AT_ONCE = 200  # people in a transaction
MAX_ENTRIES = 50  # of a digest; the inbox has them all
_CLAIM = insert(cast(sa.Table, Digest.__table__)).on_conflict_do_nothing().returning(Digest.user_id)


@atomic
def reschedule(user_id: int, group: str, *, due: bool = True) -> None:
    """After a person's choice about a group: what waits of it is due by the new one, and never where they want none.
    With `due=False` what is due already stays so.
    """
    now = clock.now()
    waiting = sa.update(Notification).where(
        Notification.user_id == user_id,
        Notification.mailed_at.is_(None),
        Notification.due_at.is_not(None) if due else Notification.due_at > now,
        Notification.kind.in_(kinds.of_group(group)),
    )
    person = RECIPIENTS()([user_id]).get(user_id)
    frequency = queries.frequencies([user_id])[user_id][group]
    if person is None or frequency == Frequency.NEVER:
        db.session.execute(waiting.values(mailed_at=now))
        return
    due_at = timing.due_at(frequency, now, person.time_zone, queries.quiet_hours([user_id]).get(user_id))
    db.session.execute(waiting.values(due_at=due_at or now))


@atomic
def write_due(after: int = 0) -> tuple[str, int, int | None]:
    """Write the digests of the next people, behind the one with the id `after`, of whom notifications are due.

    Returns the batch of the emails, their number, and behind whom the next people come; None at the end.
    """
    now, batch = clock.now(), secrets.token_hex(8)
    found = queries.people_due(now, after, AT_ONCE)
    claimed = _claim(found)
    for user_id in found.keys() - claimed.keys():
        _postpone(user_id, now)
    number = _write(batch, claimed, now) if claimed else 0
    return batch, number, max(found) if len(found) == AT_ONCE else None


def _claim(found: Mapping[int, datetime]) -> dict[int, datetime]:
    """Of these people, with the times at which their digests are due, those whose digest this transaction writes."""
    rows = [{"user_id": user_id, "due_at": due_at} for user_id, due_at in found.items()]
    mine = set(db.session.scalars(_CLAIM.values(rows))) if rows else set()
    return {user_id: due_at for user_id, due_at in found.items() if user_id in mine}


def _postpone(user_id: int, now: datetime) -> None:
    """What came too late for a digest that is written already waits for the next one."""
    late = sa.select(Notification.kind).distinct().where(Notification.user_id == user_id, queries.is_due(now))
    for group in {kinds.group_of(kind) for kind in db.session.scalars(late)}:
        reschedule(user_id, group)


def _write(batch: str, claimed: Mapping[int, datetime], now: datetime) -> int:
    """Write one email for each of these people whose account is open; returns how many were written.

    A digest that cannot be written is left for the next run, and keeps no other from being written.
    """
    entries, totals = queries.entries_due(claimed, now, MAX_ENTRIES), queries.count_due(claimed, now)
    people = {user_id: person for user_id, person in RECIPIENTS()(claimed).items() if entries[user_id]}
    failed = set()
    for user_id, person in people.items():
        try:
            db.session.add(_email(batch, person, entries[user_id], totals[user_id]))
        except Exception:
            log.exception("the digest of person %s could not be written", user_id)
            failed.add(user_id)
    mailed = sa.update(Notification).where(Notification.user_id.in_(claimed.keys() - failed), queries.is_due(now))
    db.session.execute(mailed.values(mailed_at=now), execution_options={"synchronize_session": False})
    for user_id in failed:
        db.session.execute(sa.delete(Digest).where(Digest.user_id == user_id, Digest.due_at == claimed[user_id]))
    return len(people) - len(failed)


def _email(batch: str, person: Recipient, entries: Sequence[Notification], total: int) -> OutgoingEmail:
    """The email with a person's notifications; each group has a link that stops it alone."""
    groups = sorted({kinds.group_of(entry.kind) for entry in entries})
    stops = {group: unsubscribing.path(person.id, [group]) for group in groups}
    mail = emails.of_digest(person, entries, total, current_app.config["CROWD"], stops)
    stop = unsubscribing.path(person.id, groups)
    return emails.outgoing(
        person, mail, entries, key=f"{batch}.{person.id}d", batch=batch, kind="digest", unsubscribe=stop,
        list_name="digest",
    )  # fmt: skip
