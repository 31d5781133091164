"""Roles in an organisation: also manager and finance. Kinds of organisations: also institute, university and park."""

from alembic import op

revision = "0205"
down_revision = "0203"
branch_labels = None
depends_on = None

ROLES = {"membership": "ck_membership_memberrole", "invitation": "ck_invitation_memberrole"}
KIND = "ck_organisation_organisationkind"
NEW_KINDS = "'institute', 'university', 'park'"
KINDS = "'enterprise', 'agency', 'institute', 'university', 'government', 'park'"


def upgrade() -> None:
    for table, name in ROLES.items():
        _allow(table, name, "role", "'owner', 'manager', 'finance', 'member'")
    _allow("organisation", KIND, "kind", KINDS)


def downgrade() -> None:
    """A manager or a person of finance becomes a member; an organisation of a new kind an enterprise."""
    for table, name in ROLES.items():
        op.execute(f"UPDATE {table} SET role = 'member' WHERE role IN ('manager', 'finance')")
        _allow(table, name, "role", "'owner', 'member'")
    op.execute(f"UPDATE organisation SET kind = 'enterprise' WHERE kind IN ({NEW_KINDS})")
    _allow("organisation", KIND, "kind", "'enterprise', 'agency', 'government'")


def _allow(table: str, name: str, column: str, words: str) -> None:
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} CHECK ({column} IN ({words}))")
