"""Who is reminded of a decision, and who hears what the contract has decided."""

from flask_babel import lazy_gettext as _l

from challenges import queries as challenges
from challenges.deciding import AfterCentre
from challenges.models import Challenge
from challenges.silence import consequence
from crowd.accounts.models import PlatformRole
from crowd.accounts.organisations.rights import Right
from crowd.notifications.kinds import path_to
from crowd.values import moment, term
from scoring.notifications import define, notify_about
from scoring.silence.queries import Reminder
from submissions.parties import participants

DECIDE_SOON = define(
    "scoring.decide_soon",
    _l("Decide soon: %(title)s"),
    _l("The decision is due %(at)s. What the contract says of silence: %(then)s."),
)
CENTRE_SOON = define(
    "scoring.centre_decides_soon",
    _l("Decide soon in the sponsor’s place: %(title)s"),
    _l("The sponsor let its date pass, and the decision is due %(at)s. What the contract says of silence: %(then)s."),
)
CENTRE_DECIDES = define(
    "scoring.centre_decides",
    _l("The service centre decides: %(title)s"),
    _l(
        "%(organisation)s had not decided by %(decision_due_at)s. By the contract the service centre decides by %(at)s;"
        " after that: %(then)s."
    ),
)
BY_CONTRACT = define(
    "scoring.decided_by_contract",
    _l("Decided by the contract: %(title)s"),
    _l(
        "Nobody had decided by %(at)s. What the contract says of that was carried out: %(then)s. The decision can be"
        " appealed until %(until)s."
    ),
)


def _then(challenge: Challenge) -> dict[str, object]:
    what = consequence(challenge)
    return term(what or challenge.silence, "silence")


def remind(reminder: Reminder) -> None:
    """Whoever is to decide: the sponsor's people, then the service centre and the council."""
    challenge = reminder.challenge
    people = (
        _officers(challenge) if reminder.centre else set(challenges.members(challenge.organisation_id, Right.DECIDE))
    )
    then = _then(challenge) if reminder.centre else term(challenge.silence, "silence")
    key = f"{challenge.round.key}:{reminder.at.isoformat()}:{reminder.before}"
    path = path_to("scoring.awards", challenge_id=challenge.id)
    kind = CENTRE_SOON if reminder.centre else DECIDE_SOON
    notify_about(people, kind, challenge, {"at": moment(reminder.at), "then": then}, key=key, path=path)


def centre_decides(challenge: Challenge, people: set[int]) -> None:
    """The sponsor, the service centre and the council: it is the centre's turn, and until when."""
    assert challenge.silence_at is not None
    assert challenge.decision_due_at is not None
    params = {
        "organisation": challenge.organisation.name, "decision_due_at": moment(challenge.decision_due_at),
        "at": moment(challenge.silence_at), "then": _then(challenge),
    }  # fmt: skip
    key = f"{challenge.round.key}:{challenge.decision_due_at.isoformat()}"
    path = path_to("scoring.awards", challenge_id=challenge.id)
    notify_about(people, CENTRE_DECIDES, challenge, params, key=key, path=path)


def by_contract(challenge: Challenge, what: AfterCentre, version: int) -> None:
    """Everybody concerned, of this version of the result: participants, the sponsor, service centre and council."""
    assert challenge.silence_at is not None
    assert challenge.appeals_until is not None
    params = {
        "at": moment(challenge.silence_at), "then": term(what, "silence"), "until": moment(challenge.appeals_until),
    }  # fmt: skip
    sponsor = challenges.members(challenge.organisation_id, Right.POST, Right.DECIDE)
    people = {*participants(challenge.id), *sponsor, *_officers(challenge)}
    path = path_to("scoring.results", challenge_id=challenge.id)
    notify_about(people, BY_CONTRACT, challenge, params, key=f"{challenge.id}:{version}", path=path)


def _officers(challenge: Challenge) -> set[int]:
    """The people of the service centre and the council who may act on the challenge."""
    roles = (PlatformRole.SERVICE_CENTRE, PlatformRole.COUNCIL)
    return {one for role in roles for one in challenges.people_with(role)} - participants(challenge.id)
