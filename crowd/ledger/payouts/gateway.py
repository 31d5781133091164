"""Payout gateways. A gateway accepts a file under a name once, however often it is sent, and returns responses.

`FolderGateway` exchanges files through a folder; `DemonstrationBank` also simulates the bank. Nothing
here is called inside a transaction, and nothing here touches the database.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from flask import current_app
from flask_babel import lazy_gettext as _

from crowd.errors import Conflict
from crowd.ledger.payouts import bank_file

REJECTED_ENDING = "0000"


class PayoutGateway(Protocol):
    """The interface of every gateway."""

    def send(self, name: str, content: bytes) -> None:
        """Send a file under its name; again with the same bytes has no effect, with others it is rejected."""

    def answers(self) -> Iterator[tuple[str, bytes]]:
        """(name, bytes) of the waiting responses, oldest first. Some may come twice."""

    def keep(self, name: str) -> None:
        """Archive a response that was read and stored."""


class FolderGateway:
    """Files out to `<home>/bank/out`, responses from `<home>/bank/in`."""

    def __init__(self, folder: Path) -> None:
        self.out, self.inbox, self.kept = folder / "out", folder / "in", folder / "in" / "read"

    def send(self, name: str, content: bytes) -> None:
        """Write the file whole or not at all. Raises Conflict where another file has its name."""
        self.out.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = self.out / name
        if not target.exists():
            _write_once(target, content)
        if target.read_bytes() != content:
            raise Conflict(
                _("The bank already has a file named %(name)s with other contents. It was not sent again.", name=name)
            )

    def answers(self) -> Iterator[tuple[str, bytes]]:
        """The CSV files in the inbox, by name."""
        if self.inbox.is_dir():
            for path in sorted(self.inbox.glob("*.csv")):
                yield path.name, path.read_bytes()

    def keep(self, name: str) -> None:
        """Move the response aside; it may already have been moved."""
        self.kept.mkdir(parents=True, exist_ok=True, mode=0o700)
        source = self.inbox / Path(name).name
        if source.exists():
            source.replace(self.kept / source.name)


class DemonstrationBank(FolderGateway):
    """A folder with a simulated bank, which pays all accounts except those whose number ends in 0000. For
    demonstrations only.
    """

    def answers(self) -> Iterator[tuple[str, bytes]]:
        """Respond to each file without a response, then return the responses."""
        if self.out.is_dir():
            for path in sorted(self.out.glob("batch-*.csv")):
                name = f"answer-{path.name}"
                if not (self.inbox / name).exists() and not (self.kept / name).exists():
                    self.inbox.mkdir(parents=True, exist_ok=True, mode=0o700)
                    _write_once(self.inbox / name, self._answer(path.read_bytes()))
        return super().answers()

    def _answer(self, content: bytes) -> bytes:
        return bank_file.answers_to(content, lambda account: not account.endswith(REJECTED_ENDING))


def _write_once(target: Path, content: bytes) -> None:
    """Link a finished file into place: of two that write the same name, one wins, and neither leaves half a file."""
    aside = target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        with aside.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(aside, target)
    except FileExistsError:
        pass
    finally:
        aside.unlink(missing_ok=True)


def current() -> PayoutGateway:
    """The gateway of the settings."""
    settings = current_app.config["CROWD"]
    kind = DemonstrationBank if settings.gateway == "demonstration" else FolderGateway
    return kind(settings.data_dir / "bank")
