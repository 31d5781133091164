"""Mark the passwords that hang on CROWD_SECRET; new ones do not, and a sign-in replaces a marked one."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""UPDATE "user" SET password = '{hmac}' || password WHERE password LIKE '$argon2%'""")


def downgrade() -> None:
    """Passwords that were set meanwhile fit the older code no more: their people set new ones by a link."""
    op.execute("""UPDATE "user" SET password = NULL WHERE password LIKE '$argon2%'""")
    op.execute("""UPDATE "user" SET password = substr(password, 7) WHERE password LIKE '{hmac}%'""")
