"""What each rendered form has done, so that it acts once."""

import sqlalchemy as sa
from alembic import context, op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sent_form",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("location", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("crowd_now()"), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sent_form")),
    )
    op.create_index(op.f("ix_sent_form_created_at"), "sent_form", ["created_at"])
    quoted = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON sent_form TO {quoted}")


def downgrade() -> None:
    op.drop_table("sent_form")
