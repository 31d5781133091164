"""Notifications about panels, reviews, decisions and payments."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from challenges import next_steps
from challenges import queries as challenges
from challenges.followers import informed
from challenges.models import Challenge
from challenges.notifications import in_round, titled
from crowd import clock
from crowd.accounts.models import PlatformRole
from crowd.accounts.organisations.rights import Right
from crowd.audit import Actor
from crowd.following.services import notify_followers
from crowd.notifications.kinds import FOLLOWING, NotificationKinds, path_to
from crowd.notifications.services import notify
from crowd.values import moment, money, person
from scoring.models import Assignment, Award
from submissions.parties import participants

KINDS = NotificationKinds()
define = KINDS.define
ASKED = define(
    "scoring.review_asked",
    _l("To review: %(title)s"),
    _l("You are on the panel of this challenge. Proposals for you to review: %(number)s. They are due %(due_at)s."),
)
ASKED_PAID = define(
    "scoring.review_asked_paid",
    _l("To review: %(title)s"),
    _l(
        "You are on the panel of this challenge. Proposals for you to review: %(number)s. They are due %(due_at)s. Each"
        " review that comes in time earns %(fee)s."
    ),
)
ASKED_ALSO = define(
    "scoring.review_asked_also",
    _l("One more review: %(title)s"),
    _l("Another reviewer was unavailable, so you are assigned one proposal. Your review is due %(due_at)s."),
)
ASKED_ALSO_PAID = define(
    "scoring.review_asked_also_paid",
    _l("One more review: %(title)s"),
    _l(
        "Another reviewer was unavailable, so you are assigned one proposal. Your review is due %(due_at)s. If it comes"
        " in time, it earns %(fee)s."
    ),
)
FORMED = define(
    "scoring.panel_formed",
    _l("Panel formed: %(title)s"),
    _l("%(reviewers)s reviewers judge %(proposals)s proposals by %(due_at)s. Please decide by %(decision_due_at)s."),
)
EMPTY = define(
    "scoring.nothing_to_judge",
    _l("No proposals submitted: %(title)s"),
    _l("Close the challenge without an award; the money in escrow then returns to you."),
)
MISSING = define(
    "scoring.reviewers_missing",
    _l("Reviewers are missing: %(title)s"),
    _l("For %(number)s reviews nobody without a conflict of interest is available."),
)
DECLINED = define(
    "scoring.review_declined",
    _l("A review was declined: %(title)s"),
    _l("%(reviewer)s has declined. The reason: %(reason)s"),
)
REVIEWS_IN = define(
    "scoring.reviews_in",
    _l("All reviews submitted: %(title)s"),
    _l("Please choose the awards by %(decision_due_at)s."),
)
DECISION_OVERDUE = define(
    "scoring.decision_overdue",
    _l("Decision overdue: %(title)s"),
    _l("The decision of %(organisation)s was due %(decision_due_at)s."),
)
DUE_SOON = define(
    "scoring.review_due_soon",
    _l("Due soon: reviews for %(title)s"),
    _l("Reviews that you have yet to submit: %(number)s. They are due %(due_at)s."),
)
OVERDUE = define(
    "scoring.review_overdue",
    _l("Overdue: reviews for %(title)s"),
    _l(
        "Reviews that you have yet to submit: %(number)s. They were due %(due_at)s. The sponsor may now decide "
        "without them."
    ),
)
WON = define(
    "scoring.won",
    _l("You have won: %(title)s"),
    _l("Your proposal is awarded %(prize)s, %(amount)s. It is paid once the appeal period has ended, %(until)s."),
)
NOT_WON = define(
    "scoring.not_won",
    _l("Decided: %(title)s"),
    _l("Your proposal was not awarded. You can read its reviews now."),
)
DECIDED = define(
    "scoring.decided",
    _l("Decision published: %(title)s"),
    _l("The decision can be appealed until %(until)s; then the money is paid."),
)
THANKS = define(
    "scoring.thanks",
    _l("Thank you for reviewing: %(title)s"),
    _l("The decision is published. It is based on the reviews of the panel."),
)
RELEASED = define(
    "scoring.released",
    _l("No longer needed: reviews for %(title)s"),
    _l("The decision is published. You have nothing more to do."),
)
CALLED_OFF = define(
    "scoring.called_off",
    _l("Cancelled: reviews for %(title)s"),
    _l("The challenge will not be judged. You have nothing more to do."),
)
TOO_CLOSE = define(
    "scoring.too_close",
    _l("Your review was released: %(title)s"),
    _l(
        "Since the review was assigned to you, a conflict of interest with the sponsor or a party of this "
        "challenge has arisen. Another reviewer is assigned in your place."
    ),
)
AGENCY_WON = define(
    "scoring.followed_award",
    _l("%(agency)s wins an award: %(title)s"),
    _l("The award is %(amount)s. It is paid once the appeal period has ended, %(until)s."),
    group=FOLLOWING,
)
BROKEN = define(
    "scoring.books_broken",
    _l("The ledger check found errors"),
    _l("Findings: %(number)s. The first one: %(first)s"),
)


def review_asked(challenge: Challenge, numbers: Mapping[int, int], due_at: datetime, fee: int) -> None:
    """Notify each reviewer of the number of their proposals and what a review earns; one job mails them all."""
    for reviewer_id, number in numbers.items():
        params = {"number": number, "due_at": moment(due_at), "fee": money(fee, challenge.currency)}
        notify_about(
            [reviewer_id],
            ASKED_PAID if fee else ASKED,
            challenge,
            params,
            key=challenge.round.key,
            path=path_to("scoring.reviews"),
        )


def review_asked_also(challenge: Challenge, assignment: Assignment) -> None:
    """Notify a replacement reviewer."""
    notify_about(
        [assignment.reviewer_id],
        ASKED_ALSO_PAID if assignment.fee else ASKED_ALSO,
        challenge,
        {"due_at": moment(assignment.due_at), "fee": money(assignment.fee, challenge.currency)},
        key=str(assignment.id),
        path=path_to("scoring.review", assignment_id=assignment.id),
    )


def panel_formed(challenge: Challenge, *, reviewers: int, proposals: int, due_at: datetime) -> None:
    """Notify the sponsor of the panel and its due date, or that there is nothing to judge."""
    path = path_to("scoring.panel", challenge_id=challenge.id)
    if proposals == 0:
        notify_sponsor(EMPTY, challenge, {}, path=path_to("scoring.awards", challenge_id=challenge.id))
        return
    params = {
        "reviewers": reviewers, "proposals": proposals, "due_at": moment(due_at),
        "decision_due_at": moment(challenge.decision_due_at or due_at),
    }  # fmt: skip
    notify_sponsor(FORMED, challenge, params, path=path)


def reviewers_missing(challenge: Challenge, number: int, *, key: str) -> None:
    """Notify the service centre that reviewers are missing."""
    people = officers(challenge, PlatformRole.SERVICE_CENTRE)
    path = path_to("scoring.panel", challenge_id=challenge.id)
    notify_about(people, MISSING, challenge, {"number": number}, key=key, path=path)


def review_declined(challenge: Challenge, assignment: Assignment, reviewer: Actor) -> None:
    """Notify the service centre of a declined review and its reason."""
    people = officers(challenge, PlatformRole.SERVICE_CENTRE)
    params = {"reviewer": person(reviewer), "reason": assignment.decline_reason}
    path = path_to("scoring.panel", challenge_id=challenge.id)
    notify_about(people, DECLINED, challenge, params, key=str(assignment.id), path=path)


def reviews_in(challenge: Challenge) -> None:
    """Notify the sponsor that it can decide."""
    assert challenge.decision_due_at is not None
    params = {"decision_due_at": moment(challenge.decision_due_at)}
    path, key = (
        path_to("scoring.ranking", challenge_id=challenge.id),
        f"{challenge.round.key}:{challenge.decision_due_at}",
    )
    notify_sponsor(REVIEWS_IN, challenge, params, path=path, key=key)


def decision_overdue(challenge: Challenge, people: Iterable[int]) -> None:
    """Notify the sponsor, and those who may now decide, that the date has passed."""
    assert challenge.decision_due_at is not None
    params = {"organisation": challenge.organisation.name, "decision_due_at": moment(challenge.decision_due_at)}
    key = f"{challenge.round.key}:{challenge.decision_due_at.isoformat()}"
    notify_about(
        people, DECISION_OVERDUE, challenge, params, key=key, path=path_to("scoring.awards", challenge_id=challenge.id)
    )


def remind(row: Any, *, overdue: bool) -> None:
    """Remind a reviewer; `row` is one of `queries.due_reviews`. Once before the due time, and once after it."""
    kind = OVERDUE if overdue else DUE_SOON
    notify(
        row.reviewer_id,
        kind=kind,
        key=f"{kind}:{row.Round.key}:{row.due_at.isoformat()}",
        path=path_to("scoring.reviews"),
        params={
            "title": in_round(row.title, row.Round, row.rounds),
            "number": row.number,
            "due_at": moment(row.due_at),
        },
        challenge_id=row.Round.challenge_id,
    )


def decided(challenge: Challenge, awards: Iterable[Award], proposals: Mapping[int, set[int]], version: int) -> None:
    """Notify all participants of this version of the result; `proposals` maps a proposal to its parties."""
    until = moment(challenge.appeals_until) if challenge.appeals_until else ""
    path = path_to("scoring.results", challenge_id=challenge.id)
    won = {award.proposal_id: award for award in awards}
    for proposal_id, people in proposals.items():
        award = won.get(proposal_id)
        if award is None:
            reviews = path_to("scoring.feedback", proposal_id=proposal_id)
            notify_about(people, NOT_WON, challenge, {}, key=f"{proposal_id}:{version}", path=reviews)
            continue
        params = {"prize": award.prize.title, "amount": money(award.amount, challenge.currency), "until": until}
        notify_about(people, WON, challenge, params, key=f"{proposal_id}:{version}", path=path)
    notify_sponsor(DECIDED, challenge, {"until": until}, path=path, key=f"{challenge.id}:{version}")


def thank_reviewers(challenge: Challenge, done: Iterable[int], released: Iterable[int]) -> None:
    """Thank those who reviewed, and notify the others that their review is no longer needed."""
    path = path_to("scoring.results", challenge_id=challenge.id)
    notify_about(done, THANKS, challenge, {}, key=challenge.round.key, path=path)
    notify_about(released, RELEASED, challenge, {}, key=challenge.round.key, path=path)


def called_off(assignment: Assignment) -> None:
    """Notify a reviewer that the challenge was cancelled."""
    challenge = assignment.proposal.challenge
    path = path_to("challenges.show", challenge_id=challenge.id)
    notify_about([assignment.reviewer_id], CALLED_OFF, challenge, {}, key=challenge.round.key, path=path)


def came_too_close(challenge: Challenge, assignment: Assignment) -> None:
    """Notify a reviewer who must no longer judge a proposal."""
    path = path_to("challenges.show", challenge_id=challenge.id)
    notify_about([assignment.reviewer_id], TOO_CLOSE, challenge, {}, key=str(assignment.id), path=path)


def agency_won(award: Award, actor_id: int | None, after: int) -> int | None:
    """Notify the next of those who follow the agency of an award, did not give it, and do not hear of it otherwise.

    Returns behind whom the next ones come; None at the end.
    """
    challenge, agency = award.proposal.challenge, award.proposal.organisation
    assert agency is not None
    assert challenge.appeals_until is not None
    return notify_followers(
        [("organisation", agency.id)],
        after=after,
        kind=AGENCY_WON,
        key=f"{AGENCY_WON}:{award.id}",
        path=path_to("scoring.results", challenge_id=challenge.id),
        params={
            "agency": agency.name,
            "title": titled(challenge, award.round_id),
            "amount": money(award.amount, challenge.currency),
            "until": moment(challenge.appeals_until),
        },
        challenge_id=challenge.id,
        besides=informed(challenge, actor_id),
    )


def ledger_errors_found(number: int, first: str, *, key: str) -> None:
    """Notify finance that the ledger, or the states that depend on it, are inconsistent."""
    for user_id in challenges.people_with(PlatformRole.FINANCE):
        params = {"number": number, "first": first}
        notify(user_id, kind=BROKEN, key=f"{BROKEN}:{key}", path=path_to("ledger.check"), params=params)


def officers(challenge: Challenge, role: PlatformRole) -> set[int]:
    """The people with a role who may act on the challenge: no party of a proposal for it."""
    return set(challenges.people_with(role)) - participants(challenge.id)


def notify_sponsor(
    kind: str, challenge: Challenge, params: Mapping[str, object], *, path: str, key: str | None = None
) -> None:
    """Notify the sponsor's people; once for each round where there is no `key`."""
    people = challenges.members(challenge.organisation_id, Right.POST)
    notify_about(people, kind, challenge, params, key=key or challenge.round.key, path=path)


def notify_about(
    people: Iterable[int], kind: str, challenge: Challenge, params: Mapping[str, object], *, key: str, path: str
) -> None:
    """Notify people about a challenge and its current round, with what it waits for; `key` is of the kind."""
    title = titled(challenge)
    for user_id in sorted(set(people)):
        known = {"title": title, **params, "next": next_steps.fact(challenge, clock.now())}
        notify(user_id, kind=kind, key=f"{kind}:{key}", path=path, params=known, challenge_id=challenge.id)
