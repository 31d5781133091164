"""The stage of a challenge is a term; free terms keep how they were written; organisations are listed by name; units of the
operator can be closed.
"""

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
CREATE INDEX ix_organisation_listed ON organisation (name, id) WHERE origin IS NULL AND closed_at IS NULL;
CREATE INDEX ix_organisation_listed_kind ON organisation (kind, name, id) WHERE origin IS NULL AND closed_at IS NULL;
UPDATE organisation SET region_id = t.id
    FROM (VALUES ('HK', '810000'), ('MO', '820000'), ('TW', '710000')) AS place (country, code)
    JOIN term AS t ON t.scheme = 'region' AND t.code = place.code
    WHERE organisation.country = place.country AND organisation.region_id IS NULL;
ALTER TABLE operator_unit ADD COLUMN closed_at timestamptz, DROP CONSTRAINT uq_operator_unit_region_id;
CREATE UNIQUE INDEX uq_operator_unit_open ON operator_unit (region_id) WHERE closed_at IS NULL;
CREATE INDEX ix_operator_unit_region_id ON operator_unit (region_id);
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
DROP INDEX ix_organisation_listed, ix_organisation_listed_kind, ix_operator_unit_region_id, uq_operator_unit_open;
UPDATE hand_over SET unit_id = NULL WHERE unit_id IN (SELECT id FROM operator_unit WHERE closed_at IS NOT NULL);
DELETE FROM operator_unit WHERE closed_at IS NOT NULL;
ALTER TABLE operator_unit DROP COLUMN closed_at, ADD CONSTRAINT uq_operator_unit_region_id UNIQUE (region_id);
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(UP)


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(DOWN)
