"""What following knows of a person, and deletes with them."""

import sqlalchemy as sa

from crowd.db import db
from crowd.feature import PersonalData
from crowd.following.models import Follow

_FOLLOWED = (Follow.subject_type, Follow.subject_id, Follow.created_at)
PERSONAL_DATA: PersonalData = {
    "follows": lambda user_id: sa.select(*_FOLLOWED).where(Follow.user_id == user_id).order_by(Follow.created_at),
}


def erase(user_id: int, _email: str) -> None:
    """Delete what a person follows."""
    db.session.execute(sa.delete(Follow).where(Follow.user_id == user_id))
