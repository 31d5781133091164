"""Jobs that call the payout gateway. No request does this work."""

import hashlib
from collections.abc import Callable
from functools import partial

from crowd.audit import SYSTEM
from crowd.background import job
from crowd.db import after_commit, commit
from crowd.ledger.payouts import bank_file, bank_responses, gateway
from crowd.ledger.payouts.queries import access_batch
from crowd.ledger.payouts.services import mark_sent, ready_to_send


@job("payout_batches.send", outside=True, attempts=12)
def send_batch(batch_id: int) -> Callable[[], object] | None:
    """Send an approved batch to the bank. However often this runs, the bank gets one file of that name."""
    if not ready_to_send(batch_id):
        return None
    batch = access_batch(SYSTEM, batch_id)
    name, content = bank_file.name_of(batch), bank_file.write(batch.payouts)
    digest = hashlib.sha256(content).hexdigest()
    commit()  # no transaction stays open while the bank is called
    gateway.current().send(name, content)
    return lambda: {"batch": mark_sent(SYSTEM, batch_id, digest=digest).id, "digest": digest}


@job("bank_responses.fetch", outside=True)
def fetch_responses() -> Callable[[], object]:
    """Read the bank responses, store them and apply their transfers."""
    bank = gateway.current()
    found = list(bank.answers())
    return lambda: _store(bank, found)


def _store(bank: gateway.PayoutGateway, found: list[tuple[str, bytes]]) -> dict[str, int]:
    counts: dict[str, int] = {"files": len(found), "early": bank_responses.retry_early(SYSTEM)}
    for name, data in found:
        for outcome, number in bank_responses.ingest(SYSTEM, name, data).items():
            counts[outcome] = counts.get(outcome, 0) + number
        after_commit(partial(bank.keep, name))
    return counts


@job("bank_responses.read_file")
def read_upload(file_id: int) -> dict[str, int]:
    """Read a file of responses that finance uploaded."""
    return bank_responses.ingest_upload(SYSTEM, file_id)
