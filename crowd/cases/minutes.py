"""The minutes of the council's vote: its office adds them once the case is decided, and everybody reads them."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from crowd.accounts.models import User
from crowd.audit import record
from crowd.cases import policy, queries
from crowd.cases.models import Case, CaseEntry
from crowd.cases.workflow import EntryAudience
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden
from crowd.reasons import required


@atomic
def add(actor: User, public_id: str, *, text: str) -> CaseEntry:
    """Add the minutes. Raises NotFound, Forbidden, Invalid, Conflict."""
    case = queries.access(actor, public_id, lock=True)
    if not policy.can_add_minutes(actor, case):
        raise Forbidden
    if queries.count_entries(case) >= limits().case_entries:
        raise Conflict(_("This case takes no more entries."))
    text = required(text, "text")
    entry = CaseEntry(case_id=case.id, author_id=actor.id, audience=EntryAudience.EVERYBODY, text=text)
    db.session.add(entry)
    record(actor, "case.minutes_added", case)
    return entry


def of_case(case: Case) -> list[str]:
    """The minutes of a case: without personal data where somebody took that out."""
    rows = db.session.scalars(sa.select(CaseEntry).where(CaseEntry.case_id == case.id).order_by(CaseEntry.id)).all()
    instead = {row.blackens: row for row in rows if row.blackens}
    kept = [row for row in rows if row.audience == EntryAudience.EVERYBODY and not row.blackens]
    return [text for row in kept if (text := instead.get(row.id, row).text)]
