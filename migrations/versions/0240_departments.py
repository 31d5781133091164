"""Steps of departments in joint cases; no row is changed."""

from alembic import op

revision = "0240"
down_revision = "0238"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE case_step ADD COLUMN organisation_id bigint;
ALTER TABLE case_step ADD CONSTRAINT fk_case_step_organisation_id FOREIGN KEY (organisation_id)
    REFERENCES organisation (id);
ALTER TABLE case_step ADD CONSTRAINT ck_case_step_department
    CHECK ((body = 'department') = (organisation_id IS NOT NULL));
CREATE INDEX ix_case_step_organisation_id_state ON case_step (organisation_id, state)
    WHERE organisation_id IS NOT NULL;
"""
DOWN = "ALTER TABLE case_step DROP COLUMN organisation_id;"


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
