"""How the statements of each bank account are read is kept for the next file."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "statement_layout",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("day_first", sa.Boolean(), nullable=True),
        sa.Column("columns", postgresql.JSONB(), nullable=False),
        sa.Column("kept_by", sa.BigInteger(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["kept_by"], ["user.id"], name=op.f("fk_statement_layout_kept_by")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_statement_layout")),
    )
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON statement_layout TO {role}")


def downgrade() -> None:
    op.drop_table("statement_layout")
