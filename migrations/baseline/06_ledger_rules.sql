-- The ledger's rules, kept by the database itself: append-only, balanced, no floor broken, no line added afterwards.
--
-- They hold for everybody, the owner included. Two people repair the ledger with ALTER TABLE ... DISABLE TRIGGER as the
-- owner, as docs/operations.md describes; the application's role cannot. The application names every column but those
-- that the database decides: ids, balances, instants, transactions. Each trigger function works for its own table only
-- and names everything in full: one that runs with its owner's rights must not serve another table.

CREATE FUNCTION lock_ledger_accounts(ids bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Always in the order of ids, so that transfers that cross cannot wait for one another. What has no floor is not
    -- locked: the fee account would make every award wait for every other.
    PERFORM 1 FROM public.ledger_account WHERE id = ANY (ids) AND has_floor ORDER BY id FOR NO KEY UPDATE;
END $$;
REVOKE ALL ON FUNCTION lock_ledger_accounts(bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lock_ledger_accounts(bigint[]) TO :"app_role";

CREATE FUNCTION ledger_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER transfer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER posting_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON posting
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_account_kept BEFORE DELETE OR TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE FUNCTION ledger_account_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_RELID <> 'public.ledger_account'::regclass THEN
        RAISE EXCEPTION '% belongs to the table ledger_account', TG_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.balance <> 0 THEN
            RAISE EXCEPTION 'an account begins empty' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    -- Depth 1 is somebody's own UPDATE; the trigger on postings comes in at depth 2.
    IF pg_trigger_depth() < 2 OR (NEW.id, NEW.kind, NEW.owner_type, NEW.owner_id, NEW.currency, NEW.has_floor)
            IS DISTINCT FROM (OLD.id, OLD.kind, OLD.owner_type, OLD.owner_id, OLD.currency, OLD.has_floor) THEN
        RAISE EXCEPTION 'only a posting changes a balance' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_account_guard BEFORE INSERT OR UPDATE ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_account_guard();

CREATE FUNCTION posting_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_RELID <> 'public.posting'::regclass THEN
        RAISE EXCEPTION '% belongs to the table posting', TG_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    IF (SELECT transaction_id FROM public.transfer WHERE id = NEW.transfer_id)
            IS DISTINCT FROM (pg_current_xact_id()::text)::bigint THEN
        RAISE EXCEPTION 'no line is added to transfer %, which is closed', NEW.transfer_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (SELECT count(*) FROM public.ledger_account
            WHERE id IN (NEW.source_id, NEW.target_id) AND currency = NEW.currency) <> 2 THEN
        RAISE EXCEPTION 'a posting has the currency of both its accounts' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER posting_check BEFORE INSERT ON posting FOR EACH ROW EXECUTE FUNCTION posting_check();

CREATE FUNCTION posting_apply() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_RELID <> 'public.posting'::regclass THEN
        RAISE EXCEPTION '% belongs to the table posting', TG_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    -- In the order of ids here too. An account without a floor stores no balance: it is the sum of its postings.
    IF NEW.source_id < NEW.target_id THEN
        UPDATE public.ledger_account SET balance = balance - NEW.amount WHERE id = NEW.source_id AND has_floor;
        UPDATE public.ledger_account SET balance = balance + NEW.amount WHERE id = NEW.target_id AND has_floor;
    ELSE
        UPDATE public.ledger_account SET balance = balance + NEW.amount WHERE id = NEW.target_id AND has_floor;
        UPDATE public.ledger_account SET balance = balance - NEW.amount WHERE id = NEW.source_id AND has_floor;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER posting_apply AFTER INSERT ON posting FOR EACH ROW EXECUTE FUNCTION posting_apply();

CREATE FUNCTION transfer_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_RELID <> 'public.transfer'::regclass THEN
        RAISE EXCEPTION '% belongs to the table transfer', TG_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.transaction_id <> (pg_current_xact_id()::text)::bigint THEN
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
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_RELID <> 'public.transfer'::regclass THEN
        RAISE EXCEPTION '% belongs to the table transfer', TG_NAME USING ERRCODE = 'restrict_violation';
    END IF;
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
