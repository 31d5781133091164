"""Every write about exports and the deletion of accounts."""

import secrets
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from crowd import clock
from crowd.accounts import entries, notifications, open_matters
from crowd.accounts.models import (
    ERASED,
    Invitation,
    LoginSession,
    Membership,
    Organisation,
    SignUp,
    User,
    user_role,
)
from crowd.accounts.personal_data import archive
from crowd.accounts.personal_data.models import DataExport
from crowd.accounts.personal_data.queries import find_export
from crowd.accounts.policy import can_edit_profile, can_erase
from crowd.accounts.queries import access
from crowd.accounts.services import ProfileDetails
from crowd.accounts.units.models import UnitMember
from crowd.audit import Actor, record
from crowd.background import enqueue
from crowd.db import atomic, db
from crowd.errors import Conflict
from crowd.feature import declared
from crowd.notifications.personal_data import delete_sent, rename
from crowd.values import count

KEPT_FOR = timedelta(days=7)


@atomic
def request_export(actor: User) -> DataExport:
    """Have an archive of all data the platform holds about the actor made. Raises Conflict where there is one."""
    access(actor, actor.id, to=can_edit_profile, lock=True)
    if find_export(actor.id) is not None:
        raise Conflict(_("There is an export already. Delete it to request a new one."))
    _delete(actor.id)
    row = DataExport(user_id=actor.id, parts=len(archive.parts()))
    db.session.add(row)
    record(actor, "export.requested", row)
    enqueue("accounts.export", row.id)
    return row


@atomic
def note_progress(export_id: int, done: int) -> None:
    """Store how many files are written, for the page that waits."""
    db.session.execute(sa.update(DataExport).where(DataExport.id == export_id).values(done=done))


@atomic
def finish_export(actor: Actor, export_id: int, content: bytes) -> dict[str, object]:
    """Store the archive and notify its person; nothing where it was deleted meanwhile."""
    row = db.session.get(DataExport, export_id, with_for_update=True)
    if row is not None and row.ready_at is None:
        row.archive, row.size, row.done = content, len(content), row.parts
        row.ready_at = clock.now()
        row.expires_at = row.ready_at + KEPT_FOR
        notifications.export_ready(row.user_id, row.id, row.expires_at)
    return {"bytes": count(len(content))}


@atomic
def delete_export(actor: User) -> None:
    """Delete the actor's export, ready or not."""
    if _delete(actor.id):
        record(actor, "export.deleted", actor)


def _delete(user_id: int) -> int:
    return int(db.session.execute(sa.delete(DataExport).where(DataExport.user_id == user_id)).rowcount)  # type: ignore[attr-defined]


@atomic
def prune() -> int:
    """Delete expired exports, and the addresses to which a last email was sent; returns the number of exports."""
    expired = sa.delete(DataExport).where(DataExport.expires_at <= clock.now())
    delete_sent("account_erased")
    return int(db.session.execute(expired).rowcount)  # type: ignore[attr-defined]


@atomic
def erase_account(actor: Actor, user_id: int) -> User:
    """Delete a person's data: name, email address, profile, sessions, memberships, notifications, and their name and
    email addresses in the audit trail and in other people's notifications. The account's number stays with what others
    rely on: the ledger, proposals, reviews and results. Their entries of registers are revoked.

    Raises NotFound, Forbidden, Conflict with what is not finished.
    """
    row = access(actor, user_id, to=can_erase, lock=True)
    _hold_organisations(row.id)
    if matters := open_matters.find("user", row.id):
        raise Conflict(_("The account cannot be deleted yet. %(matter)s", matter=matters[0].text))
    email, locale, time_zone = row.email, row.locale, row.time_zone
    for each in declared().features:
        for erase in each.erasures:
            erase(row.id, email)
    rename(row.id, (row.name, email), ERASED)
    row.name, row.password = ERASED, None
    row.active, row.fs_uniquifier = False, secrets.token_hex(32)
    row.bio, row.expertise = "", []
    ProfileDetails().write(row)
    db.session.flush()
    entries.end(actor, row)
    record(actor, "account.erased", row)  # a person who deletes their own account has the name that remains by now
    db.session.execute(sa.select(sa.func.erase_audit_name(row.id)))  # reads the email address that is replaced next
    row.email = f"erased-{row.id}@crowd.invalid"
    db.session.flush()
    notifications.account_erased(email, locale, time_zone)
    return row


def _hold_organisations(user_id: int) -> None:
    """Keep the members of the person's organisations from changing: the last two owners cannot go at once."""
    theirs = sa.select(Membership.organisation_id).where(Membership.user_id == user_id)
    held = sa.select(Organisation.id).where(Organisation.id.in_(theirs)).order_by(Organisation.id)
    db.session.execute(held.with_for_update(of=Organisation))


def erase(user_id: int, email: str) -> None:
    """Delete what accounts know of a person beside the account's row."""
    for offer in (Invitation, SignUp):
        db.session.execute(sa.delete(offer).where(offer.email == email))
    for table in (LoginSession, Membership, DataExport, UnitMember):
        db.session.execute(sa.delete(table).where(table.user_id == user_id))
    db.session.execute(sa.delete(user_role).where(user_role.c.user_id == user_id))
