"""Cases that the platform files, and cases that end with a clock of their package; proposals that are disqualified."""

from alembic import op

revision = "0237"
down_revision = "0234"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE "case" ALTER COLUMN filed_by DROP NOT NULL,
    DROP CONSTRAINT ck_case_casestate,
    ADD CONSTRAINT ck_case_casestate
        CHECK (state IN ('pending', 'granted', 'partly_granted', 'refused', 'withdrawn', 'carried_out', 'lapsed'));
ALTER TABLE case_entry ALTER COLUMN author_id DROP NOT NULL;
ALTER TABLE proposal DROP CONSTRAINT ck_proposal_proposalstate,
    ADD CONSTRAINT ck_proposal_proposalstate
        CHECK (state IN ('draft', 'submitted', 'withdrawn', 'set_aside', 'disqualified'));
"""
DOWN = """
ALTER TABLE proposal DROP CONSTRAINT ck_proposal_proposalstate;
UPDATE proposal SET state = 'withdrawn' WHERE state = 'disqualified';
ALTER TABLE proposal ADD CONSTRAINT ck_proposal_proposalstate
    CHECK (state IN ('draft', 'submitted', 'withdrawn', 'set_aside'));
ALTER TABLE "case" DISABLE TRIGGER case_guard;
ALTER TABLE case_entry DISABLE TRIGGER case_entry_kept;
UPDATE "case" SET state = 'withdrawn' WHERE state IN ('carried_out', 'lapsed');
UPDATE "case" SET filed_by = (SELECT min(id) FROM "user") WHERE filed_by IS NULL;
UPDATE case_entry SET author_id = (SELECT min(id) FROM "user") WHERE author_id IS NULL;
ALTER TABLE case_entry ENABLE TRIGGER case_entry_kept, ALTER COLUMN author_id SET NOT NULL;
ALTER TABLE "case" ENABLE TRIGGER case_guard, ALTER COLUMN filed_by SET NOT NULL,
    DROP CONSTRAINT ck_case_casestate,
    ADD CONSTRAINT ck_case_casestate
        CHECK (state IN ('pending', 'granted', 'partly_granted', 'refused', 'withdrawn'));
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(UP)


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(DOWN)
