"""Two stored words: "tie" means an equal rank, and an email of notifications has that kind."""

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
KIND = "UPDATE outgoing_email SET kind = '{new}' WHERE kind = '{old}'"


def upgrade() -> None:
    op.execute(LEFT_OUT.format(old="tie", new="declared"))
    op.execute(KIND.format(old="notice", new="notification"))


def downgrade() -> None:
    op.execute(LEFT_OUT.format(old="declared", new="tie"))
    op.execute(KIND.format(old="notification", new="notice"))
