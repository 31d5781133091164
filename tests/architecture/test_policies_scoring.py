"""Who may do what in the judging: every rule, every role, every state."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from challenges.deciding import Silence
from challenges.models import Challenge, Origin
from challenges.workflow import CLOSED, RESULTS, ChallengeState
from crowd.accounts.models import MemberRole, Membership, Organisation, OrganisationKind, PlatformRole, Role, User
from crowd.audit import SYSTEM
from scoring import policy
from scoring.holds import policy as holds
from scoring.models import Assignment, PaymentHold
from scoring.workflow import AssignmentState
from submissions.models import Proposal, Share
from submissions.workflow import ProposalState as ProposalState

HOUSE = Organisation(id=1, name="Luoyang Water Group", kind=OrganisationKind.ENTERPRISE)
AGENCY = Organisation(id=2, name="Northlight", kind=OrganisationKind.AGENCY)


def person(number: int, *roles: PlatformRole, of: Organisation | None = None) -> User:
    user = User(id=number, name=f"P{number}")
    user.roles = [Role(name=role.value) for role in roles]
    user.__dict__["memberships"] = (
        [Membership(user_id=number, organisation_id=of.id, organisation=of, role=MemberRole.MEMBER)]
        if of is not None
        else []
    )
    return user


PEOPLE: dict[str, Any] = {
    "nobody": None,
    "system": SYSTEM,
    "sponsor": person(1, of=HOUSE),
    "author": person(2),
    "sharer": person(3),
    "rival": person(4),
    "reviewer": person(5, PlatformRole.EXPERT),
    "other expert": person(6, PlatformRole.EXPERT),
    "agency": person(7, of=AGENCY),
    **{role.value: person(20 + i, role) for i, role in enumerate(PlatformRole)},
}
DUE, HOUR = datetime(2026, 11, 20, tzinfo=UTC), timedelta(hours=1)
OPERATORS = {"service_centre", "council", "auditor"}


def challenge(state: ChallengeState) -> Challenge:
    external = state in (ChallengeState.LISTED, ChallengeState.ARCHIVED)
    row = Challenge(id=9, organisation_id=1, state=state, origin=Origin.EXTERNAL if external else Origin.PLATFORM)
    row.__dict__["organisation"] = HOUSE
    return row


def proposal(state: ChallengeState, own: ProposalState = ProposalState.SUBMITTED) -> Proposal:
    row = Proposal(id=5, challenge_id=9, user_id=2, organisation_id=None, state=own)
    row.__dict__["challenge"] = challenge(state)
    row.__dict__["shares"] = [Share(user_id=3, basis_points=5000)]
    return row


def assignment(state: AssignmentState) -> Assignment:
    return Assignment(id=1, challenge_id=9, proposal_id=5, reviewer_id=5, state=state)


def allowed(rule: Any, *things: Any) -> set[str]:
    return {name for name, actor in PEOPLE.items() if rule(actor, *things)}


@pytest.mark.parametrize("state", list(AssignmentState))
def test_an_assignment_is_its_reviewers(state: AssignmentState) -> None:
    row = assignment(state)
    live = state != AssignmentState.DECLINED
    assert allowed(policy.can_view_assignment, row) == ({"reviewer"} if live else set())
    assert allowed(policy.can_review, row) == (
        {"reviewer"} if state in (AssignmentState.PENDING, AssignmentState.DONE) else set()
    )
    assert allowed(policy.can_decline, row) == ({"reviewer"} if state == AssignmentState.PENDING else set())


@pytest.mark.parametrize("state", list(ChallengeState))
def test_the_judging_is_seen_from_the_close_by_the_sponsor_and_the_operators(state: ChallengeState) -> None:
    expected = {"sponsor", "system"} | OPERATORS if state in CLOSED else {"system"}
    assert allowed(policy.can_view_judging, challenge(state)) == expected


@pytest.mark.parametrize("state", list(ChallengeState))
def test_the_sponsor_awards_and_the_operators_may_step_in(state: ChallengeState) -> None:
    expected = {"service_centre", "council"} | (
        {"sponsor"} if state not in (ChallengeState.LISTED, ChallengeState.ARCHIVED) else set()
    )
    assert allowed(policy.can_award, challenge(state)) == expected


@pytest.mark.parametrize("state", list(ChallengeState))
def test_before_the_close_the_same_people_know_that_they_will_see_it(state: ChallengeState) -> None:
    watching, row = {"sponsor"} | OPERATORS, challenge(state)
    ahead = state in (ChallengeState.APPROVED, ChallengeState.FUNDED, ChallengeState.OPEN)
    assert allowed(policy.will_see_judging, row) == (watching if ahead else set())
    row.closed_at = DUE
    assert allowed(policy.will_see_judging, row) == set()
    held = {"system"} | watching if state == ChallengeState.DECIDED else set()
    assert allowed(policy.can_view_held, row) == held


@pytest.mark.parametrize("silence", list(Silence))
@pytest.mark.parametrize("state", list(ChallengeState))
def test_the_sponsor_decides_alone_until_the_date_has_passed(state: ChallengeState, silence: Silence) -> None:
    row = challenge(state)
    row.silence = silence
    row.decision_due_at = DUE
    judging = state == ChallengeState.JUDGING
    assert allowed(policy.decides, row, DUE - HOUR) == ({"sponsor"} if judging else set())
    steps_in = silence in (Silence.CENTRE, Silence.CENTRE_OR_COUNCIL)  # else the contract decides by itself
    late = {"sponsor", "service_centre", "council"} if steps_in else {"sponsor"}
    assert allowed(policy.decides, row, DUE + HOUR) == (late if judging else set())


@pytest.mark.parametrize("state", list(ChallengeState))
def test_results_are_everybodys_once_decided(state: ChallengeState) -> None:
    assert allowed(policy.can_view_results, challenge(state)) == (set(PEOPLE) if state in RESULTS else set())


@pytest.mark.parametrize("state", list(ChallengeState))
def test_jobs_alone_form_panels_and_settle(state: ChallengeState) -> None:
    assert allowed(policy.can_run, challenge(state)) == {"system"}
    assert allowed(policy.can_fill_vacancies, challenge(state)) == {"service_centre"}


@pytest.mark.parametrize("state", list(ChallengeState))
def test_the_council_and_the_centre_hold_a_payment_and_the_council_or_who_held_it_releases_it(
    state: ChallengeState,
) -> None:
    row = challenge(state)
    ours = row.origin == Origin.PLATFORM
    assert allowed(holds.can_hold, row) == ({"council", "service_centre"} if ours else set())
    centres, councils = (PaymentHold(held_by=PEOPLE[name].id) for name in ("service_centre", "council"))
    assert allowed(holds.can_release, row, councils) == {"council"}
    assert allowed(holds.can_release, row, centres) == ({"council", "service_centre"} if ours else {"council"})
    row.created_by = PEOPLE["council"].id
    assert allowed(holds.can_release, row, centres) == ({"service_centre"} if ours else set()), "no insider"
    both = person(90, PlatformRole.COUNCIL, PlatformRole.SERVICE_CENTRE, of=HOUSE)
    assert not holds.can_hold(both, row)


@pytest.mark.parametrize("state", list(ChallengeState))
def test_a_reviewer_reads_what_is_assigned_to_him_after_the_close(state: ChallengeState) -> None:
    row = assignment(AssignmentState.PENDING)
    expected = {"reviewer"} if state in CLOSED else set()
    assert allowed(policy.can_read_proposal, proposal(state), row) == expected
    assert allowed(policy.can_read_proposal, proposal(state), None) == set()
    other = Proposal(id=6, challenge_id=9, user_id=2)
    other.__dict__["challenge"] = challenge(state)
    assert allowed(policy.can_read_proposal, other, row) == set()
    declined = assignment(AssignmentState.DECLINED)
    assert allowed(policy.can_read_proposal, proposal(state), declined) == set()


@pytest.mark.parametrize("state", list(ChallengeState))
def test_reviews_are_for_the_authors_after_the_decision(state: ChallengeState) -> None:
    inside = {"author", "sharer"}
    judges = {"sponsor", "system"} | OPERATORS
    expected = inside | judges if state in RESULTS else judges if state in CLOSED else set()
    assert allowed(policy.can_read_feedback, proposal(state)) == expected
    assert allowed(policy.can_know_reviews, proposal(state)) == inside | (judges if state in CLOSED else set())


@pytest.mark.parametrize("own", [ProposalState.DRAFT, ProposalState.WITHDRAWN])
def test_what_was_not_submitted_has_no_readers(own: ProposalState) -> None:
    for state in ChallengeState:
        assert allowed(policy.can_read_feedback, proposal(state, own)) == set()


def test_reviewers_names_are_hidden_from_those_whom_they_judged() -> None:
    assert allowed(policy.sees_reviewers, proposal(ChallengeState.SETTLED)) == {"sponsor", "system"} | OPERATORS


def test_ties_are_for_experts_and_records_for_their_owners_and_operators() -> None:
    assert allowed(policy.can_declare_conflicts) == {"reviewer", "other expert", "expert"}
    assert allowed(policy.can_view_everything_of, 5) == {"reviewer"} | OPERATORS
