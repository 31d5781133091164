"""Attachments that no version of a contract names may be deleted; all others stay as they are."""

from alembic import context, op

revision = "0225"
down_revision = "0224"
branch_labels = None
depends_on = None

UP = """
GRANT DELETE ON attachment TO :"app_role";
DROP TRIGGER attachment_kept ON attachment;
CREATE TRIGGER attachment_kept BEFORE UPDATE OR TRUNCATE ON attachment
    FOR EACH STATEMENT EXECUTE FUNCTION contract_refuse();
CREATE FUNCTION attachment_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.contract_version version JOIN public.contract ON contract.id = version.contract_id
        WHERE contract.kind = 'challenge' AND contract.subject_id = OLD.challenge_id
            AND version.data -> 'attachments' @> jsonb_build_array(jsonb_build_object('id', OLD.public_id))
    ) THEN
        RAISE EXCEPTION 'a version of the contract names this attachment: % is refused', TG_OP;
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER attachment_guard BEFORE DELETE ON attachment
    FOR EACH ROW EXECUTE FUNCTION attachment_guard();
"""
DOWN = """
DROP TRIGGER attachment_guard ON attachment;
DROP FUNCTION attachment_guard();
DROP TRIGGER attachment_kept ON attachment;
CREATE TRIGGER attachment_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON attachment
    FOR EACH STATEMENT EXECUTE FUNCTION contract_refuse();
REVOKE DELETE ON attachment FROM :"app_role";
"""


def _run(sql: str) -> None:
    bind = op.get_bind()
    role = bind.dialect.identifier_preparer.quote(context.config.attributes["app_role"])
    bind.connection.cursor().execute(sql.replace(':"app_role"', role))


def upgrade() -> None:
    _run(UP)


def downgrade() -> None:
    _run(DOWN)
