"""Letters about notices know the link that stops them."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail", sa.Column("unsubscribe", sa.Text))


def downgrade() -> None:
    op.drop_column("mail", "unsubscribe")
