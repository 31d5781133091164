"""Who belonged where and when, and who screened a challenge: what decides who may stand behind a proposal. And that
the council has let an award be paid after a conflict of interest came up.

Periods of membership are written by a trigger, so that no way of changing a membership can leave them out; what is
known of the past comes from the audit trail.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEEP = """
CREATE FUNCTION membership_keep() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_TABLE_SCHEMA <> 'public' OR TG_TABLE_NAME <> 'membership' THEN
        RAISE EXCEPTION 'membership_keep belongs to public.membership alone' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        UPDATE public.membership_period SET ended_at = GREATEST(began_at, public.crowd_now())
            WHERE user_id = OLD.user_id AND organisation_id = OLD.organisation_id AND ended_at IS NULL;
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        INSERT INTO public.membership_period (user_id, organisation_id, began_at)
            VALUES (NEW.user_id, NEW.organisation_id, public.crowd_now());
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION membership_keep() FROM PUBLIC;
CREATE TRIGGER membership_keep AFTER INSERT OR DELETE OR UPDATE OF user_id, organisation_id ON membership
    FOR EACH ROW EXECUTE FUNCTION membership_keep();
"""
PRESENT = """
INSERT INTO membership_period (user_id, organisation_id, began_at)
SELECT user_id, organisation_id, created_at FROM membership ORDER BY id
"""
# An end stands in the audit trail as the member's own act (left) or as an owner's, which names the member (removed).
PAST = """
INSERT INTO membership_period (user_id, organisation_id, began_at, ended_at)
SELECT ended.user_id, o.id, LEAST(ended.at, coalesce(
           (SELECT max(b.at) FROM audit_event b
            WHERE b.subject_type = 'organisation' AND b.subject_id = o.id AND b.actor_id = ended.user_id
              AND b.verb IN ('member.joined', 'organisation.founded') AND b.at <= ended.at), o.created_at)), ended.at
FROM (SELECT CASE verb WHEN 'member.left' THEN actor_id ELSE (facts ->> 'member')::bigint END AS user_id,
             subject_id AS organisation_id, at, id
      FROM audit_event WHERE verb IN ('member.left', 'member.removed') AND subject_type = 'organisation') AS ended
JOIN organisation o ON o.id = ended.organisation_id JOIN "user" u ON u.id = ended.user_id ORDER BY ended.id
"""
SCREENED = """
UPDATE challenge c SET approved_by = e.actor_id
FROM (SELECT DISTINCT ON (subject_id) subject_id, actor_id FROM audit_event
      WHERE verb = 'challenge.approved' AND subject_type = 'challenge' ORDER BY subject_id, id DESC) AS e
JOIN "user" u ON u.id = e.actor_id WHERE e.subject_id = c.id
"""


def upgrade() -> None:
    op.create_table(
        "membership_period",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_membership_period_user_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_membership_period_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_period")),
    )
    for column in ("user_id", "organisation_id"):
        op.create_index(op.f(f"ix_membership_period_{column}"), "membership_period", [column])
    op.create_index(
        "uq_membership_period_open", "membership_period", ["user_id", "organisation_id"], unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    op.add_column("challenge", sa.Column("approved_by", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_challenge_approved_by"), "challenge", "user", ["approved_by"], ["id"])
    op.add_column("award", sa.Column("cleared_by", sa.BigInteger(), nullable=True))
    op.add_column("award", sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("award", sa.Column("cleared_reason", sa.Text(), nullable=True))
    op.create_foreign_key(op.f("fk_award_cleared_by"), "award", "user", ["cleared_by"], ["id"])
    for statement in (KEEP, PRESENT, PAST, SCREENED):  # the trigger first: until the end it holds memberships still
        op.execute(statement)
    quoted = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
    op.execute(f"GRANT SELECT ON membership_period TO {quoted}")


def downgrade() -> None:
    op.execute("DROP FUNCTION membership_keep() CASCADE")
    op.drop_constraint(op.f("fk_award_cleared_by"), "award")
    for column in ("cleared_by", "cleared_at", "cleared_reason"):
        op.drop_column("award", column)
    op.drop_constraint(op.f("fk_challenge_approved_by"), "challenge")
    op.drop_column("challenge", "approved_by")
    op.drop_table("membership_period")
