"""A kind of ledger account that nothing ever opened, "subsidy", is no longer one."""

from alembic import op

revision = "0202"
down_revision = "0201"
branch_labels = None
depends_on = None

NAME = "ck_ledger_account_ledgeraccountkind"
KINDS = "'bank', 'sponsor', 'escrow', 'payable', 'held', 'fee', 'suspense'"


def upgrade() -> None:
    _allow(KINDS)


def downgrade() -> None:
    _allow(f"{KINDS}, 'subsidy'")


def _allow(kinds: str) -> None:
    op.execute(f"ALTER TABLE ledger_account DROP CONSTRAINT {NAME}, ADD CONSTRAINT {NAME} CHECK (kind IN ({kinds}))")
