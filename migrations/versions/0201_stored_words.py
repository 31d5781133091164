"""Stored words: "tie" means an equal rank; kinds of emails and notifications, and keys of results, have new names."""

from alembic import op

revision = "0201"
down_revision = "0200"
branch_labels = None
depends_on = None

LEFT_OUT = """
    UPDATE panel
    SET data = jsonb_set(data #- '{{left_out,{old}}}', '{{left_out,{new}}}', data #> '{{left_out,{old}}}')
    WHERE data #> '{{left_out,{old}}}' IS NOT NULL
"""
EMAIL = "UPDATE outgoing_email SET kind = '{new}' WHERE kind = '{old}'"
NOTIFICATION = "UPDATE notification SET kind = '{new}' WHERE kind = '{old}'"
RESULT = """
    UPDATE job SET result = result - '{old}' || jsonb_build_object('{new}', result -> '{old}')
    WHERE jsonb_typeof(result) = 'object' AND jsonb_exists(result, '{old}')
"""
KINDS = {"challenges.sent_back": "challenges.returned", "challenges.lapsed": "challenges.funding_expired"}
RESULTS = {"told": "notified", "letters": "emails", "forgotten": "runs"}


def upgrade() -> None:
    op.execute(LEFT_OUT.format(old="tie", new="declared"))
    op.execute(EMAIL.format(old="notice", new="notification"))
    for old, new in KINDS.items():
        op.execute(NOTIFICATION.format(old=old, new=new))
    for old, new in RESULTS.items():
        op.execute(RESULT.format(old=old, new=new))


def downgrade() -> None:
    op.execute(LEFT_OUT.format(old="declared", new="tie"))
    op.execute(EMAIL.format(old="notification", new="notice"))
    for old, new in KINDS.items():
        op.execute(NOTIFICATION.format(old=new, new=old))
    for old, new in RESULTS.items():
        op.execute(RESULT.format(old=new, new=old))
