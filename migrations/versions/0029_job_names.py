"""Jobs that were renamed keep their rows: what is waiting is done under its new name, and pages know what was done."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

RENAMED = {
    "challenges.jobs.turn": "challenges.jobs.open_and_close_due",
    "challenges.jobs.lapse_unfunded": "challenges.jobs.expire_unfunded",
    "submissions.jobs.tell_participants": "submissions.jobs.notify_participants",
    "scoring.jobs.check_books": "scoring.jobs.check_ledger",
    "crowd.worker.forget": "crowd.site.jobs.prune",
}
JOB = sa.table("job", sa.column("kind"))


def upgrade() -> None:
    op.execute(sa.update(JOB).values(kind=sa.case(RENAMED, value=JOB.c.kind)).where(JOB.c.kind.in_(RENAMED)))


def downgrade() -> None:
    """Back to the names that the code before knows."""
    before = {new: old for old, new in RENAMED.items()}
    op.execute(sa.update(JOB).values(kind=sa.case(before, value=JOB.c.kind)).where(JOB.c.kind.in_(before)))
