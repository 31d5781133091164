"""Approvals: what one person of finance says about money, and who else agreed. A deposit's second person moves there."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KINDS = ("deposit", "allocation", "give_back", "reversal", "bank_file", "bank_answer")
STATES = ("single", "waiting", "approved", "declined")
# Who recorded and who confirmed a deposit, as approvals. Payers' names are not compared for days that are past.
CARRY = """
INSERT INTO approval (kind, subject_id, state, sums, data, requested_by, created_at, decided_by, decided_at)
SELECT 'deposit', id,
       CASE WHEN confirmed_by IS NOT NULL THEN 'approved' WHEN state = 'recorded' THEN 'waiting'
            WHEN state = 'discarded' THEN 'declined' ELSE 'single' END,
       CASE WHEN organisation_id IS NULL THEN '{}'::jsonb
            ELSE jsonb_build_object(currency || ' organisation ' || organisation_id, amount) END,
       '{}'::jsonb, recorded_by, created_at, coalesce(confirmed_by, CASE WHEN state = 'discarded' THEN recorded_by END),
       coalesce(confirmed_at, CASE WHEN state = 'discarded' THEN created_at END)
FROM deposit ORDER BY id
"""
BACK = """
UPDATE deposit SET confirmed_by = decided_by, confirmed_at = decided_at
FROM approval WHERE approval.kind = 'deposit' AND subject_id = deposit.id AND approval.state = 'approved'
"""


def upgrade() -> None:
    op.create_table(
        "approval",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", _enum("approvalkind", KINDS), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("state", _enum("approvalstate", STATES), nullable=False),
        sa.Column("sums", postgresql.JSONB(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("requested_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("crowd_now()"), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'approved' OR (decided_by IS NOT NULL AND decided_by <> requested_by)",
            name=op.f("ck_approval_two_people"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NOT NULL) = (state IN ('approved', 'declined'))", name=op.f("ck_approval_decided")
        ),
        sa.ForeignKeyConstraint(["requested_by"], ["user.id"], name=op.f("fk_approval_requested_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["user.id"], name=op.f("fk_approval_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index("uq_approval_waiting", "approval", ["kind", "subject_id"], unique=True, postgresql_where=waiting)
    for columns in (["kind", "subject_id"], ["kind", "created_at"], ["state", "id"]):
        op.create_index(op.f(f"ix_approval_{'_'.join(columns)}"), "approval", columns)
    op.execute(CARRY)
    op.drop_constraint(op.f("ck_deposit_two_people"), "deposit")
    op.drop_column("deposit", "confirmed_by")
    op.drop_column("deposit", "confirmed_at")
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
    op.execute(f"GRANT SELECT, INSERT, UPDATE (state, decided_by, decided_at) ON approval TO {role}")


def _enum(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def downgrade() -> None:
    op.add_column("deposit", sa.Column("confirmed_by", sa.BigInteger(), nullable=True))
    op.add_column("deposit", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(op.f("fk_deposit_confirmed_by"), "deposit", "user", ["confirmed_by"], ["id"])
    op.execute(BACK)
    op.create_check_constraint(
        op.f("ck_deposit_two_people"), "deposit", "confirmed_by IS NULL OR confirmed_by <> recorded_by"
    )
    op.drop_table("approval")
