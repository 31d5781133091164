"""The stage of a challenge is a term; free terms keep how they were written."""

from alembic import op

revision = "0214"
down_revision = "0213"
branch_labels = None
depends_on = None

# A passage from one number to the next becomes the stage where it starts, as the list of stages says.
UP = """
ALTER TABLE free_term ADD COLUMN spellings text[] DEFAULT '{}' NOT NULL;
UPDATE free_term SET spellings = ARRAY[name];
ALTER TABLE challenge ADD COLUMN stage_id bigint;
ALTER TABLE challenge ADD CONSTRAINT fk_challenge_stage_id FOREIGN KEY (stage_id) REFERENCES term (id);
UPDATE challenge SET stage_id = t.id
    FROM (VALUES ('0-1', '0'), ('1-10', '1'), ('10-100', '10')) AS passage (word, code)
    JOIN term AS t ON t.scheme = 'stage' AND t.code = passage.code
    WHERE challenge.stage = passage.word;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE challenge DROP COLUMN stage;
CREATE INDEX ix_challenge_stage_id ON challenge (stage_id);
"""
DOWN = """
ALTER TABLE challenge ADD COLUMN stage varchar(24)
    CONSTRAINT ck_challenge_stage CHECK (stage IN ('0-1', '1-10', '10-100'));
UPDATE challenge SET stage = passage.word
    FROM (VALUES ('0-1', '0'), ('1-10', '1'), ('10-100', '10')) AS passage (word, code)
    JOIN term AS t ON t.scheme = 'stage' AND t.code = passage.code
    WHERE challenge.stage_id = t.id;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE challenge DROP COLUMN stage_id;
ALTER TABLE free_term DROP COLUMN spellings;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(UP)


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(DOWN)
