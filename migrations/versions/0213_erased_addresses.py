"""The email addresses of a deleted account leave the audit trail, too; only agencies have a kind of agency."""

from alembic import op

revision = "0213"
down_revision = "0211"
branch_labels = None
depends_on = None

# The application calls it before it replaces the address in the account, so nobody can name another one. Earlier
# addresses are those that the account's own changes name; one that belongs to somebody else by now stays.
UP = r"""
CREATE OR REPLACE FUNCTION erase_audit_name(person bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    address text;
    pattern text;
BEGIN
    IF NOT EXISTS (
        SELECT FROM public."user" WHERE id = person AND NOT active AND password IS NULL AND name = 'Erased person'
    ) THEN
        RETURN;
    END IF;
    UPDATE public.audit_event SET actor_name = 'Erased person'
        WHERE actor_id = person AND actor_name <> 'Erased person';
    FOR address IN
        SELECT email FROM public."user" WHERE id = person
        UNION
        SELECT e.data ->> key FROM public.audit_event e, unnest(ARRAY['before', 'after']) key
            WHERE e.action = 'email.changed' AND e.subject_type = 'user' AND e.subject_id = person
                AND NOT EXISTS (SELECT FROM public."user" u WHERE u.email = e.data ->> key AND u.id <> person)
    LOOP
        CONTINUE WHEN address IS NULL OR address LIKE 'erased-%@crowd.invalid';
        address := btrim(to_json(address)::text, '"');
        pattern := regexp_replace(address, '([^[:alnum:]])', '\\\1', 'g');
        pattern := '((?<![A-Za-z0-9._%+-])|(?<=\\[bfnrt]))' || pattern || '(?![A-Za-z0-9-]|\.[A-Za-z0-9])';
        UPDATE public.audit_event
            SET data = regexp_replace(data::text, pattern, 'erased-' || person || '@crowd.invalid', 'gi')::jsonb
            WHERE strpos(lower(data::text), lower(address)) > 0;
    END LOOP;
END $$;
UPDATE organisation SET agency_kind_id = NULL WHERE agency_kind_id IS NOT NULL AND kind <> 'agency';
"""
DOWN = """
CREATE OR REPLACE FUNCTION erase_audit_name(person bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.audit_event SET actor_name = 'Erased person'
        WHERE actor_id = person AND actor_name <> 'Erased person' AND EXISTS (
            SELECT FROM public."user" WHERE id = person AND NOT active AND password IS NULL AND name = 'Erased person'
        );
END $$;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(UP)


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(DOWN)
