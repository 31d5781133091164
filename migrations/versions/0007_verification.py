"""What an organisation shows to be verified: its registration number, a contact and documents."""

import sqlalchemy as sa
from alembic import context, op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("registration_number", "register"):
        op.add_column("organisation", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.create_index(
        "uq_organisation_registration", "organisation", ["country", "register", "registration_number"], unique=True,
        postgresql_where=sa.text("verified_at IS NOT NULL AND registration_number <> ''"),
    )
    op.create_table(
        "organisation_contact",
        sa.Column("organisation_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_organisation_contact_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_organisation_contact"),
    )
    op.create_table(
        "organisation_document",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger, nullable=False),
        sa.Column("file_id", sa.BigInteger, nullable=False),
        sa.Column("uploaded_by", sa.BigInteger, nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("crowd_now()")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_organisation_document_organisation_id"
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name="fk_organisation_document_file_id"),
        sa.ForeignKeyConstraint(["uploaded_by"], ["user.id"], name="fk_organisation_document_uploaded_by"),
        sa.PrimaryKeyConstraint("id", name="pk_organisation_document"),
        sa.UniqueConstraint("organisation_id", "file_id", name="uq_organisation_document_organisation_id_file_id"),
    )
    op.create_index("ix_organisation_document_file_id", "organisation_document", ["file_id"])
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON organisation_contact TO {role}")
    op.execute(f"GRANT SELECT, INSERT, DELETE ON organisation_document TO {role}")


def downgrade() -> None:
    op.drop_table("organisation_document")
    op.drop_table("organisation_contact")
    op.drop_index("uq_organisation_registration", table_name="organisation")
    for name in ("register", "registration_number"):
        op.drop_column("organisation", name)
