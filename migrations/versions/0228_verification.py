"""What happened to an entry of a register names the case that decided it; since when an award waits for the verification
of an organisation.
"""

from alembic import op

revision = "0228"
down_revision = "0227"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE register_event ADD COLUMN case_id bigint,
    ADD CONSTRAINT fk_register_event_case_id FOREIGN KEY (case_id) REFERENCES "case" (id);
CREATE INDEX ix_register_event_case_id ON register_event (case_id) WHERE case_id IS NOT NULL;
ALTER TABLE challenge ADD COLUMN unverified_at timestamptz,
    ADD CONSTRAINT ck_challenge_unverified CHECK (unverified_at IS NULL OR state = 'decided');
"""
DOWN = """
ALTER TABLE challenge DROP COLUMN unverified_at;
ALTER TABLE register_event DROP COLUMN case_id;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(UP)


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(DOWN)
