"""What challenges know of a person."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from challenges.models import Challenge

_WRITTEN = (Challenge.id, Challenge.title, Challenge.state, Challenge.created_at, Challenge.published_at)
PERSONAL_DATA: Mapping[str, Callable[[int], Any]] = {
    "challenges_written": lambda user_id: (
        sa.select(*_WRITTEN).where(Challenge.created_by == user_id).order_by(Challenge.id)
    ),
    "challenges_screened": lambda user_id: (
        sa.select(*_WRITTEN).where(Challenge.approved_by == user_id).order_by(Challenge.id)
    ),
}
