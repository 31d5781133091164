"""The counts of a published challenge: one separate row, changed by one statement that also checks the limit.

`add` is the last statement of an operation before its commit, so that operations on one challenge wait for each other
only for the length of a commit. Counting rows first let 16 proposals into 3 places; this lets in 3.
"""

from typing import cast

import sqlalchemy as sa

from challenges.models import Challenge, ChallengeCount
from challenges.rules import rules_of
from crowd.db import db

_TABLE = cast(sa.Table, ChallengeCount.__table__)
_ID, _BY = sa.bindparam("id", type_=sa.BigInteger), sa.bindparam("by", type_=sa.BigInteger)


def _adding(column: sa.Column[int], limit: sa.Column[int]) -> sa.Update:
    """The statement that adds to a column, unless that would exceed its limit."""
    fits = sa.and_(_TABLE.c.challenge_id == _ID, column + _BY <= limit)
    return sa.update(_TABLE).where(fits).values({column: column + _BY})


_PROPOSALS = _adding(_TABLE.c.proposals, _TABLE.c.proposals_limit)
_REGISTRATIONS = _adding(_TABLE.c.registrations, _TABLE.c.registrations_limit)


def begin(challenge: Challenge) -> None:
    """Create the row, with the limits that apply from the opening on."""
    most = rules_of(challenge).registrations_per_challenge
    values = {"proposals_limit": challenge.proposals_limit, "registrations_limit": most}
    db.session.execute(sa.insert(_TABLE), {"challenge_id": challenge.id, **values})


def set_limits(challenge: Challenge) -> None:
    """The limits that a changed contract has."""
    most = rules_of(challenge).registrations_per_challenge
    values = {"proposals_limit": challenge.proposals_limit, "registrations_limit": most}
    db.session.execute(sa.update(_TABLE).where(_TABLE.c.challenge_id == challenge.id).values(values))


def add_proposal(challenge: Challenge, by: int = 1) -> bool:
    """Count a proposal in (or, with -1, out); False where the challenge is full. Call it last."""
    return _add(_PROPOSALS, challenge, by)


def add_registration(challenge: Challenge, by: int = 1) -> bool:
    """Count a registration in (or, with -1, out); False where the challenge is full. Call it last."""
    return _add(_REGISTRATIONS, challenge, by)


def _add(statement: sa.Update, challenge: Challenge, by: int) -> bool:
    db.session.flush()  # everything else first
    changed = db.session.execute(statement, {"id": challenge.id, "by": by})
    db.session.expire(challenge, ["proposals_count", "registrations_count"])
    return changed.rowcount == 1  # type: ignore[attr-defined]
