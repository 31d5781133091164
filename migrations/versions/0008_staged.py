"""A grand challenge is called staged. What challenges have named besides stays as it is: nothing goes by it yet."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

RENAMED = """
WITH renamed AS (UPDATE challenge SET type = 'staged' WHERE type = 'grand' RETURNING id)
INSERT INTO audit_event (actor_name, verb, subject_type, subject_id, challenge_id, facts)
SELECT 'Crowd', 'challenge.type_renamed', 'challenge', id, id, '{"from": "grand", "to": "staged"}' FROM renamed
"""


def upgrade() -> None:
    op.drop_constraint(op.f("ck_challenge_type"), "challenge", type_="check")
    op.execute(RENAMED)
    op.create_check_constraint(op.f("ck_challenge_type"), "challenge", "type IN ('prize', 'tender', 'ideation', 'staged')")
