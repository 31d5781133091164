"""Since when a challenge that is paid waits to open until its organisation is verified again."""

from alembic import op

revision = "0238"
down_revision = "0237"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE challenge DROP CONSTRAINT ck_challenge_unverified,
    ADD CONSTRAINT ck_challenge_unverified CHECK (unverified_at IS NULL OR state IN ('funded', 'decided'));
"""
DOWN = """
UPDATE challenge SET unverified_at = NULL WHERE state = 'funded';
ALTER TABLE challenge DROP CONSTRAINT ck_challenge_unverified,
    ADD CONSTRAINT ck_challenge_unverified CHECK (unverified_at IS NULL OR state = 'decided');
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(UP)


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(DOWN)
