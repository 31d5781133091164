"""The history of a challenge for its pages: what, when, by whom, why, and with which result."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from challenges import queries
from challenges.models import Challenge
from challenges.questions import PANEL_PAGE
from crowd.audit import AuditEvent
from crowd.errors import Sentence
from crowd.ledger.owners import steps_in
from crowd.ledger.questions import ESCROW_PAGE, RESULTS_PAGE
from crowd.web.audit_page import action_label
from crowd.web.labels import state_label

CHANGES = frozenset(
    {"contract.amended", "challenge.payment_held", "challenge.payment_released"}
)  # they do not change the state
PUBLIC = frozenset(
    f"challenge.{action}"
    for action in (
        "funded", "opened", "closed", "overdue", "silent", "decided", "not_awarded", "reopened", "settled", "cancelled",
        "import_created", "import_updated", "archived",
    )
) | CHANGES  # fmt: skip
INSIDE = frozenset(
    f"challenge.{action}" for action in ("created", "submitted", "withdrawn", "returned", "approved", "funding_expired")
)
WITHIN_THE_CENTRE = frozenset({"screening.handed_over"})  # with a note for colleagues, in no history
BY_THE_CENTRE = frozenset({"challenge.approved", "challenge.returned"})
IN_ITS_PLACE = frozenset(
    {
        "challenge.decided",
        "challenge.not_awarded",
        "challenge.cancelled",
        "challenge.payment_held",
        "challenge.payment_released",
    }
)  # what others may do where the sponsor does not act
TRANSFERS = (ESCROW_PAGE, _l("See the transfers"))
RESULTS = (RESULTS_PAGE, _l("See the results"))
MADE: dict[
    str, tuple[Callable[[], str], Sentence]
] = {  # what an operation created: the page that shows it, and the words of a link
    "challenge.funded": TRANSFERS,
    "contract.amended": (lambda: "contracts.show", _l("The contract")),
    "panel.formed": (PANEL_PAGE, _l("The panel")),
    "challenge.decided": RESULTS,
    "challenge.not_awarded": RESULTS,
    "challenge.reopened": RESULTS,
    "challenge.payment_held": RESULTS,
    "challenge.payment_released": RESULTS,
    "challenge.settled": TRANSFERS,
}
WHY: dict[str, Sentence] = {  # automatic operations have one reason
    "challenge.funding_expired": _l("The money had not arrived by its date."),
    "challenge.opened": _l("The money was in escrow, and the opening date had come."),
    "challenge.closed": _l("The closing date had come."),
    "panel.formed": _l("Reviewers of the field without a conflict of interest were chosen after the close."),
    "challenge.overdue": _l(
        "The date for the decision had passed: the sponsor, the service centre and the council were notified."
    ),
    "challenge.silent": _l("The last date for the decision had passed, and the platform carried out the contract."),
    "challenge.reopened": _l("The council had upheld an appeal: the awards are decided again."),
    "challenge.settled": _l("The appeal period had ended."),
}


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One entry: `organ` is who did it, for all readers; `person` the name, for internal readers.

    `made` is the page that shows the result, and the words of its link.
    """

    action: str
    at: datetime
    organ: str
    person: str = ""
    reason: str = ""
    result: Any = ""
    made: tuple[Callable[[], str], Sentence] | None = None

    @property
    def label(self) -> str:
        """What was done."""
        return action_label(self.action)

    @property
    def who(self) -> str:
        """Who did it, as far as the reader may know."""
        if not self.person:
            return self.organ
        return _("%(person)s, %(organ)s", person=self.person, organ=self.organ)


def history_entries(challenge: Challenge, *, inside: bool) -> list[HistoryEntry]:
    """Everything that happened to the challenge itself, in order, as far as the reader may know it."""
    events = [event for event in queries.events_of(challenge) if _is_shown(event.action, inside)]
    found = [*_entries(challenge, events, inside), *_panel(challenge)]
    return sorted(found, key=attrgetter("at"))


def _is_shown(action: str, inside: bool) -> bool:
    return action not in WITHIN_THE_CENTRE and (inside or action in PUBLIC)


def last_transition(challenge: Challenge, *, inside: bool) -> HistoryEntry | None:
    """The operation that led to the present state; None where the reader may not know it."""
    event = queries.last_event(challenge, (PUBLIC | INSIDE if inside else PUBLIC) - CHANGES)
    return next(iter(_entries(challenge, [event], inside)), None) if event else None


def _entries(challenge: Challenge, events: Iterable[AuditEvent], inside: bool) -> list[HistoryEntry]:
    return [
        HistoryEntry(
            event.action,
            event.at,
            _organ(challenge, event),
            person=event.actor_name if inside and event.actor_id else "",
            reason=str(event.data.get("reason") or WHY.get(event.action, "")),
            result=_result(event.action, event.data),
            made=MADE.get(event.action) or (TRANSFERS if event.data.get("refunded") else None),
        )
        for event in events
    ]


def _panel(challenge: Challenge) -> list[HistoryEntry]:
    """The panel has an event of its own; that it was formed, and when, is part of the challenge's history for
    everybody.
    """
    at = challenge.panel_formed_at
    if at is None:
        return []
    return [
        HistoryEntry("panel.formed", at, _("the platform"), reason=str(WHY["panel.formed"]), made=MADE["panel.formed"])
    ]


def _organ(challenge: Challenge, event: AuditEvent) -> str:
    """Who acted, without a name: the platform, one of its roles, or the sponsor."""
    if event.actor_id is None:
        return _("the platform")
    role = "service_centre" if event.action in BY_THE_CENTRE else None
    if event.action in IN_ITS_PLACE:
        role = steps_in(event.actor_id, challenge.organisation_id)
    return state_label(role, "platform_role") if role else str(challenge.organisation.name)


def _result(action: str, facts: dict[str, object]) -> Sentence:
    if action == "challenge.funded" and facts.get("amount"):
        return facts["amount"]
    if action == "challenge.closed":
        return ngettext("%(num)s proposal", "%(num)s proposals", facts.get("proposals") or 0)
    if action == "challenge.silent":
        return facts["consequence"]
    if action == "challenge.cancelled" and facts.get("refunded"):
        return _("The money in escrow went back to the sponsor.")
    return ""
