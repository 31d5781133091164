"""Who ever had a share in a proposal, and from when to when: who was named could read the sealed draft.

Periods are written by a trigger, so that no way of changing a share can leave them out; what is known of the past comes
from the audit trail, which names everybody each time that the shares were set.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

KEEP = """
CREATE FUNCTION share_keep() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_TABLE_SCHEMA <> 'public' OR TG_TABLE_NAME <> 'share' THEN
        RAISE EXCEPTION 'share_keep belongs to public.share alone' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        UPDATE public.share_period SET ended_at = GREATEST(began_at, public.crowd_now())
            WHERE proposal_id = OLD.proposal_id AND ended_at IS NULL
              AND user_id IS NOT DISTINCT FROM OLD.user_id
              AND organisation_id IS NOT DISTINCT FROM OLD.organisation_id;
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        INSERT INTO public.share_period (proposal_id, user_id, organisation_id, began_at)
            VALUES (NEW.proposal_id, NEW.user_id, NEW.organisation_id, public.crowd_now());
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION share_keep() FROM PUBLIC;
CREATE TRIGGER share_keep AFTER INSERT OR DELETE OR UPDATE OF proposal_id, user_id, organisation_id ON share
    FOR EACH ROW EXECUTE FUNCTION share_keep();
"""
# Each setting of the shares names all people with one, until the next setting or until they refuse.
PAST = """
INSERT INTO share_period (proposal_id, user_id, began_at, ended_at)
SELECT named.proposal_id, named.user_id, named.at,
       LEAST(named.next, (SELECT min(r.at) FROM audit_event r
                          WHERE r.subject_type = 'proposal' AND r.subject_id = named.proposal_id
                            AND r.verb = 'share.refused' AND r.actor_id = named.user_id
                            AND r.at >= named.at AND (named.next IS NULL OR r.at <= named.next)))
FROM (SELECT e.id, e.subject_id AS proposal_id, part.key::bigint AS user_id, e.at, e.next
      FROM (SELECT id, subject_id, at, facts, lead(at) OVER (PARTITION BY subject_id ORDER BY id) AS next
            FROM audit_event WHERE verb = 'shares.set' AND subject_type = 'proposal') AS e,
           jsonb_each(e.facts -> 'shares') AS part) AS named
JOIN proposal p ON p.id = named.proposal_id JOIN "user" u ON u.id = named.user_id ORDER BY named.id, named.user_id
"""
# A share that stands goes on, whatever the trail says of it.
GOING_ON = """
UPDATE share_period SET ended_at = NULL
WHERE id IN (SELECT max(k.id) FROM share_period k
             JOIN share s ON s.proposal_id = k.proposal_id AND s.user_id = k.user_id GROUP BY s.id)
"""
PRESENT = """
INSERT INTO share_period (proposal_id, user_id, organisation_id, began_at)
SELECT s.proposal_id, s.user_id, s.organisation_id, p.created_at FROM share s JOIN proposal p ON p.id = s.proposal_id
WHERE NOT EXISTS (SELECT FROM share_period k WHERE k.proposal_id = s.proposal_id AND k.user_id = s.user_id)
ORDER BY s.id
"""


def upgrade() -> None:
    op.create_table(
        "share_period",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(user_id IS NULL) <> (organisation_id IS NULL)", name=op.f("ck_share_period_one_party")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_share_period_proposal_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_share_period_user_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_share_period_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_period")),
    )
    for column in ("proposal_id", "user_id", "organisation_id"):
        op.create_index(op.f(f"ix_share_period_{column}"), "share_period", [column])
    for statement in (KEEP, PAST, GOING_ON, PRESENT):  # the trigger first: until the end it holds shares still
        op.execute(statement)
    quoted = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
    op.execute(f"GRANT SELECT ON share_period TO {quoted}")


def downgrade() -> None:
    op.execute("DROP FUNCTION share_keep() CASCADE")
    op.drop_table("share_period")
