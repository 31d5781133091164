"""What feeds know of a person, and delete with them."""

import sqlalchemy as sa

from crowd.db import db
from crowd.feature import PersonalData
from crowd.feeds.models import CalendarLink

_LINK = (CalendarLink.created_at, CalendarLink.expires_at, CalendarLink.revoked_at)
PERSONAL_DATA: PersonalData = {
    "calendar_links": lambda user_id: (
        sa.select(*_LINK).where(CalendarLink.user_id == user_id).order_by(CalendarLink.id)
    ),
}


def erase(user_id: int, _email: str) -> None:
    """Delete the links of a person's calendar, which stop working."""
    db.session.execute(sa.delete(CalendarLink).where(CalendarLink.user_id == user_id))
