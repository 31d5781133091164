"""One entry for an agency in a challenge.

Where several of its people are registered, the entry is the one with an award, else with a submitted proposal, else with
the oldest proposal, else the oldest registration; the others go on personally. A job tells all of them. What was promised
stays: an award of a proposal that goes on personally after the close is the agency's as before, by a share.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

RANKED = """
CREATE TEMPORARY TABLE agency_entry ON COMMIT DROP AS
SELECT r.id AS registration_id, r.challenge_id, r.organisation_id, r.user_id, p.id AS proposal_id,
       row_number() OVER (
           PARTITION BY r.challenge_id, r.organisation_id
           ORDER BY a.id IS NULL, p.state IS DISTINCT FROM 'submitted', p.id NULLS LAST, r.id) AS rank
FROM registration r
LEFT JOIN proposal p ON p.challenge_id = r.challenge_id AND p.user_id = r.user_id
LEFT JOIN award a ON a.proposal_id = p.id
WHERE r.organisation_id IS NOT NULL
"""
JOBS = """
INSERT INTO job (kind, args, dedup_key, challenge_id, state, attempts)
SELECT 'submissions.jobs.tell_one_entry',
       jsonb_build_array(challenge_id, organisation_id, max(user_id) FILTER (WHERE rank = 1),
                         jsonb_agg(user_id ORDER BY rank) FILTER (WHERE rank > 1)),
       'one_entry:' || challenge_id || ':' || organisation_id, challenge_id, 'ready', 0
FROM agency_entry GROUP BY challenge_id, organisation_id HAVING count(*) > 1
"""
PROMISED = """
INSERT INTO share (proposal_id, organisation_id, points, agreed_at)
SELECT p.id, p.organisation_id, 10000, p.finalised_at
FROM agency_entry e JOIN proposal p ON p.id = e.proposal_id JOIN challenge c ON c.id = p.challenge_id
WHERE e.rank > 1 AND p.state = 'submitted' AND c.closed_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM share s WHERE s.proposal_id = p.id)
"""
# A draft that people have divided was theirs to the last part: the agency's empty line goes with the agency.
EMPTY = """
DELETE FROM share s USING agency_entry e
WHERE e.rank > 1 AND s.proposal_id = e.proposal_id AND s.organisation_id IS NOT NULL AND s.points = 0
"""
PERSONAL = (
    "UPDATE registration r SET organisation_id = NULL FROM agency_entry e WHERE e.rank > 1 AND r.id = e.registration_id",
    "UPDATE proposal p SET organisation_id = NULL FROM agency_entry e WHERE e.rank > 1 AND p.id = e.proposal_id",
)


def upgrade() -> None:
    op.execute("LOCK TABLE registration, proposal IN SHARE ROW EXCLUSIVE MODE")
    for statement in (RANKED, JOBS, PROMISED, EMPTY, *PERSONAL):
        op.execute(statement)
    for table in ("registration", "proposal"):
        name = op.f(f"uq_{table}_challenge_id_organisation_id")
        op.create_unique_constraint(name, table, ["challenge_id", "organisation_id"])
    op.create_index(op.f("ix_registration_organisation_id"), "registration", ["organisation_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_registration_organisation_id"), "registration")
    for table in ("registration", "proposal"):
        op.drop_constraint(op.f(f"uq_{table}_challenge_id_organisation_id"), table)
