"""Notifications about proposals. None contains text of a proposal: emails have no sealed text."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l

from challenges import next_steps
from challenges.models import Challenge
from challenges.notifications import titled
from challenges.queries import people_with
from challenges.rounds import among
from crowd import clock
from crowd.accounts.models import PlatformRole
from crowd.accounts.organisations.rights import Right
from crowd.accounts.queries import people_with_right
from crowd.audit import Actor
from crowd.notifications.kinds import NotificationKinds, path_to
from crowd.notifications.services import notify
from crowd.values import moment, person
from submissions.models import Proposal, ProposalVersion, Registration, Share
from submissions.parties import contributors, is_insider

KINDS = NotificationKinds()
define = KINDS.define
RECEIPT = define(
    "submissions.receipt",
    _l("Receipt: your proposal for “%(challenge)s”"),
    _l(
        "Version %(version)s was submitted at %(at)s. Its SHA-256 digest is %(digest)s. Keep this message as "
        "your receipt."
    ),
)
WITHDRAWN = define(
    "submissions.withdrawn",
    _l("A proposal for “%(challenge)s” was withdrawn"),
    _l("%(actor)s withdrew the proposal in which you have a share. It can be resumed until the challenge closes."),
)
SHARE_PROPOSED = define(
    "submissions.share_proposed",
    _l("%(actor)s offers you a share in a proposal for “%(challenge)s”"),
    _l("Your share of an award would be %(percent)s %%. Read the proposal, then agree or refuse before %(closes)s."),
)
AGENCY_SHARE = define(
    "submissions.agency_share",
    _l("%(actor)s wants to divide an award for “%(challenge)s” between %(agency)s and people"),
    _l("The share of %(agency)s would be %(percent)s %%. An owner has to agree or refuse before %(closes)s."),
)
SHARE_REMOVED = define(
    "submissions.share_removed",
    _l("You no longer have a share in a proposal for “%(challenge)s”"),
    _l("%(actor)s changed the shares. You can no longer read the proposal."),
)
SHARE_AGREED = define(
    "submissions.share_agreed",
    _l("%(actor)s agreed to a share in your proposal for “%(challenge)s”"),
    _l("The proposal can be submitted once everybody has agreed."),
)
SHARE_REFUSED = define(
    "submissions.share_refused",
    _l("%(actor)s refused a share in your proposal for “%(challenge)s”"),
    _l("The shares no longer add up. Set them again before you submit."),
)
CONFIRMATION_ASKED = define(
    "submissions.confirmation_asked",
    _l("To confirm: a registration for “%(challenge)s”"),
    _l("The contract asks the service centre to confirm who takes part."),
)
CONFIRMED = define(
    "submissions.confirmed",
    _l("Your registration for “%(challenge)s” is confirmed"),
    _l("You can submit your proposal until the challenge closes."),
)
REFUSED = define(
    "submissions.confirmation_refused",
    _l("Your registration for “%(challenge)s” was refused"),
    _l("No proposal can be submitted for it. The reason of the service centre: %(reason)s"),
)
CLOSED = define(
    "submissions.closed",
    _l("“%(challenge)s” has closed"),
    _l("Submitted proposals are now open to the sponsor and go to the review panel. Drafts do not count."),
)
CANCELLED = define(
    "submissions.cancelled",
    _l("“%(challenge)s” was cancelled"),
    _l(
        "The challenge takes no more proposals. What you wrote remains yours and hidden from others. "
        "The reason given: %(reason)s"
    ),
)
REMINDER = define(
    "submissions.reminder",
    _l("Your proposal for “%(challenge)s” is still a draft"),
    _l("The challenge closes on %(closes)s. Only what you submit before then counts."),
)
AMENDED = define(
    "submissions.contract_amended",
    _l("The contract of “%(challenge)s” has changed"),
    _l("Version %(version)s is in force, which you need not accept again. The reason given: %(reason)s"),
)
ACCEPT_AGAIN = define(
    "submissions.contract_accept",
    _l("Accept the changed contract of “%(challenge)s”"),
    _l(
        "Version %(version)s changes what you rely on, so everybody registered must accept it. Without that nothing can"
        " be submitted, and a proposal that was submitted before is set aside unopened when the challenge closes on"
        " %(closes)s. The reason given: %(reason)s"
    ),
)
ACCEPT_REMINDER = define(
    "submissions.contract_reminder",
    _l("Not accepted yet: the contract of “%(challenge)s”"),
    _l("Accept version %(version)s by %(closes)s, or your proposal does not count."),
)
NEWS = {
    "answered": define(
        "submissions.question_answered",
        _l("Answered: a question about “%(challenge)s”"),
        _l("The sponsor has answered a question about the challenge in which you take part."),
    ),
    "update": define(
        "submissions.update_posted",
        _l("Update: “%(challenge)s”"),
        _l("The sponsor has posted an update about the challenge in which you take part."),
    ),
}
SET_ASIDE = define(
    "submissions.set_aside",
    _l("Your proposal for “%(challenge)s” was set aside"),
    _l(
        "The challenge has closed, and nobody had accepted version %(version)s of its contract for your proposal. It"
        " was not opened and does not count."
    ),
)
DISQUALIFIED = define(
    "submissions.disqualified",
    _l("Your proposal for “%(challenge)s” is disqualified"),
    _l(
        "The council has upheld a case about the integrity of your proposal. It does not count any more and wins"
        " nothing. The case has the reasons."
    ),
)
OF_THE_END = {"closed": CLOSED, "cancelled": CANCELLED}


def receipt(proposal: Proposal, version: ProposalVersion, at: datetime) -> None:
    """The receipt, to the author and all who share."""
    params = {"version": version.number, "at": moment(at), "digest": version.digest}
    for user_id in contributors(proposal):
        _notify(proposal, user_id, RECEIPT, f"receipt:{version.id}", params)


def withdrawn(actor: Actor, proposal: Proposal, at: datetime) -> None:
    """To all parties but the person who did it."""
    for user_id in contributors(proposal):
        if user_id != actor.id:
            _notify(proposal, user_id, WITHDRAWN, f"withdrawn:{proposal.id}:{at.isoformat()}", {"actor": person(actor)})


def disqualified(proposal: Proposal) -> None:
    """To everybody behind it."""
    for user_id in contributors(proposal):
        _notify(proposal, user_id, DISQUALIFIED, f"disqualified:{proposal.id}", {})


def shares_set(
    actor: Actor, proposal: Proposal, offered: Iterable[Share], removed: Iterable[int], at: datetime
) -> None:
    """To everybody who must agree, and to everybody who no longer has a share."""
    stamp = f"{proposal.id}:{at.isoformat()}"
    assert proposal.challenge.closes_at is not None  # shares are set while it is open
    closes = moment(proposal.challenge.closes_at)
    for share in offered:
        params = {"actor": person(actor), "percent": f"{share.basis_points / 100:g}", "closes": closes}
        if share.user_id is not None:
            _notify(proposal, share.user_id, SHARE_PROPOSED, f"share_proposed:{stamp}", params)
            continue
        assert proposal.organisation is not None  # whose share it is
        params["agency"] = proposal.organisation.name
        for owner in people_with_right(proposal.organisation.id, Right.LEAD_PROPOSALS):
            if not is_insider(owner, proposal.challenge):
                _notify(proposal, owner.id, AGENCY_SHARE, f"agency_share:{stamp}", params)
    mine = path_to("submissions.mine")
    for user_id in removed:
        _notify(proposal, user_id, SHARE_REMOVED, f"share_removed:{stamp}", {"actor": person(actor)}, mine)


def share_answered(actor: Actor, proposal: Proposal, at: datetime, *, agreed: bool) -> None:
    """To the author."""
    kind = SHARE_AGREED if agreed else SHARE_REFUSED
    key = f"share_answered:{proposal.id}:{actor.id}:{at.isoformat()}"
    _notify(proposal, proposal.user_id, kind, key, {"actor": person(actor)})


def notify_participants(challenge: Challenge, user_ids: Sequence[int], kind: str, round_id: int | None) -> int:
    """A `closed` round, or a `cancelled` challenge, to all participants; returns their number."""
    step = next_steps.fact(challenge, clock.now())
    params = {"challenge": titled(challenge, round_id), "reason": challenge.cancel_reason, "next": step}
    path = path_to("challenges.show", challenge_id=challenge.id)
    for user_id in user_ids:
        notify(
            user_id,
            kind=OF_THE_END[kind],
            key=f"challenge_{kind}:{among(challenge.rounds, round_id).key}",
            path=path,
            params=params,
            challenge_id=challenge.id,
        )
    return len(user_ids)


def news(challenge: Challenge, user_ids: Sequence[int], what: str, number: int) -> int:
    """An answer or an update, to all participants; returns their number."""
    for user_id in user_ids:
        notify(
            user_id,
            kind=NEWS[what],
            key=f"news:{what}:{number}",
            path=path_to("discussion.show", challenge_id=challenge.id),
            params={"challenge": challenge.title},
            challenge_id=challenge.id,
        )
    return len(user_ids)


def confirmation_asked(challenge: Challenge, registration: Registration) -> None:
    """To the service centre: somebody has registered for a contract that asks for its confirmation."""
    for user_id in people_with(PlatformRole.SERVICE_CENTRE):
        key = f"confirmation_asked:{registration.id}"
        _about(challenge, user_id, CONFIRMATION_ASKED, key, path_to("confirmations.index"))


def confirmation_given(registration: Registration) -> None:
    """To the person who registered."""
    path = path_to("submissions.register", id=registration.challenge_id)
    key = f"confirmation_given:{registration.id}"
    _about(registration.challenge, registration.user_id, CONFIRMED, key, path)


def confirmation_refused(registration: Registration) -> None:
    """To the person who registered, with the reason."""
    path = path_to("submissions.register", id=registration.challenge_id)
    key = f"confirmation_refused:{registration.id}"
    reason = {"reason": registration.confirmation_reason}
    _about(registration.challenge, registration.user_id, REFUSED, key, path, reason)


def _about(
    challenge: Challenge, user_id: int, kind: str, key: str, path: str, params: Mapping[str, object] | None = None
) -> None:
    told = {"challenge": challenge.title, **(params or {})}
    notify(user_id, kind=kind, key=key, path=path, params=told, challenge_id=challenge.id)


def reminder(challenge: Challenge, user_ids: Sequence[int]) -> int:
    """A draft's author before the close; returns their number."""
    closes_at = challenge.closes_at
    assert closes_at is not None
    params = {"challenge": titled(challenge), "closes": moment(closes_at)}
    for user_id in user_ids:
        notify(
            user_id,
            kind=REMINDER,
            key=f"reminder:{challenge.id}:{closes_at.isoformat()}",
            path=path_to("submissions.mine"),
            params=params,
            challenge_id=challenge.id,
        )
    return len(user_ids)


def _notify(
    proposal: Proposal, user_id: int, kind: str, key: str, params: Mapping[str, object], path: str | None = None
) -> None:
    notify(
        user_id,
        kind=kind,
        key=key,
        path=path or path_to("submissions.show", id=proposal.id),
        params={"challenge": proposal.challenge.title, **params},
        challenge_id=proposal.challenge_id,
    )
