"""What the application's role may do in the database, and how that is enforced: the ledger is protected from the
application, too.

The migrations grant; `withdraw` revokes PostgreSQL's default grants, after every migration and every
restore; CHECKS are what `crowd doctor` verifies, as the application's role.
"""

from dataclasses import dataclass

import sqlalchemy as sa

CALLED = (
    "crowd_now",
    "erase_audit_name",
    "lock_ledger_accounts",
    "lock_register_entry",
)  # the functions that the application calls; all others belong to triggers
OF_DATABASE = "REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {role}"
WITHDRAWN = (
    "REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA public FROM PUBLIC",
    "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON ROUTINES FROM PUBLIC",
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC, {role}",
    OF_DATABASE,
)


def withdraw(connection: sa.Connection, role: str) -> None:
    """Revoke from PUBLIC, and from the application's `role`, the rights to create objects or run our trigger functions.

    Runs as the owner of database and tables. A second run changes nothing.
    """
    quote = connection.dialect.identifier_preparer.quote
    database = connection.scalar(sa.text("SELECT current_database()"))
    for statement in WITHDRAWN:
        connection.exec_driver_sql(statement.format(role=quote(role), database=quote(database)))


@dataclass(frozen=True, slots=True)
class Check:
    """A rule about the application's role: `sql`, run as that role, selects one text for each violation."""

    name: str
    sql: str
    fine: str
    advice: str

    def broken(self, connection: sa.Connection) -> list[str]:
        """The violations of the rule; empty where there are none."""
        return list(connection.scalars(sa.text(self.sql), {"called": list(CALLED)} if ":called" in self.sql else {}))


CHECKS = (
    Check(
        "application's role is plain",
        """SELECT word FROM pg_roles, LATERAL (VALUES
               ('SUPERUSER', rolsuper), ('BYPASSRLS', rolbypassrls), ('CREATEROLE', rolcreaterole),
               ('CREATEDB', rolcreatedb), ('REPLICATION', rolreplication)) AS power(word, has)
           WHERE rolname = current_user AND has
           UNION ALL SELECT 'member of ' || roleid::regrole FROM pg_auth_members
           WHERE member = current_user::regrole""",
        "no power of its own, member of no other role",
        "Take these from the role: ALTER ROLE ... NOSUPERUSER NOCREATEROLE NOCREATEDB, REVOKE other_role FROM ...",
    ),
    Check(
        "application's role owns nothing",
        """SELECT pg_describe_object(classid, objid, objsubid) FROM pg_shdepend
           WHERE refclassid = 'pg_authid'::regclass AND refobjid = current_user::regrole AND deptype = 'o'
             AND dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
           ORDER BY 1 LIMIT 10""",
        "neither tables nor functions nor the database",
        "Let another role own them (CROWD_OWNER_DATABASE_URL): REASSIGN OWNED BY ... TO ...",
    ),
    Check(
        "application may not rewrite the books",
        """SELECT word || ' on ' || name
           FROM (VALUES ('public.ledger_account'::regclass), ('public.transfer'), ('public.posting')) AS books(name),
                unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS word
           WHERE CASE WHEN word IN ('UPDATE', 'REFERENCES') THEN has_any_column_privilege(name, word)
                      ELSE has_table_privilege(name, word) END
           UNION ALL SELECT 'INSERT of ' || name || '.' || field
           FROM (VALUES ('public.ledger_account'::regclass, 'balance'), ('public.ledger_account', 'id'),
                        ('public.transfer', 'transaction_id'),
                        ('public.transfer', 'created_at'), ('public.transfer', 'id'), ('public.posting', 'id')
                ) AS decided(name, field)
           WHERE has_column_privilege(name, field, 'INSERT')
           UNION ALL SELECT word || ' on ' || name
           FROM (VALUES ('public.audit_event'::regclass), ('public.reputation_event'), ('public.rule_adoption'),
                        ('public.published_ranking'), ('public.platform_clock'), ('public.alembic_version'),
                        ('public.register_entry'), ('public.register_event'), ('public.register_standing')
                ) AS history(name), unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS word
           WHERE CASE word WHEN 'UPDATE' THEN has_any_column_privilege(name, word)
                           ELSE has_table_privilege(name, word) END""",
        "SELECT and INSERT only",
        "REVOKE these rights from the application's role.",
    ),
    Check(
        "application may not make objects",
        """SELECT word || ' on the database' FROM unnest(ARRAY['CREATE', 'TEMPORARY']) AS word
           WHERE has_database_privilege(current_database(), word)
           UNION ALL SELECT 'CREATE on the schema ' || nspname FROM pg_namespace
           WHERE nspname !~ '^pg_(temp|toast)' AND has_schema_privilege(oid, 'CREATE')""",
        "neither temporary tables nor anything in a schema",
        "As the database's owner: crowd db upgrade withdraws them; else REVOKE them from PUBLIC and from the role.",
    ),
    Check(
        "functions are for whom they were made",
        """SELECT f.oid::regprocedure || ' may be run by ' || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE 'the role' END
           FROM pg_proc AS f, aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) AS a
           WHERE f.pronamespace = 'public'::regnamespace
             AND (a.grantee = 0 OR (a.grantee = current_user::regrole AND f.proname <> ALL (:called)))
           UNION ALL SELECT f.oid::regprocedure || ' cannot be run by the role' FROM pg_proc AS f
           WHERE f.pronamespace = 'public'::regnamespace
             AND f.proname = ANY (:called) AND NOT has_function_privilege(f.oid, 'EXECUTE')""",
        f"the application runs {' and '.join(CALLED)} only",
        "As the database's owner: crowd db upgrade, which withdraws EXECUTE from PUBLIC.",
    ),
    Check(
        "functions are the owner's, with names bound",
        """SELECT f.oid::regprocedure || ' is owned by ' || f.proowner::regrole FROM pg_proc AS f
           WHERE f.pronamespace = 'public'::regnamespace
             AND f.proowner <> (SELECT relowner FROM pg_class WHERE oid = 'public.ledger_account'::regclass)
           UNION ALL SELECT f.oid::regprocedure || ' has no fixed search_path' FROM pg_proc AS f
           WHERE f.pronamespace = 'public'::regnamespace AND f.prosqlbody IS NULL
             AND NOT EXISTS (SELECT FROM unnest(f.proconfig) AS setting WHERE setting LIKE 'search_path=%')""",
        "one owner, a fixed search_path",
        "They are not as the migrations made them. Find out who changed them, and take those of a fresh database.",
    ),
    Check(
        "the ledger's triggers are on",
        """SELECT wanted FROM unnest(ARRAY['ledger_account_guard', 'ledger_account_kept', 'posting_append_only',
               'posting_check', 'posting_apply', 'transfer_append_only', 'transfer_check',
               'transfer_complete']) AS wanted
           WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = wanted AND tgenabled IN ('O', 'A')
               AND tgrelid IN ('public.ledger_account'::regclass, 'public.transfer'::regclass,
                               'public.posting'::regclass))""",
        "all of them",
        "ALTER TABLE ... ENABLE TRIGGER ..., then crowd ledger check (see docs/operations.md, Breaking glass).",
    ),
)
