"""Jobs that were renamed keep their rows: what is waiting is done under its new name, and pages know what was done."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

RENAMED = {
    "crowd.notifications.jobs.mail_notices": "notifications.email",
    "crowd.notifications.jobs.send_mail": "emails.send",
    "crowd.ledger.jobs.read_answers": "bank_responses.fetch",
    "crowd.ledger.jobs.read_upload": "bank_responses.read_file",
    "crowd.ledger.jobs.send_batch": "payout_batches.send",
    "crowd.worker.forget": "platform.prune",
    "challenges.jobs.reindex_organisation": "search.reindex_organisation",
    "challenges.jobs.reindex_outdated": "search.reindex_outdated",
    "challenges.jobs.archive_listed": "external_records.archive",
    "challenges.jobs.close_one": "challenges.close",
    "challenges.jobs.lapse_unfunded": "funding.expire",
    "challenges.jobs.open_one": "challenges.open",
    "challenges.jobs.turn": "challenges.open_and_close_due",
    "submissions.jobs.remind_drafts": "proposals.remind_drafts",
    "submissions.jobs.tell_one_entry": "registrations.notify_one_entry",
    "scoring.jobs.check_books": "ledger_checks.run",
    "scoring.jobs.decision_overdue": "decisions.notify_overdue",
    "scoring.jobs.find_overdue": "decisions.find_overdue",
    "scoring.jobs.form_panel": "panels.form",
    "scoring.jobs.remind_reviewers": "reviews.remind",
    "scoring.jobs.settle_due": "settlement.settle_due",
    "scoring.jobs.settle": "settlement.settle",
    "scoring.jobs.replace_conflicted": "reviews.replace_conflicted",
}
JOB = sa.table("job", sa.column("kind"))
# The job that took what happened as its second argument is two.
SPLIT = """
UPDATE job SET kind = 'registrations.notify_' || (args->>1), args = jsonb_build_array(args->0)
WHERE kind = 'submissions.jobs.tell_participants'
"""
JOINED = """
UPDATE job SET kind = 'submissions.jobs.tell_participants',
               args = args || to_jsonb(replace(kind, 'registrations.notify_', ''))
WHERE kind IN ('registrations.notify_closed', 'registrations.notify_cancelled')
"""


def upgrade() -> None:
    op.execute(SPLIT)
    op.execute(sa.update(JOB).values(kind=sa.case(RENAMED, value=JOB.c.kind)).where(JOB.c.kind.in_(RENAMED)))


def downgrade() -> None:
    """Back to the names that the code before knows."""
    op.execute(JOINED)
    before = {new: old for old, new in RENAMED.items()}
    op.execute(sa.update(JOB).values(kind=sa.case(before, value=JOB.c.kind)).where(JOB.c.kind.in_(before)))
