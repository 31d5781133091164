"""Role x state matrix of proposals, pure: who may do what, said twice (here and in the policies), compared in full."""

from datetime import UTC, datetime
from typing import Any

import pytest

from challenges.models import Challenge, Origin
from challenges.workflow import State as ChallengeState
from crowd.accounts.models import MemberRole, Membership, Organisation, OrganisationKind, PlatformRole, Role, User
from crowd.audit import SYSTEM
from submissions import policy
from submissions.models import Proposal, Registration, Share
from submissions.workflow import MOVES, State

SPONSOR, AGENCY, OTHER = 1, 2, 3
KINDS = {SPONSOR: OrganisationKind.ENTERPRISE, AGENCY: OrganisationKind.AGENCY, OTHER: OrganisationKind.ENTERPRISE}
CLOSED = {ChallengeState.JUDGING, ChallengeState.DECIDED, ChallengeState.SETTLED}
_ids = iter(range(1, 1000))


def person(*roles: PlatformRole, member_of: int | None = None, role: MemberRole = MemberRole.MEMBER) -> User:
    memberships = []
    if member_of:
        organisation = Organisation(id=member_of, name="", kind=KINDS[member_of])
        memberships = [Membership(organisation_id=member_of, role=role, organisation=organisation)]
    user = User(id=next(_ids), roles=[Role(name=name.value) for name in roles])
    user.memberships = memberships
    return user


AUTHOR = person(member_of=AGENCY)
SHARER, ASKED = person(), person()
PEOPLE: dict[str, Any] = {
    "anonymous": None,
    "author": AUTHOR,
    "agreed sharer": SHARER,
    "asked sharer": ASKED,
    "agency owner": person(member_of=AGENCY, role=MemberRole.OWNER),
    "agency member": person(member_of=AGENCY),
    "sponsor owner": person(member_of=SPONSOR, role=MemberRole.OWNER),
    "sponsor member": person(member_of=SPONSOR),
    "other enterprise": person(member_of=OTHER, role=MemberRole.OWNER),
    "stranger": person(),
    **{str(role): person(role) for role in PlatformRole},
    "system": SYSTEM,
}
INSIDE = {"author", "agreed sharer", "asked sharer", "agency owner"}
OPENED = {"sponsor owner", "sponsor member", "service_centre", "council", "auditor"}
LEADS = {"author", "agency owner"}
WRITES = LEADS | {"agreed sharer"}


def proposal(state: State, challenge_state: ChallengeState) -> Proposal:
    challenge = Challenge(id=1, organisation_id=SPONSOR, state=challenge_state, origin=Origin.PLATFORM)
    challenge.organisation = Organisation(id=SPONSOR, name="", kind=OrganisationKind.ENTERPRISE)
    row = Proposal(id=1, challenge_id=1, user_id=AUTHOR.id, organisation_id=AGENCY, state=state)
    row.challenge = challenge
    row.shares = [Share(user_id=AUTHOR.id, points=1), Share(user_id=SHARER.id, points=1), Share(user_id=ASKED.id)]
    row.shares[1].agreed_at = datetime.now(UTC)
    return row


CASES = [(state, challenge_state) for state in State for challenge_state in ChallengeState]


@pytest.mark.parametrize(("state", "challenge_state"), CASES, ids=[f"{a}-{b}" for a, b in CASES])
def test_who_may_do_what(state: State, challenge_state: ChallengeState) -> None:
    row = proposal(state, challenge_state)
    opened = state == State.SUBMITTED and challenge_state in CLOSED
    expected = {
        policy.can_view: INSIDE | {"system"} | (OPENED if opened else set()),
        policy.is_inside: INSIDE,
        policy.can_lead: LEADS,
        policy.can_edit: WRITES,
        policy.can_answer_share: {"author", "agreed sharer", "asked sharer"},
        policy.can_read_history: INSIDE | {"system"} | ({"service_centre", "council", "auditor"} if opened else set()),
    }
    for rule, allowed in expected.items():
        assert {name for name, actor in PEOPLE.items() if rule(actor, row)} == allowed, rule.__name__


def test_an_author_who_left_the_agency_still_reads_but_no_longer_writes() -> None:
    row = proposal(State.DRAFT, ChallengeState.OPEN)
    left = person()
    row.user_id = left.id
    assert policy.can_view(left, row)
    assert not policy.can_lead(left, row)
    assert not policy.can_edit(left, row)


def test_who_may_register_and_begin() -> None:
    challenge = proposal(State.DRAFT, ChallengeState.OPEN).challenge
    assert {name for name, actor in PEOPLE.items() if not policy.can_register(actor, challenge)} == {
        "anonymous",
        "system",
    }
    mine = Registration(user_id=AUTHOR.id, organisation_id=AGENCY)
    assert {name for name, actor in PEOPLE.items() if policy.can_start(actor, mine)} == {"author"}
    assert not policy.can_start(AUTHOR, None)
    assert not policy.can_start(AUTHOR, Registration(user_id=AUTHOR.id, organisation_id=OTHER))


def test_what_starts_from_which_state() -> None:
    assert {verb: {str(source) for source in sources} for verb, (sources, _to) in MOVES.items()} == {
        "finalise": {"draft", "submitted"},
        "withdraw": {"draft", "submitted"},
        "resume": {"withdrawn"},
    }
