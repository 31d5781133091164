"""The progress of a payout or a batch: each step with who did it and when, as far as the reader may know."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import pgettext

from crowd.audit import Actor
from crowd.ledger.models import OwnerType
from crowd.ledger.payouts.models import Payout, PayoutBatch
from crowd.ledger.policy import can_view_person
from crowd.ledger.workflow import BatchState, PayoutState
from crowd.web.labels import state_label

People = Mapping[tuple[OwnerType, int], str]
Step = tuple[str, datetime | None, str]  # a step, when it was done (None: not yet), and by whom


@dataclass(frozen=True, slots=True)
class PayoutStep:
    """One step: `status` is done, now (what is waited for) or next; `detail` is who did it, as far as the reader may
    know.
    """

    label: str
    at: datetime | None
    detail: str
    status: str


def payout_steps(
    actor: Actor | None, payout: Payout, people: People, cancelled_at: datetime | None = None
) -> list[PayoutStep]:
    """From the request to the bank response, or to its cancellation."""
    asked = (
        pgettext("step", "Request"),
        payout.created_at,
        _who(actor, payout.requested_by, people, _organisation_of(payout)),
    )
    if payout.state == PayoutState.CANCELLED:
        return [*_steps([asked]), PayoutStep(_("Cancelled"), cancelled_at, "", "now")]
    steps = [asked, *_through_finance(pgettext("step", "Batch"), actor, payout.batch, people)]
    if payout.state == PayoutState.RETURNED:
        return [*_steps(steps), PayoutStep(_("Returned by the bank"), payout.bank_responded_at, "", "now")]
    answer = _("Paid") if payout.state == PayoutState.PAID else _("Bank response")
    return _steps([*steps, (answer, payout.bank_responded_at, "")])


def batch_steps(actor: Actor | None, batch: PayoutBatch, people: People) -> list[PayoutStep]:
    """From the creation of a batch to the last bank response."""
    steps = _through_finance(pgettext("step", "Batch created"), actor, batch, people)
    if batch.state == BatchState.CANCELLED:
        return [*_steps(steps[:1]), PayoutStep(_("Cancelled"), batch.cancelled_at, "", "now")]
    return _steps([*steps, (_("Bank responses"), batch.settled_at, _("all received"))])


def _through_finance(made: str, actor: Actor | None, batch: PayoutBatch | None, people: People) -> list[Step]:
    labels = (made, pgettext("step", "Approval"), pgettext("step", "To the bank"))
    if batch is None:
        return [(label, None, "") for label in labels]
    return [
        (labels[0], batch.created_at, _finance(actor, batch.created_by, people)),
        (labels[1], batch.approved_at, _finance(actor, batch.approved_by, people)),
        (labels[2], batch.sent_at, _("automatic")),
    ]


def _steps(known: list[Step]) -> list[PayoutStep]:
    """Steps with a time are done; the first without one is current."""
    reached = next((position for position, (_label, at, _who) in enumerate(known) if at is None), len(known))
    return [
        PayoutStep(label, at, who if at else "", _status(position, reached))
        for position, (label, at, who) in enumerate(known)
    ]


def _status(position: int, reached: int) -> str:
    return "done" if position < reached else "now" if position == reached else "next"


def _organisation_of(payout: Payout) -> int | None:
    return payout.owner_id if payout.owner_type == OwnerType.ORGANISATION else None


def _who(actor: Actor | None, person: int | None, people: People, organisation_id: int | None) -> str:
    if person is None or not can_view_person(actor, person, organisation_id):
        return ""
    return people.get((OwnerType.USER, person), "")


def _finance(actor: Actor | None, person: int | None, people: People) -> str:
    """A person of finance: by name for overseers of the ledger, else by their role."""
    return "" if person is None else _who(actor, person, people, None) or state_label("finance", "platform_role")
