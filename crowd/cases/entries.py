"""Entries of a case: texts and files that people, or the platform, add to it."""

from typing import IO

from flask_babel import lazy_gettext as _

from crowd import files
from crowd.accounts.models import User
from crowd.audit import Actor, record
from crowd.cases import notifications, policy, queries
from crowd.cases.models import Case, CaseEntry
from crowd.cases.workflow import EntryAudience
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.reasons import limited

Upload = tuple[IO[bytes], str]  # a stream and a name


def add_entry(
    actor: User,
    public_id: str,
    *,
    text: str = "",
    upload: Upload | None = None,
    for_bodies: bool = False,
) -> CaseEntry:
    """Add a text, a file (stream, name) or both to a pending case. What comes with a file from a hidden party is for
    the bodies: a file's name and what it says of its author would give them away.

    Raises NotFound, Forbidden, Invalid, Conflict.
    """
    _access_to_add(actor, public_id, for_bodies)
    return _add_entry(actor, public_id, text.strip(), files.keep(*upload) if upload else None, for_bodies)


def _access_to_add(actor: User, public_id: str, for_bodies: bool, *, lock: bool = False) -> Case:
    case = queries.access(actor, public_id, lock=lock)
    if not policy.can_add(actor, case) or (for_bodies and not policy.is_official(actor, case)):
        raise Forbidden
    return case


@atomic
def _add_entry(actor: User, public_id: str, text: str, kept: files.Kept | None, for_bodies: bool) -> CaseEntry:
    case = _access_to_add(actor, public_id, for_bodies, lock=True)
    if not text and kept is None:
        raise Invalid.at("text", _("Write something, or choose a file."))
    text = limited(text, "text")
    if queries.count_entries(case) >= limits().case_entries:
        raise Conflict(_("This case takes no more entries."))
    entry = attach(actor, case, text, kept, for_bodies)
    record(policy.recorded_as(actor, case), "case.entry_added", case)
    if entry.audience != EntryAudience.BODIES:
        notifications.entry_added(case, entry)
    return entry


def attach(actor: Actor, case: Case, text: str, kept: files.Kept | None, for_bodies: bool = False) -> CaseEntry:
    """The row of an entry; a file from a hidden party is for the bodies."""
    stored = files.refer(actor, kept) if kept else None
    sealed = for_bodies or (stored is not None and policy.is_hidden(actor, case))
    audience = EntryAudience.BODIES if sealed else EntryAudience.PARTIES
    entry = CaseEntry(
        case_id=case.id, author_id=actor.id, audience=audience, text=text, file_id=stored.id if stored else None
    )
    db.session.add(entry)
    db.session.flush()
    return entry


@atomic
def blacken(actor: User, public_id: str, entry_id: int, *, text: str) -> CaseEntry:
    """Show an entry without personal data from now on: `text` in its place, without its file. The trace says who did.

    Raises NotFound, Forbidden, Conflict (done before).
    """
    case = queries.access(actor, public_id, lock=True)
    if not policy.can_blacken(actor, case):
        raise Forbidden
    shown = next((one for one in queries.entries(actor, case) if one.entry.id == entry_id), None)
    if shown is None or shown.instead is not None:
        raise Conflict(_("This entry cannot be blacked out, or was before."))
    text, audience = limited(text, "text"), shown.entry.audience
    row = CaseEntry(case_id=case.id, author_id=actor.id, audience=audience, text=text, blackens=entry_id)
    db.session.add(row)
    record(actor, "case.entry_blackened", case, entry=entry_id)
    return row
