"""An account is made when its address is proven: what somebody asked for before that is a row of its own.

Accounts whose address nobody has proven are deleted; one that something refers to stays, without the password that
whoever asked for it has chosen: its owner sets one by a link to the address, which proves it.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

UNPROVEN = """
DO $$
DECLARE person bigint;
BEGIN
    FOR person IN SELECT id FROM "user" WHERE confirmed_at IS NULL LOOP
        BEGIN
            DELETE FROM "user" WHERE id = person;
        EXCEPTION WHEN foreign_key_violation THEN
            UPDATE "user" SET password = NULL, confirmed_at = now() WHERE id = person;
        END;
    END LOOP;
END $$
"""


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "sign_up",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("email", "name", "locale", "time_zone")),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("created_at", instant, server_default=sa.text("crowd_now()"), nullable=False),
        sa.Column("expires_at", instant, nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_sign_up_email_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_up")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_sign_up_token_digest")),
    )
    op.create_index(op.f("ix_sign_up_email"), "sign_up", ["email"])
    quoted = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON sign_up TO {quoted}")  # UPDATE: a row is locked before its end
    op.execute(UNPROVEN)
    op.alter_column("user", "confirmed_at", nullable=False)


def downgrade() -> None:
    op.alter_column("user", "confirmed_at", nullable=True)
    op.drop_table("sign_up")
