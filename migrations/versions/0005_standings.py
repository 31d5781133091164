"""What pages of results and of people read as rows: published places, and what points and decisions add up to."""

import sqlalchemy as sa
from alembic import context, op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ANSWERED = "awarded + placed > 0"
STANDINGS = """
INSERT INTO standing (user_id, organisation_id, points, solving, reviewing, awarded, placed, reviewed, decided)
SELECT user_id, organisation_id, sum(points),
       coalesce(sum(points) FILTER (WHERE kind IN ('awarded', 'placed')), 0),
       coalesce(sum(points) FILTER (WHERE kind = 'reviewed'), 0),
       count(*) FILTER (WHERE kind = 'awarded'), count(*) FILTER (WHERE kind = 'placed'),
       count(*) FILTER (WHERE kind = 'reviewed'), count(*) FILTER (WHERE kind = 'decided')
FROM reputation_event GROUP BY user_id, organisation_id ORDER BY min(id)
"""
# As `scoring.ranking.rank` has it: means to a millionth, equal means share a rank.
PLACES = """
INSERT INTO published_place (challenge_id, proposal_id, rank, mean, low, high, reviews)
SELECT challenge_id, id, CASE WHEN mean IS NOT NULL THEN
           rank() OVER (PARTITION BY challenge_id ORDER BY mean DESC NULLS LAST) END, mean, low, high, reviews
FROM (SELECT p.challenge_id, p.id, p.finalised_at, round(avg(r.total)::numeric, 6)::double precision AS mean,
             min(r.total) AS low, max(r.total) AS high, count(r.id) AS reviews
      FROM proposal p JOIN challenge c ON c.id = p.challenge_id
      LEFT JOIN assignment a ON a.proposal_id = p.id AND a.state = 'done'
      LEFT JOIN review r ON r.assignment_id = a.id AND r.submitted_at IS NOT NULL
      WHERE p.state = 'submitted' AND c.state IN ('decided', 'settled') GROUP BY p.id) AS means
ORDER BY challenge_id, mean DESC NULLS LAST, finalised_at, id
"""


TOTALS = """
INSERT INTO result_total (currency, decisions, awarded, paid)
SELECT c.currency, count(DISTINCT c.id), coalesce(sum(a.amount), 0),
       coalesce(sum(a.amount) FILTER (WHERE a.state = 'posted'), 0)
FROM challenge c LEFT JOIN award a ON a.challenge_id = c.id
WHERE c.state IN ('decided', 'settled') GROUP BY c.currency
"""


def upgrade() -> None:
    _create_standing()
    _create_published_place()
    op.create_table(
        "result_total",
        sa.Column("currency", sa.String(length=3), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("decisions", "awarded", "paid")),
        sa.PrimaryKeyConstraint("currency", name=op.f("pk_result_total")),
    )
    op.create_index("ix_user_expertise", "user", ["expertise"], postgresql_using="gin")
    op.execute(STANDINGS)
    op.execute(PLACES)
    op.execute(TOTALS)
    _grant()


def _create_standing() -> None:
    op.create_table(
        "standing",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("points", "solving", "reviewing", "awarded", "placed", "reviewed", "decided")
        ),
        sa.CheckConstraint("(user_id IS NULL) <> (organisation_id IS NULL)", name=op.f("ck_standing_one_party")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_standing_user_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_standing_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing")),
        sa.UniqueConstraint("user_id", name=op.f("uq_standing_user_id")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_standing_organisation_id")),
    )
    for name, column, where in (
        ("solvers", "solving", f"user_id > 0 AND {ANSWERED}"),
        ("agencies", "solving", f"organisation_id > 0 AND {ANSWERED}"),
        ("reviewers", "reviewing", "reviewed > 0"),
    ):
        op.create_index(f"ix_standing_{name}", "standing", [column, "id"], postgresql_where=sa.text(where))


def _create_published_place() -> None:
    op.create_table(
        "published_place",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("challenge_id", sa.BigInteger(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=True),
        *(sa.Column(name, sa.Double(), nullable=True) for name in ("mean", "low", "high")),
        sa.Column("reviews", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_published_place_challenge_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_published_place_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_place")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_published_place_proposal_id")),
    )
    op.create_index(op.f("ix_published_place_challenge_id_rank_id"), "published_place", ["challenge_id", "rank", "id"])


def _grant() -> None:
    """The application adds to standings and totals; a published place is never changed."""
    role = context.config.attributes["app_role"]
    quoted = op.get_bind().dialect.identifier_preparer.quote(role)
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON standing, result_total TO {quoted}")
    op.execute(f"GRANT SELECT, INSERT ON published_place TO {quoted}")


def downgrade() -> None:
    op.drop_index("ix_user_expertise", "user")
    op.drop_table("result_total")
    op.drop_table("published_place")
    op.drop_table("standing")
