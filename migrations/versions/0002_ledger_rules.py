"""The ledger's rules, kept by the database itself: append-only, balanced, no floor broken, no line added afterwards.

They hold for everybody, the owner included. Repairing books is done by two people with `ALTER TABLE ... DISABLE
TRIGGER` as the owner, as docs/operations.md describes; the application's role cannot do that.
"""

from alembic import context, op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The application may name every column but those that the database decides: ids, balances, instants, transactions.
POT_COLUMNS = "kind, owner_type, owner_id, currency, guarded"
TRANSFER_COLUMNS = (
    "key, move, body_digest, actor_id, actor_name, subject_type, subject_id, challenge_id, reverses_id, note, effective_on"
)
POSTING_COLUMNS = "transfer_id, source_id, target_id, amount, currency"

LOCK = """
CREATE FUNCTION lock_pots(ids bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- Always in the order of ids, so that transfers that cross cannot wait for one another. What has no floor is not
    -- locked: the fee pot would make every award wait for every other.
    PERFORM 1 FROM public.pot WHERE id = ANY (ids) AND guarded ORDER BY id FOR NO KEY UPDATE;
END $$;
"""

REFUSE = """
CREATE FUNCTION ledger_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the books are append-only: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER transfer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER posting_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON posting
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER pot_stays BEFORE DELETE OR TRUNCATE ON pot
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
"""

POTS = """
CREATE FUNCTION pot_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.balance <> 0 THEN
            RAISE EXCEPTION 'a pot begins empty' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    -- Depth 1 is somebody's own UPDATE; the trigger on postings comes in at depth 2.
    IF pg_trigger_depth() < 2 OR (NEW.id, NEW.kind, NEW.owner_type, NEW.owner_id, NEW.currency, NEW.guarded)
            IS DISTINCT FROM (OLD.id, OLD.kind, OLD.owner_type, OLD.owner_id, OLD.currency, OLD.guarded) THEN
        RAISE EXCEPTION 'only a posting moves a balance' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pot_guard BEFORE INSERT OR UPDATE ON pot FOR EACH ROW EXECUTE FUNCTION pot_guard();
"""

POSTINGS = """
CREATE FUNCTION posting_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (SELECT xact FROM public.transfer WHERE id = NEW.transfer_id)
            IS DISTINCT FROM (pg_current_xact_id()::text)::bigint THEN
        RAISE EXCEPTION 'no line is added to transfer %, which is closed', NEW.transfer_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (SELECT count(*) FROM public.pot WHERE id IN (NEW.source_id, NEW.target_id) AND currency = NEW.currency) <> 2 THEN
        RAISE EXCEPTION 'a posting has the currency of both its pots' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER posting_check BEFORE INSERT ON posting FOR EACH ROW EXECUTE FUNCTION posting_check();

CREATE FUNCTION posting_move() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- In the order of ids here too. A pot without a floor keeps no balance: it is the sum of its postings.
    IF NEW.source_id < NEW.target_id THEN
        UPDATE public.pot SET balance = balance - NEW.amount WHERE id = NEW.source_id AND guarded;
        UPDATE public.pot SET balance = balance + NEW.amount WHERE id = NEW.target_id AND guarded;
    ELSE
        UPDATE public.pot SET balance = balance + NEW.amount WHERE id = NEW.target_id AND guarded;
        UPDATE public.pot SET balance = balance - NEW.amount WHERE id = NEW.source_id AND guarded;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER posting_move AFTER INSERT ON posting FOR EACH ROW EXECUTE FUNCTION posting_move();
"""

TRANSFERS = """
CREATE FUNCTION transfer_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.xact <> (pg_current_xact_id()::text)::bigint THEN
        RAISE EXCEPTION 'a transfer belongs to the transaction that writes it' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.reverses_id IS NOT NULL
            AND (SELECT reverses_id FROM public.transfer WHERE id = NEW.reverses_id) IS NOT NULL THEN
        RAISE EXCEPTION 'a reversal is not reversed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER transfer_check BEFORE INSERT ON transfer FOR EACH ROW EXECUTE FUNCTION transfer_check();

CREATE FUNCTION transfer_complete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.posting WHERE transfer_id = NEW.id) THEN
        RAISE EXCEPTION 'transfer % has no posting', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.reverses_id IS NOT NULL AND (
        SELECT array_agg((source_id, target_id, amount, currency)::text ORDER BY source_id, target_id, amount, id)
            FROM public.posting WHERE transfer_id = NEW.id
        ) IS DISTINCT FROM (
        SELECT array_agg((target_id, source_id, amount, currency)::text ORDER BY target_id, source_id, amount, id)
            FROM public.posting WHERE transfer_id = NEW.reverses_id
        ) THEN
        RAISE EXCEPTION 'a reversal swaps the ends of what it reverses' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER transfer_complete AFTER INSERT ON transfer
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION transfer_complete();
"""

FIRST_SCHEDULE = """
INSERT INTO fee_rate (version, kind, points, effective_from, note)
VALUES (1, 'award', 500, '2020-01-01T00:00:00Z', 'The first schedule')
"""
FUNCTIONS = ("ledger_refuse", "pot_guard", "posting_check", "posting_move", "transfer_check", "transfer_complete")


def upgrade() -> None:
    for part in (LOCK, REFUSE, POTS, POSTINGS, TRANSFERS, FIRST_SCHEDULE):
        op.execute(part)
    _grant()


def _grant() -> None:
    """The application reads the books and adds to them; it cannot state a balance or a transaction."""
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
    for table, columns in (("pot", POT_COLUMNS), ("transfer", TRANSFER_COLUMNS), ("posting", POSTING_COLUMNS)):
        op.execute(f"REVOKE ALL ON {table} FROM {role}")
        op.execute(f"GRANT SELECT, INSERT ({columns}) ON {table} TO {role}")
    op.execute("REVOKE ALL ON FUNCTION lock_pots(bigint[]) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION lock_pots(bigint[]) TO {role}")


def downgrade() -> None:
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
    op.execute("DELETE FROM fee_rate WHERE version = 1")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}() CASCADE")
    op.execute("DROP FUNCTION lock_pots(bigint[])")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON pot, transfer, posting TO {role}")
