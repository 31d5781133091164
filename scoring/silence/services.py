"""What follows from silence: one transaction per operation, as the platform."""

from flask_babel import lazy_gettext as _

from challenges import queries as challenges
from challenges.deciding import AfterCentre
from challenges.models import Challenge
from challenges.silence import consequence, silence_over
from crowd import clock
from crowd.audit import Actor, record
from crowd.db import atomic, db
from crowd.errors import Conflict, Sentence
from crowd.notifications.emails import in_all_languages
from crowd.values import moment, term
from scoring import candidates, policy
from scoring.awards import distribution
from scoring.awards import services as awards
from scoring.awards.contenders import contenders, places
from scoring.awards.queries import awards as awards_of
from scoring.integrity import holding
from scoring.results import queries as results
from scoring.silence import cases, notifications, queries

BY_RANKING = _("Nobody had decided by the last date of the contract. By its clause the prizes went by ranking.")
NO_RANKING = _(
    "Nobody had decided by the last date of the contract. By its clause the prizes go by ranking, but no proposal has a"
    " review that counts: nothing is awarded."
)
REFUNDED = _(
    "Nobody had decided by the last date of the contract. By its clause nothing is awarded, and all money returns to"
    " the sponsor."
)


@atomic
def carry_out(actor: Actor, challenge_id: int) -> AfterCentre | None:
    """Decide by the contract where nobody has in time: distribute the prizes by ranking, or award nothing. The
    settlement then pays or refunds as after every decision.

    None where it is not due: somebody has decided, the challenge is cancelled, or the date has moved. Raises Conflict
    while the panel is being formed, or a reviewer is being replaced.
    """
    challenge = challenges.access(actor, challenge_id, to=policy.can_run, lock=True)
    what = consequence(challenge)
    if what is None or not silence_over(challenge, clock.db_now()):
        return None
    _refuse_unready(challenge)
    assert challenge.silence_at is not None
    cases.open_case(challenge)
    _drop_unpublished(actor, challenge)
    given = []
    if what == AfterCentre.RANKING:
        given = distribution.by_ranking(contenders(challenge), places(challenge), challenge.tie_rule)
    why = _why(what, awarded=bool(given))
    reason = in_all_languages(lambda: str(why))
    for one in given:
        awards.add(challenge, one, reason=reason, selected_by=None)
    due, then = moment(challenge.silence_at), term(what, "silence")
    record(actor, "challenge.silent", challenge, silence_at=due, consequence=then)
    awards.publish(actor, challenge, reason)
    version = results.newest(challenge.id)
    assert version is not None
    notifications.by_contract(challenge, what, version.number)
    return what


def _refuse_unready(challenge: Challenge) -> None:
    if challenge.panel_formed_at is None:
        raise Conflict(_("The panel is being formed. Please come back in a moment."))
    if candidates.conflicts_on_panel(challenge):
        raise Conflict(
            _("A reviewer now has a conflict of interest with a party. Another reviewer is assigned within minutes.")
        )
    holding.refuse_unfinished(challenge)


def _drop_unpublished(actor: Actor, challenge: Challenge) -> None:
    """Remove what somebody had chosen and not published: it was no decision."""
    for award in awards_of(challenge.id, lock=True):
        prize, proposal = award.prize.title, award.proposal_id
        record(actor, "award.removed", award, prize=prize, position=award.position, proposal=proposal)
        db.session.delete(award)
    db.session.flush()


def _why(what: AfterCentre, *, awarded: bool) -> Sentence:
    if what == AfterCentre.REFUND:
        return REFUNDED
    return BY_RANKING if awarded else NO_RANKING


@atomic
def remind(actor: Actor) -> int:
    """Remind whoever is to decide, once for each of the contract's times; returns how many reminders are out."""
    number = 0
    for reminder in queries.reminders_due(clock.now()):
        notifications.remind(reminder)
        number += 1
    return number


@atomic
def lapse(actor: Actor, challenge_id: int) -> None:
    """End the case about the silent sponsor where the challenge was cancelled."""
    cases.lapse(challenges.access(actor, challenge_id, to=policy.can_run, lock=True))
