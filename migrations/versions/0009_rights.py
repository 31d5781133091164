"""Functions of ours work for their own table only, name everything in full, and are for whom they were made.

A trigger function that runs with its owner's rights moved a balance for any table on which it was put, a temporary one
included, and every role could put it there. What PUBLIC loses beside that (EXECUTE, TEMPORARY, CREATE) is withdrawn after
every migration and every restore, by `crowd.rights`.
"""

from alembic import context, op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Bound when it is made, not when it runs: no table or operator of the same name can come in between.
CLOCK = """
CREATE OR REPLACE FUNCTION public.crowd_now() RETURNS timestamptz LANGUAGE sql VOLATILE
    RETURN (SELECT pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) behind FROM public.platform_clock);
"""
OLD_CLOCK = """
CREATE OR REPLACE FUNCTION public.crowd_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    $$ SELECT clock_timestamp() + behind FROM platform_clock $$;
"""
# The tables whose triggers these are; a function without a table here is called, or refuses whatever it is put on.
TABLES = {
    "pot_guard": "pot",
    "posting_check": "posting",
    "posting_move": "posting",
    "transfer_check": "transfer",
    "transfer_complete": "transfer",
}
FUNCTIONS = ("lock_pots(bigint[])", "ledger_refuse()", *(f"{name}()" for name in TABLES))
OWN_TABLE = """BEGIN
    IF TG_RELID <> 'public.{table}'::regclass THEN
        RAISE EXCEPTION '% belongs to the table {table}', TG_NAME USING ERRCODE = 'restrict_violation';
    END IF;
"""


def upgrade() -> None:
    op.execute(CLOCK)
    for name in FUNCTIONS:
        # Without the schema public: what is in it is named in full. pg_temp last, where it would else be first.
        op.execute(f"ALTER FUNCTION public.{name} SET search_path = pg_catalog, pg_temp")
    for name, table in TABLES.items():
        _rewrite(name, "BEGIN\n", OWN_TABLE.format(table=table))
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
    op.execute(f"GRANT EXECUTE ON FUNCTION public.crowd_now() TO {role}")


def _rewrite(name: str, before: str, after: str) -> None:
    """Replace the beginning of a function's body, whose text the database has."""
    bind = op.get_bind()
    whole = bind.exec_driver_sql(f"SELECT pg_get_functiondef('public.{name}()'::regprocedure)").scalar_one()
    assert before in whole, name
    bind.exec_driver_sql(whole.replace(before, after, 1).replace("%", "%%"))


def downgrade() -> None:
    op.execute(OLD_CLOCK)
    for name, table in TABLES.items():
        _rewrite(name, OWN_TABLE.format(table=table), "BEGIN\n")
    for name in FUNCTIONS:
        op.execute(f"ALTER FUNCTION public.{name} SET search_path = pg_catalog, public, pg_temp")
