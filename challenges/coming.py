"""What is to come in a challenge, with who does it and by when; and where nothing is, why."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from challenges.models import Challenge
from challenges.progress import ORDER
from challenges.schedule import decision_by, grace_seconds, reviews_by
from challenges.workflow import State


@dataclass(frozen=True, slots=True)
class Next:
    """What is to come, by whom and by when (None: no date); `planned`: the date follows from others and may move."""

    what: str
    who: str
    by: datetime | None = None
    planned: bool = False


def coming(challenge: Challenge, now: datetime) -> list[Next]:
    """What is still to come, in its order; nothing where the way has ended."""
    if challenge.state == State.LISTED:
        return [Next(_("The record is archived when its dates have run out."), _("the platform"), challenge.closes_at)]
    if challenge.state not in ORDER:
        return []
    here = ORDER.index(challenge.state)
    return [one for state, tell in _AHEAD if ORDER.index(state) >= here and (one := tell(challenge, now))]


def next_of(challenge: Challenge, now: datetime) -> Next | None:
    """The first thing that is to come; None where nothing more does."""
    return next(iter(coming(challenge, now)), None)


def _send(challenge: Challenge, now: datetime) -> Next:
    return Next(_("The draft is completed and sent to screening."), challenge.organisation.name)


def _screen(challenge: Challenge, now: datetime) -> Next:
    return Next(_("The challenge is approved, or sent back with remarks."), _("the service centre"))


def _fund(challenge: Challenge, now: datetime) -> Next:
    what = _("Prizes and fee are paid in. Without the money the challenge becomes a draft again.")
    return Next(what, challenge.organisation.name, challenge.fund_by)


def _open(challenge: Challenge, now: datetime) -> Next:
    what = (
        _("It opens by itself.") if challenge.opens_at else _("It opens by itself as soon as the money is in escrow.")
    )
    return Next(what, _("the platform"), challenge.opens_at, planned=challenge.state != State.FUNDED)


def _close(challenge: Challenge, now: datetime) -> Next:
    if challenge.state == State.OPEN and challenge.closes_at and challenge.closes_at <= now:
        what = _("The closing date has passed. What had arrived by then is still being taken in. Then it closes by"
                 " itself; only then can proposals be opened.")  # fmt: skip
        return Next(what, _("the platform"), challenge.to_close_at)
    what = _("Proposals come in. What has arrived by the closing date counts, also where taking it in lasts up to"
             " %(seconds)s seconds longer. Then it closes by itself; nobody can open a proposal before.",
             seconds=grace_seconds(challenge))  # fmt: skip
    return Next(what, _("the platform"), challenge.closes_at, planned=challenge.state != State.OPEN)


def _review(challenge: Challenge, now: datetime) -> Next | None:
    closed = challenge.state == State.JUDGING
    if closed and challenge.proposals_count == 0:
        return None  # nothing came in: there is nothing to review
    if closed and challenge.panel_formed_at is None:
        return Next(_("The panel is chosen from the experts of the field who have no ties; it takes a moment."),
                    _("the platform"))  # fmt: skip
    due = reviews_due(challenge)
    if closed and due and due < now:
        return None  # all are in, or the decision does not wait for the last ones any more
    return Next(_("The panel reviews the proposals."), _("the panel"), due, planned=not closed)


def _decide(challenge: Challenge, now: datetime) -> Next:
    closed, due, sponsor = challenge.state == State.JUDGING, decision_due(challenge), challenge.organisation.name
    if closed and due and due < now:
        what = _("The decision is overdue: the service centre or the council may now take it in the sponsor's place.")
        return Next(what, _("%(sponsor)s, the service centre or the council", sponsor=sponsor), due)
    if closed and challenge.proposals_count == 0:
        return Next(_("No proposal came in: it is closed without an award."), sponsor, due)
    what = _("The awards are decided and published with their reasons. If the sponsor lets the date pass, the service "
             "centre or the council may decide.")  # fmt: skip
    return Next(what, sponsor, due, planned=not closed)


def _appeal(challenge: Challenge, now: datetime) -> Next | None:
    decided, until = challenge.state == State.DECIDED, appeals_until(challenge)
    what = _("Whoever took part may appeal; the prizes stay in escrow for so long.")
    return Next(what, _("those who took part"), until, planned=not decided)


def _settle(challenge: Challenge, now: datetime) -> Next | None:
    if challenge.state == State.SETTLED:
        return None
    what = _("Then the awards are paid out of escrow by themselves; what was not awarded goes back to the sponsor.")
    return Next(what, _("the platform"), appeals_until(challenge), planned=challenge.state != State.DECIDED)


_AHEAD = (
    (State.DRAFT, _send), (State.SCREENING, _screen), (State.APPROVED, _fund), (State.FUNDED, _open),
    (State.OPEN, _close), (State.JUDGING, _review), (State.JUDGING, _decide), (State.DECIDED, _appeal),
    (State.DECIDED, _settle),
)  # fmt: skip


def reviews_due(challenge: Challenge) -> datetime | None:
    """When the reviews are due; before the close, when they would be."""
    return challenge.reviews_due_at or (challenge.closes_at and reviews_by(challenge.closes_at))


def decision_due(challenge: Challenge) -> datetime | None:
    """When the decision is due, or would be."""
    reviewed = reviews_due(challenge)
    return challenge.decide_by or (reviewed and decision_by(reviewed))


def appeals_until(challenge: Challenge) -> datetime | None:
    """When the time to appeal ends, or would where the decision is taken on its last day."""
    decided = decision_due(challenge)
    return challenge.appeals_until or (decided and decided + challenge.appeal_window)


def ended(challenge: Challenge) -> str:
    """Why nothing more comes; empty where something does."""
    if challenge.state == State.SETTLED:
        return _("Nothing more: the money has left escrow, awards to the winners and the rest to the sponsor.")
    if challenge.state == State.CANCELLED and challenge.funded_at:
        return _("Nothing more: all money in escrow went back to the sponsor.")
    if challenge.state == State.CANCELLED:
        return _("Nothing more: it was cancelled before any money was in escrow.")
    if challenge.state == State.ARCHIVED:
        return _("Nothing more here: the dates of the record have run out. The other platform tells what came of it.")
    return ""
