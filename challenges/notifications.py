"""Notifications about a challenge, to its sponsor's people and the service centre.

Participants are known in an upper package, which subscribes to the events of challenges to notify them.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from challenges import next_steps, queries
from challenges.models import Challenge
from challenges.rounds import Round, among
from challenges.screening import queries as screening
from crowd import clock
from crowd.accounts.models import User
from crowd.accounts.organisations.rights import Right
from crowd.languages import LANGUAGES
from crowd.notifications.emails import in_locale
from crowd.notifications.kinds import FOLLOWING, NotificationKinds, path_to
from crowd.notifications.services import notify
from crowd.values import Value, moment, money, named, person

KINDS = NotificationKinds()
define = KINDS.define
ASKED = define(
    "challenges.screening_asked",
    _l("To screen: %(title)s"),
    _l("%(organisation)s has submitted a challenge with prizes of %(prizes)s for screening."),
)
HANDED_OVER = define(
    "challenges.screening_handed_over",
    _l("The screening was handed over: %(title)s"),
    _l("%(person)s has handed the screening of this challenge over to you. Note: %(reason)s"),
)
TAKEN_OVER = define(
    "challenges.screening_taken_over",
    _l("Another person screens: %(title)s"),
    _l("%(person)s has taken over the screening of this challenge, which you had."),
)
ASSIGNED = define(
    "challenges.screening_assigned",
    _l("You are asked to screen: %(title)s"),
    _l("%(person)s asks you to screen this challenge."),
)
SENT_BACK = define(
    "challenges.returned",
    _l("Returned: %(title)s"),
    _l("The service centre has returned the challenge to you as a draft. Its remarks: %(reason)s"),
)
APPROVED = define(
    "challenges.approved",
    _l("Approved: %(title)s"),
    _l("Please pay %(cost)s with the reference %(reference)s by %(funding_due_at)s."),
)
LAPSED = define(
    "challenges.funding_expired",
    _l("Not paid in time: %(title)s"),
    _l("The money had not arrived by %(funding_due_at)s, so the challenge is a draft again. You can submit it again."),
)
FUNDED = define(
    "challenges.funded",
    _l("Funded: %(title)s"),
    _l("%(cost)s is held in escrow for the challenge."),
)
WAITS = define(
    "challenges.opening_waits",
    _l("Not open yet: %(title)s"),
    _l(
        "%(organisation)s is not verified any more. The challenge opens by itself once it is verified again; if it is"
        " not by %(until)s, the challenge is cancelled and the money returns."
    ),
)
OPENED = define(
    "challenges.opened",
    _l("Open: %(title)s"),
    _l("The challenge takes proposals until %(closes_at)s."),
)
CLOSED = define(
    "challenges.closed",
    _l("Closed: %(title)s"),
    _l("Proposals submitted: %(number)s."),
)
CANCELLED = define(
    "challenges.cancelled",
    _l("Cancelled: %(title)s"),
    _l("Reason: %(reason)s"),
)
CONSENT_ASKED = define(
    "challenges.consent_asked",
    _l("Consent wanted: %(title)s"),
    _l("%(park)s wants to post this challenge for %(firm)s. Read the draft, and consent when it is right."),
)
CONSENTED = define(
    "challenges.consented",
    _l("The firm has consented: %(title)s"),
    _l("%(firm)s has consented. The challenge can be submitted for screening."),
)


CONSENT_ENDED = define(
    "challenges.consent_ended",
    _l("The firm's consent has ended: %(title)s"),
    _l("%(firm)s is no longer a member of %(park)s, so its consent has ended. The challenge is a draft, and cannot be "
       "submitted for %(firm)s."),
)  # fmt: skip


def consent_asked(challenge: Challenge) -> None:
    """Ask the firm for which a park posts the challenge."""
    assert challenge.beneficiary is not None
    people = queries.members(challenge.beneficiary.id, Right.POST)
    params = {"park": challenge.organisation.name, "firm": challenge.beneficiary.name}
    _notify(people, CONSENT_ASKED, challenge, params, path_to("challenges.firm", challenge_id=challenge.id))


def consented(challenge: Challenge) -> None:
    """Notify the park."""
    assert challenge.beneficiary is not None
    _notify_sponsor(CONSENTED, challenge, {"firm": challenge.beneficiary.name})


def consent_ended(challenge: Challenge) -> None:
    """Notify the park and the firm."""
    assert challenge.beneficiary is not None
    params = {"park": challenge.organisation.name, "firm": challenge.beneficiary.name}
    sides = (challenge.organisation_id, challenge.beneficiary.id)
    people = dict.fromkeys(one for side in sides for one in queries.members(side, Right.POST))
    _notify(people, CONSENT_ENDED, challenge, params, path_to("challenges.firm", challenge_id=challenge.id))


_OFFER = _l("%(organisation)s offers prizes of %(prizes)s. The challenge takes proposals until %(closes_at)s.")
FOLLOWED = {  # what those hear who follow a challenge, its sponsor or its field
    "opened": define("challenges.followed_opened", _l("New challenge: %(title)s"), _OFFER, group=FOLLOWING),
    "answered": define(
        "challenges.followed_answered",
        _l("Answered: a question about %(title)s"),
        _l("The sponsor has answered a question about a challenge that you follow."),
        group=FOLLOWING,
    ),
    "update": define(
        "challenges.followed_update",
        _l("Update: %(title)s"),
        _l("The sponsor has posted an update about a challenge that you follow."),
        group=FOLLOWING,
    ),
    "amended": define(
        "challenges.followed_amended",
        _l("Contract changed: %(title)s"),
        _l("The contract of a challenge that you follow has a new version."),
        group=FOLLOWING,
    ),
    "closed": define(
        "challenges.followed_closed",
        _l("Closed: %(title)s"),
        _l("A challenge that you follow takes no more proposals. Proposals submitted: %(number)s."),
        group=FOLLOWING,
    ),
    "decided": define(
        "challenges.followed_decided",
        _l("Decided: %(title)s"),
        _l("The results of a challenge that you follow are published."),
        group=FOLLOWING,
    ),
    "settled": define(
        "challenges.followed_settled",
        _l("Settled: %(title)s"),
        _l("The appeal period of a challenge that you follow has ended, and its prizes are paid."),
        group=FOLLOWING,
    ),
    "cancelled": define(
        "challenges.followed_cancelled",
        _l("Cancelled: %(title)s"),
        _l("A challenge that you follow was cancelled. Reason: %(reason)s"),
        group=FOLLOWING,
    ),
    "listed": define(
        "challenges.followed_listed",
        _l("New challenge: %(title)s"),
        _l("%(organisation)s, which you follow, has a new challenge on another platform. People take part there."),
        group=FOLLOWING,
    ),
    "changed": define(
        "challenges.followed_changed",
        _l("Changed: %(title)s"),
        _l("The other platform has changed the record of a challenge that you follow."),
        group=FOLLOWING,
    ),
    "archived": define(
        "challenges.followed_archived",
        _l("Ended: %(title)s"),
        _l("The dates of a challenge of another platform that you follow have passed."),
        group=FOLLOWING,
    ),
}
SEARCH_HIT = define("challenges.search_hit", _l("New for “%(search)s”: %(title)s"), _OFFER, group=FOLLOWING)


def titled(challenge: Challenge, round_id: int | None = None) -> str | Value:
    """The title of a challenge in a message; where it has several rounds, with the one that the message is about: the
    current one, or another.
    """
    return in_round(challenge.title, among(challenge.rounds, round_id), len(challenge.rounds))


def in_round(title: str, about: Round, rounds: int) -> str | Value:
    """The same for a title, and how many rounds its challenge has."""
    if rounds == 1:
        return title
    names = {}
    for locale in LANGUAGES:
        with in_locale(locale):
            names[locale] = _("%(title)s (round %(number)s)", title=title, number=about.number)
    return named(names)


def followed_params(challenge: Challenge) -> dict[str, object]:
    """What is public of a published challenge, for those who follow it."""
    return {
        "title": titled(challenge),
        "organisation": challenge.organisation.name,
        "prizes": money(challenge.prize_total, challenge.currency),
        "closes_at": moment(challenge.closes_at) if challenge.closes_at else "",
        "number": challenge.proposals_count,
        "reason": challenge.cancel_reason,
        "next": next_steps.fact(challenge, clock.now()),
    }


def screening_asked(challenge: Challenge) -> None:
    """Notify the unit to which the screening belongs, or else the service centre, that a challenge waits."""
    people = screening.people_for(challenge)
    params = {
        "organisation": challenge.organisation.name,
        "prizes": money(challenge.prize_total, challenge.currency),
    }
    _notify(people, ASKED, challenge, params, path=path_to("challenges.screen", challenge_id=challenge.id))


def screening_handed_over(actor: User, challenge: Challenge, note: str) -> None:
    """Notify those who take over the screening, with the note."""
    people = [user_id for user_id in screening.people_for(challenge) if user_id != actor.id]
    params = {"person": person(actor), "reason": note}
    _notify(people, HANDED_OVER, challenge, params, path=path_to("challenges.screen", challenge_id=challenge.id))


def screening_taken_over(actor: User, challenge: Challenge, before: int) -> None:
    """Notify who had the screening."""
    path = path_to("challenges.screen", challenge_id=challenge.id)
    _notify([before], TAKEN_OVER, challenge, {"person": person(actor)}, path=path)


def screening_assigned(actor: User, challenge: Challenge, to: int) -> None:
    """Notify who is asked to screen; who asks themselves knows."""
    path = path_to("challenges.screen", challenge_id=challenge.id)
    _notify([to] if to != actor.id else [], ASSIGNED, challenge, {"person": person(actor)}, path=path)


def returned(challenge: Challenge) -> None:
    """Notify the sponsor of the reason."""
    _notify_sponsor(SENT_BACK, challenge, {"reason": challenge.screening_note})


def approved(challenge: Challenge) -> None:
    """Notify the sponsor of the amount, the payment reference and the due date."""
    assert challenge.funding_due_at is not None
    params = {
        "cost": money(challenge.cost, challenge.currency),
        "reference": challenge.payment_reference,
        "funding_due_at": moment(challenge.funding_due_at),
    }
    _notify_sponsor(APPROVED, challenge, params, path=path_to("funding.show", challenge_id=challenge.id))


def funding_expired(challenge: Challenge) -> None:
    """Notify the sponsor that the time to pay has passed."""
    assert challenge.funding_due_at is not None
    _notify_sponsor(LAPSED, challenge, {"funding_due_at": moment(challenge.funding_due_at)})


def funded(challenge: Challenge) -> None:
    """Notify the sponsor that the money is in escrow."""
    _notify_sponsor(FUNDED, challenge, {"cost": money(challenge.cost, challenge.currency)})


def opening_waits(challenge: Challenge, ends: datetime) -> None:
    """Notify the sponsor that the challenge does not open before the organisation is verified again."""
    _notify_sponsor(WAITS, challenge, {"organisation": challenge.organisation.name, "until": moment(ends)})


def opened(challenge: Challenge) -> None:
    """Notify the sponsor that the challenge is open."""
    assert challenge.closes_at is not None
    _notify_sponsor(OPENED, challenge, {"closes_at": moment(challenge.closes_at)})


def closed(challenge: Challenge) -> None:
    """Notify the sponsor of the number of proposals."""
    _notify_sponsor(CLOSED, challenge, {"number": challenge.proposals_count})


def cancelled(challenge: Challenge) -> None:
    """Notify the sponsor of the cancellation and its reason."""
    _notify_sponsor(CANCELLED, challenge, {"reason": challenge.cancel_reason})


def _notify_sponsor(kind: str, challenge: Challenge, params: Mapping[str, object], path: str | None = None) -> None:
    """To those who prepare it and those who fund it."""
    _notify(queries.members(challenge.organisation_id, Right.POST, Right.FUND), kind, challenge, params, path)


def _notify(
    people: Iterable[int], kind: str, challenge: Challenge, params: Mapping[str, object], path: str | None = None
) -> None:
    """Once for each occurrence: `changed_at` is the time of the operation."""
    title = titled(challenge)
    for user_id in people:
        notify(
            user_id,
            kind=kind,
            key=f"{kind}:{challenge.id}:{challenge.changed_at.isoformat()}",
            path=path or path_to("challenges.show", challenge_id=challenge.id),
            params={"title": title, **params, "next": next_steps.fact(challenge, clock.now())},
            challenge_id=challenge.id,
        )
