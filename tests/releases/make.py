"""Make the backup of a platform in mid-life that a release leaves to later ones: `python -m tests.releases.make`.

Run it once when a release is made; the file is never changed afterwards, and `test_releases.py` upgrades it.
"""

import inspect
import io
import tempfile
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crowd import background, clock, schema
from crowd.app import create_app
from crowd.backups import backup
from crowd.db import commit, db
from crowd.embedded.servers import servers
from crowd.feature import declared
from crowd.ledger.models import LedgerAccountKind, OwnerType
from crowd.ledger.payouts import bank_responses
from crowd.ledger.payouts import services as payouts
from crowd.ledger.posting import get_account
from crowd.notifications.models import Notification, OutgoingEmail
from submissions import services as submissions
from tests import factories
from tests.cast import Cast
from tests.conftest import ROLE, settings_for

HERE = Path(__file__).parent


def main() -> None:
    """Write `tests/releases/<version>.tar` from a platform on servers of its own."""
    path = HERE / f"{version('crowd')}.tar"
    with tempfile.TemporaryDirectory() as folder, servers(Path(folder) / "servers", fsync=False) as running:
        engine = sa.create_engine(running.database_url("postgres", "postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE DATABASE release OWNER crowd_owner")
        engine.dispose()
        owner = running.database_url("crowd_owner", "release")
        schema.upgrade(owner, ROLE)
        settings = settings_for(running, Path(folder) / "home", running.database_url(ROLE, "release"))
        app = create_app(replace(settings, owner_database_url=owner))
        with app.app_context():
            values = live(Cast())
            enqueue_every_kind(values)
            backup.create_backup(app.config["CROWD"], path, print)
            db.session.remove()
            db.engine.dispose()


def live(cast: Cast) -> dict[str, Any]:
    """Challenges in every state, sealed files, a batch to be sent, a bank response to be read.

    Returns the arguments of jobs, by the names of their parameters or by the kind of job.
    """
    for make in (factories.screened, factories.approved, factories.funded, factories.closed, factories.judged):
        make(cast)
    challenge = factories.opened(cast)
    proposal = factories.proposal(cast.bo, challenge, submitted=False)
    submissions.attach(cast.bo, proposal.id, stream=io.BytesIO(b"%PDF-1.7\ndrawings\n%%EOF\n"), filename="图纸.pdf")
    submissions.submit(cast.bo, proposal.id)
    factories.proposal(cast.bea, challenge, submitted=False)
    decided = factories.decided(cast, "bo", "bea")
    factories.move_dates(decided, appeals_until=clock.now() - timedelta(minutes=1))
    factories.settled(cast, "bo")
    account = get_account(LedgerAccountKind.PAYABLE, OwnerType.USER, cast.bo.id, "CNY")
    payouts.set_account(
        cast.bo, OwnerType.USER, cast.bo.id, currency="CNY", holder="Bo", bank="ICBC", number="6222 0000 1111 2223"
    )
    payout = payouts.request(cast.bo, account.id, amount=1_000)
    batch = payouts.make_batch(cast.fen, currency="CNY")
    payouts.approve(cast.finn, batch.id)
    text = f"payment,status,amount,currency,reason\nPAYOUT-{payout.id},paid,10.00,CNY,\n"
    uploaded = bank_responses.upload(cast.fen, io.BytesIO(text.encode()), "responses.csv")
    commit()
    return {
        "settlement.settle": decided.id,
        "challenge_id": challenge.id,
        "organisation_id": cast.luoyang.id,
        "batch_id": batch.id,
        "file_id": uploaded.id,
        "mail_id": db.session.scalar(sa.select(sa.func.max(OutgoingEmail.id))) or 0,
        "batch": db.session.scalar(sa.select(sa.func.max(Notification.batch))),
        "arrived_at": clock.now().isoformat(),
    }


def enqueue_every_kind(values: dict[str, Any]) -> None:
    """One ready job of every kind, with arguments by the kind or by the names that its function gives them."""
    declared().load_jobs()
    for name in declared().job_labels:
        wanted = inspect.signature(background.kind(name).function).parameters
        arguments = [values[name]] if name in values else [values[one] for one in wanted]
        background.enqueue(name, *arguments)
    commit()


if __name__ == "__main__":
    main()
