"""Every write of a reviewer: one transaction per operation."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.dialects.postgresql import ARRAY, insert

from challenges import queries as challenges
from challenges.criteria import kind_of
from challenges.models import Challenge
from challenges.rubric import NUMBER, Criterion, Number
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.accounts.models import Organisation, PlatformRole, User
from crowd.audit import SYSTEM, Actor, record
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound, Sentence
from crowd.reasons import required
from crowd.workflow import next_state
from scoring import notifications, policy, ranking, services
from scoring.models import Assignment, ConflictOfInterest, Review, Score
from scoring.reviews import notifications as review_notifications
from scoring.reviews import queries
from scoring.workflow import ASSIGNMENT_TRANSITIONS, ASSIGNMENT_WORDING, AssignmentState
from submissions.models import Proposal
from submissions.parties import contributors

AT_ONCE = 500
SOON = timedelta(days=2)  # when a reminder goes out before the due time
Points = Mapping[int, Number | None]


# ---- the review


@atomic
def save(actor: Actor, assignment_id: int, *, points: Points, comments: Mapping[int, str], comment: str) -> datetime:
    """Save an unfinished review, complete or not; returns the time of the save. `points`, `comments`: by criterion id.

    Raises NotFound, Invalid for points outside the scale, Conflict where the review is submitted (submit it again to
    change it) or the judging is over.
    """
    assignment = queries.access_assignment(actor, assignment_id, lock=True)
    state, criteria = queries.state_and_criteria(assignment.challenge_id)
    _refuse_when_over(state, assignment)
    if assignment.state == AssignmentState.DONE:
        raise Conflict(_("This review is submitted. Submit it again to change it."))
    review, begun = _write(assignment, criteria, points, comments, comment)
    if begun:
        record(actor, "review.started", assignment, proposal=assignment.proposal_id)
    return review.saved_at


@atomic
def submit(actor: Actor, assignment_id: int, *, points: Points, comments: Mapping[int, str], comment: str) -> Review:
    """Submit the review; until the decision it may be submitted again.

    Raises NotFound, Invalid where a criterion has no points or lacks its remark or the comment is too short, Conflict
    once the judging is over.
    """
    challenge = challenges.access(SYSTEM, queries.challenge_of(assignment_id), lock=True)
    assignment = queries.access_assignment(actor, assignment_id, lock=True)
    _refuse_when_over(challenge.state, assignment)
    if queries.is_published(assignment):
        raise Conflict(_("This review counts in a result that was published. It is not changed any more."))
    _refuse_incomplete(challenge, points, comments, comment)
    review, _begun = _write(assignment, challenge.criteria, points, comments, comment)
    now, again = clock.db_now(), assignment.state == AssignmentState.DONE
    given = {line.id: points[line.id] or 0 for line in challenge.criteria}
    review.total = ranking.weighted_total(given, challenge.criteria)
    review.submitted_at = now
    assignment.state = next_state(ASSIGNMENT_TRANSITIONS, ASSIGNMENT_WORDING, assignment.state, "submit")
    assignment.done_at = assignment.done_at or now
    db.session.flush()
    # By submitting, the reviewer confirms that they have no conflict of interest with the parties.
    total = round(review.total, 2)
    record(actor, "review.changed" if again else "review.submitted", assignment, total=total, conflict=False)
    if services.note_reviews(challenge, now) and not again:
        notifications.reviews_in(challenge)
    return review


def _refuse_when_over(state: ChallengeState | None, assignment: Assignment) -> None:
    over = (AssignmentState.RELEASED, AssignmentState.SET_ASIDE)
    if state != ChallengeState.JUDGING or assignment.state in over:
        raise Conflict(
            _("The judging is over, so reviews are no longer accepted. What you wrote is still on this page.")
        )


def _refuse_incomplete(challenge: Challenge, points: Points, comments: Mapping[int, str], comment: str) -> None:
    fields: dict[str, list[Sentence]] = {}
    for criterion in challenge.criteria:
        if points.get(criterion.id) is None:
            fields[f"points_{criterion.id}"] = [kind_of(criterion).missing(criterion)]
        if criterion.comment_required and not comments.get(criterion.id, "").strip():
            fields[f"comment_{criterion.id}"] = [_("Say why, for “%(title)s”.", title=criterion.title)]
    least = limits().min_review_comment
    if len(comment.strip()) < least:
        fields["comment"] = [_("Write at least %(least)s characters: the authors read them.", least=least)]
    if fields:
        raise Invalid(_("The review is not complete yet."), fields=fields)


_NEW = insert(Review).values(saved_at=sa.func.crowd_now())
_REVIEW: Any = _NEW.on_conflict_do_update(
    index_elements=["assignment_id"], set_={"comment": _NEW.excluded.comment, "saved_at": _NEW.excluded.saved_at}
).returning(Review, sa.literal_column("xmax = 0"))  # no transaction has ended a row that is new
# All scores in one statement: arrays cost less than a statement for each row.
_COLUMNS: dict[str, Any] = {"criterion_id": sa.BigInteger, "points": NUMBER, "comment": sa.Text}
_MARKS = insert(cast(sa.Table, Score.__table__)).from_select(
    ["review_id", *_COLUMNS],
    sa.select(
        sa.bindparam("review_id", type_=sa.BigInteger),
        *(sa.func.unnest(sa.bindparam(name, type_=ARRAY(kind))) for name, kind in _COLUMNS.items()),
    ),
)
_SCORES = _MARKS.on_conflict_do_update(
    index_elements=["review_id", "criterion_id"],
    set_={"points": _MARKS.excluded.points, "comment": _MARKS.excluded.comment},
)


def _write(
    assignment: Assignment, criteria: Iterable[Criterion], points: Points, comments: Mapping[int, str], comment: str
) -> tuple[Review, bool]:
    """The review as it is now, and whether this is its first save."""
    lines = {line.id: line for line in criteria}
    _refuse_wrong(lines, points, comments, comment)
    row = {"assignment_id": assignment.id, "comment": comment.strip()}
    review, new = db.session.execute(_REVIEW, row, execution_options={"populate_existing": True}).one()
    _write_scores(review.id, {key: (points.get(key), comments.get(key, "").strip()) for key in lines}, new=new)
    return review, new


def _write_scores(review_id: int, given: Mapping[int, tuple[Number | None, str]], *, new: bool) -> None:
    """(points, remark) by criterion id; an empty one leaves no row."""
    written = {key: marks for key, marks in given.items() if marks[0] is not None or marks[1]}
    if written:
        numbers, remarks = zip(*written.values(), strict=True)
        exact = [None if number is None else Decimal(number) for number in numbers]
        row = {"criterion_id": list(written), "points": exact, "comment": list(remarks)}
        db.session.execute(_SCORES, {"review_id": review_id} | row)
    if not new and len(written) < len(given):
        db.session.execute(sa.delete(Score).where(Score.review_id == review_id, Score.criterion_id.not_in(written)))


def _refuse_wrong(lines: Mapping[int, Criterion], points: Points, comments: Mapping[int, str], comment: str) -> None:
    fields: dict[str, list[Sentence]] = {}
    for key, number in points.items():
        if key not in lines:
            raise Invalid(_("This criterion is not one of this challenge's."))
        line = lines[key]
        if number is not None and not kind_of(line).accepts(line, number):
            fields[f"points_{key}"] = [kind_of(line).wrong(line)]
    most = limits().max_comment_length
    texts = {f"comment_{key}": text for key, text in comments.items()} | {"comment": comment}
    for name, text in texts.items():
        if len(text) > most:
            fields[name] = [_("This may have at most %(most)s characters.", most=most)]
    if fields:
        raise Invalid(_("Please correct the following"), fields=fields)


# ---- conflicts of interest


@atomic
def decline(actor: Actor, assignment_id: int, *, reason: str, conflicted: bool = False) -> Assignment:
    """Decline a review; `conflicted` also declares a conflict of interest with the parties. Another reviewer is asked.

    Raises NotFound, Forbidden where it is submitted, Invalid without a reason, Conflict once the judging is over.
    """
    reason = required(reason)
    challenge = challenges.access(SYSTEM, queries.challenge_of(assignment_id), lock=True)
    assignment = queries.access_assignment(actor, assignment_id, to=policy.can_decline, lock=True)
    _refuse_when_over(challenge.state, assignment)
    assignment.state = next_state(ASSIGNMENT_TRANSITIONS, ASSIGNMENT_WORDING, assignment.state, "decline")
    assignment.decline_reason, assignment.done_at = reason, clock.db_now()
    if conflicted:
        _conflict_with_authors(actor, assignment.proposal, reason)
    db.session.flush()
    record(actor, "review.declined", assignment, reason=reason, conflict=conflicted)
    notifications.review_declined(challenge, assignment, actor)
    services.fill_vacancies(SYSTEM, challenge.id)
    if services.note_reviews(challenge, clock.db_now()):
        notifications.reviews_in(challenge)
    return assignment


def _conflict_with_authors(actor: Actor, proposal: Proposal, note: str) -> None:
    for user_id in sorted(contributors(proposal)):
        _declare(actor, user_id=user_id, note=note)
    if proposal.organisation_id is not None:
        _declare(actor, organisation_id=proposal.organisation_id, note=note)


def _declare(actor: Actor, *, user_id: int | None = None, organisation_id: int | None = None, note: str) -> int | None:
    row = {"reviewer_id": actor.id, "user_id": user_id, "organisation_id": organisation_id, "note": note}
    return db.session.scalar(
        insert(ConflictOfInterest).values(row).on_conflict_do_nothing().returning(ConflictOfInterest.id)
    )


@atomic
def declare_conflict(
    actor: Actor, *, user_id: int | None = None, organisation_id: int | None = None, note: str = ""
) -> None:
    """Declare a conflict of interest with a person, or with an organisation's people. Repeating it changes nothing.

    Raises Forbidden for people who are not experts, NotFound, Invalid where not exactly one party is named.
    """
    if not policy.can_declare_conflicts(actor):
        raise Forbidden(_("Only experts can declare conflicts of interest."))
    if (user_id is None) == (organisation_id is None):
        raise Invalid(_("Enter a person or an organisation."), fields={"party": [_("Choose one.")]})
    party = db.session.get(User, user_id) if user_id is not None else db.session.get(Organisation, organisation_id)
    if party is None:
        raise NotFound
    if user_id == actor.id:
        raise Invalid(_("You never judge your own proposals anyway."), fields={"party": [_("That is you.")]})
    conflict_id = _declare(actor, user_id=user_id, organisation_id=organisation_id, note=note.strip())
    if conflict_id is not None:
        record(actor, "conflict.declared", db.session.get(ConflictOfInterest, conflict_id), party=party.name)


@atomic
def withdraw_conflict(actor: Actor, conflict_id: int) -> None:
    """Withdraw a declaration, where it was wrong or is long past. Raises NotFound for another's."""
    declared = db.session.scalar(
        sa.select(ConflictOfInterest)
        .where(ConflictOfInterest.id == conflict_id, ConflictOfInterest.reviewer_id == actor.id)
        .with_for_update()
    )
    if declared is None:
        raise NotFound
    record(actor, "conflict.withdrawn", declared, user=declared.user_id, organisation=declared.organisation_id)
    db.session.delete(declared)


# ---- reminders


@atomic
def remind(actor: Actor) -> dict[str, int]:
    """Remind reviewers two days before their reviews are due, and when they are overdue: once each."""
    now = clock.now()
    told = {"soon": 0, "overdue": 0}
    for row in queries.due_reviews(now + SOON):
        overdue = row.due_at <= now
        notifications.remind(row, overdue=overdue)
        told["overdue" if overdue else "soon"] += 1
    return told


@atomic
def release_left_over(actor: Actor) -> int:
    """Release the reviews of cancelled challenges, and notify their reviewers."""
    rows = queries.left_over(AT_ONCE)
    for row in rows:
        row.state = next_state(ASSIGNMENT_TRANSITIONS, ASSIGNMENT_WORDING, row.state, "release")
        record(actor, "review.released", row)
        notifications.called_off(row)
    return len(rows)


def _let_go(actor: Actor, row: Assignment) -> None:
    """A review that was paid is set aside: its reviewer keeps the fee."""
    operation = "release" if row.fee_paid_at is None else "set_aside"
    row.state = next_state(ASSIGNMENT_TRANSITIONS, ASSIGNMENT_WORDING, row.state, operation)
    record(actor, "review.released" if operation == "release" else "review.set_aside", row)


@atomic
def replace_conflicted(actor: Actor) -> int:
    """Release the reviews, also finished ones, of reviewers who have a conflict of interest since they were asked,
    notify them, and look for replacements; returns the number.
    """
    number = 0
    for found, pairs in queries.to_replace():
        challenge = challenges.access(actor, found.id, lock=True)
        for row in queries.assignments_of(challenge.id, pairs):
            _let_go(actor, row)
            notifications.came_too_close(challenge, row)
            number += 1
        db.session.flush()
        services.fill_vacancies(actor, challenge.id)
    return number


@atomic
def release_former(actor: Actor, user_id: int) -> int:
    """Release the reviews that somebody has not submitted who is no longer an expert, notify them, and look for
    replacements; returns the number. What they have submitted stays.
    """
    if db.session.get_one(User, user_id, populate_existing=True).is_any(PlatformRole.EXPERT):
        return 0
    number = 0
    for challenge_id in queries.judged_by(user_id):
        challenge = challenges.access(actor, challenge_id, lock=True)
        rows = queries.pending_of(challenge_id, user_id) if challenge.state == ChallengeState.JUDGING else []
        for row in rows:
            row.state = next_state(ASSIGNMENT_TRANSITIONS, ASSIGNMENT_WORDING, row.state, "release")
            record(actor, "review.released", row)
            review_notifications.no_expert(challenge, row)
        number += len(rows)
        db.session.flush()
        if rows:
            services.fill_vacancies(actor, challenge.id)
    return number
