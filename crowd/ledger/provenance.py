"""Provenance of transfers: the audit trail events that led to a transfer, and who acted for whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from crowd.audit import Actor, AuditEvent
from crowd.db import db
from crowd.ledger import owners
from crowd.ledger.models import OwnerType, Transfer
from crowd.ledger.payouts.models import Payout
from crowd.ledger.policy import can_view_person
from crowd.ledger.transfers import KINDS
from crowd.web.labels import state_label
from crowd.web.request_locale import platform_name

LABELS = {action: label for about in KINDS.values() for action, label in about.acts.items()}


@dataclass(frozen=True, slots=True)
class Act:
    """One action. `organ` is the body acted for: the sponsor, finance, ...; `organisation_id`, where it is one.

    Without a `person_id` it was the platform itself.
    """

    event_id: int
    action: str
    at: datetime
    person_id: int | None
    person: str
    organ: str
    organisation_id: int | None

    @property
    def label(self) -> str:
        return str(LABELS[self.action])

    @property
    def body(self) -> str:
        """The body acted for, as everybody may know it."""
        if self.person_id is None:
            return _("%(platform)s (automatic)", platform=platform_name())
        return self.organ

    def who(self, actor: Actor | None) -> str:
        """Who did it, as this reader may know it: the person and the body, or only the body."""
        if self.person_id is None or not can_view_person(actor, self.person_id, self.organisation_id):
            return self.body
        return self.person if self.organ in ("", self.person) else f"{self.person} · {self.organ}"


Key = tuple[str, str, int]  # action, and the type and id of its subject


def acts_behind(transfers: Sequence[Transfer]) -> dict[int, list[Act]]:
    """The actions that led to each of these transfers, by its id, in order."""
    payouts = _payouts(transfers)
    sponsors = owners.sponsors({row.challenge_id for row in transfers if row.challenge_id is not None})
    keys = {row.id: _keys(row, payouts) for row in transfers}
    events = _events({key for wanted in keys.values() for key in wanted})
    payees = [(payout.owner_type, payout.owner_id) for payout in payouts.values()]
    names = owners.names([*payees, *((OwnerType.ORGANISATION, sponsor) for sponsor in sponsors.values())])
    acts: dict[int, Act] = {}
    for row in transfers:
        payout = payouts.get(row.subject_id) if row.subject_type == "payout" else None
        payee = (payout.owner_type, payout.owner_id) if payout else None
        for event in (events[key] for key in keys[row.id] if key in events):
            if event.id not in acts:
                acts[event.id] = _act(event, sponsors.get(row.challenge_id or 0), payee, names)
    found = {number: (acts[events[key].id] for key in wanted if key in events) for number, wanted in keys.items()}
    return {number: sorted(those, key=lambda act: act.event_id) for number, those in found.items()}


def _payouts(transfers: Iterable[Transfer]) -> dict[int, Payout]:
    ids = {row.subject_id for row in transfers if row.subject_type == "payout"}
    if not ids:
        return {}
    return {row.id: row for row in db.session.scalars(sa.select(Payout).where(Payout.id.in_(ids)))}


def _keys(transfer: Transfer, payouts: dict[int, Payout]) -> list[Key]:
    acts = KINDS[transfer.kind].acts if transfer.kind in KINDS else ()
    subjects = subjects_of(transfer, payouts)
    return [(action, *subjects[word]) for action in acts if (word := action.partition(".")[0]) in subjects]


def subjects_of(transfer: Transfer, payouts: dict[int, Payout]) -> dict[str, tuple[str, int]]:
    """(table, id) of everything that a transfer is about, by the first word of the actions that are recorded of it.

    That is its subject, its challenge, the transfer that it reverses, and the batch of its payout.
    """
    found = {transfer.subject_type: (transfer.subject_type, transfer.subject_id)}
    if transfer.challenge_id is not None:
        found["challenge"] = ("challenge", transfer.challenge_id)
    if transfer.reverses_id is not None:
        found["transfer"] = ("transfer", transfer.reverses_id)
    payout = payouts.get(transfer.subject_id) if transfer.subject_type == "payout" else None
    if payout is not None and payout.batch_id is not None:
        found["batch"] = ("payout_batch", payout.batch_id)
    return found


def _events(keys: Iterable[Key]) -> dict[Key, AuditEvent]:
    """The latest event of each kind, in one statement."""
    wanted = sorted(keys)
    if not wanted:
        return {}
    columns = (AuditEvent.action, AuditEvent.subject_type, AuditEvent.subject_id)
    query = sa.select(AuditEvent).where(
        sa.tuple_(*columns[1:]).in_({key[1:] for key in wanted}), AuditEvent.action.in_({key[0] for key in wanted})
    )
    rows = db.session.scalars(query.order_by(AuditEvent.id))
    return {(row.action, row.subject_type, row.subject_id): row for row in rows if row.subject_id is not None}


def _act(event: AuditEvent, sponsor_id: int | None, payee: owners.Key | None, names: dict[owners.Key, str]) -> Act:
    kind = event.action.partition(".")[0]
    organ, organisation_id = state_label("finance", "platform_role"), None
    if kind == "payout" and payee is not None:
        organ, organisation_id = names.get(payee, ""), payee[1] if payee[0] == OwnerType.ORGANISATION else None
    if kind == "challenge" and sponsor_id is not None:
        role = owners.steps_in(event.actor_id, sponsor_id) if event.actor_id is not None else None
        organ = state_label(role, "platform_role") if role else names.get((OwnerType.ORGANISATION, sponsor_id), "")
        organisation_id = None if role else sponsor_id
    return Act(event.id, event.action, event.at, event.actor_id, event.actor_name, organ, organisation_id)
