"""Role x state matrix of proposals, pure: who may do what, said twice (here and in the policies), compared in full."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from challenges.models import Challenge, Origin
from challenges.workflow import RESULTS
from challenges.workflow import ChallengeState as ChallengeState
from crowd.accounts.models import (
    MemberRole,
    Membership,
    MembershipPeriod,
    Organisation,
    OrganisationKind,
    PlatformRole,
    Role,
    User,
)
from crowd.audit import SYSTEM
from submissions import policy
from submissions.models import Proposal, Registration, Share, SharePeriod
from submissions.parties import is_behind, is_insider
from submissions.workflow import TRANSITIONS, ProposalState

SPONSOR, AGENCY, OTHER = 1, 2, 3
KINDS = {SPONSOR: OrganisationKind.ENTERPRISE, AGENCY: OrganisationKind.AGENCY, OTHER: OrganisationKind.ENTERPRISE}
CLOSED = {ChallengeState.JUDGING, ChallengeState.DECIDED, ChallengeState.SETTLED}
NUMBER, AGENCYS_NUMBER = "91410300000000017X", "91410300000000047E"
_ids = iter(range(1, 1000))
PUBLISHED = datetime(2026, 10, 1, tzinfo=UTC)
LONG_AGO, SINCE = PUBLISHED - timedelta(days=300), PUBLISHED + timedelta(days=1)


def person(*roles: PlatformRole, member_of: int | None = None, role: MemberRole = MemberRole.MEMBER) -> User:
    memberships = []
    if member_of:
        organisation = Organisation(id=member_of, name="", kind=KINDS[member_of])
        memberships = [Membership(organisation_id=member_of, role=role, organisation=organisation)]
    user = User(id=next(_ids), roles=[Role(name=name.value) for name in roles])
    user.memberships = memberships
    user.periods = [period(one.organisation_id) for one in memberships]
    return user


def period(organisation_id: int, ended_at: datetime | None = None, **facts: str) -> MembershipPeriod:
    organisation = Organisation(id=organisation_id, registration_number="", register="", country="CN")
    for name, value in facts.items():
        setattr(organisation, name, value)
    return MembershipPeriod(
        organisation_id=organisation_id, organisation=organisation, began_at=LONG_AGO, ended_at=ended_at
    )


def left(user: User, organisation_id: int, at: datetime) -> User:
    """The person with a membership that ended then."""
    user.periods = [*user.periods, period(organisation_id, at)]
    return user


def both(role: MemberRole = MemberRole.OWNER) -> User:
    """Somebody of the sponsor and of the agency."""
    user, other = person(member_of=SPONSOR), person(member_of=AGENCY, role=role)
    user.memberships, user.periods = [*user.memberships, *other.memberships], [*user.periods, *other.periods]
    return user


AUTHOR = person(member_of=AGENCY)
SHARER, ASKED, LOST = person(), person(), person()
TURNED = left(person(), SPONSOR, SINCE)  # has a share, and has been with the sponsor meanwhile
WROTE, SCREENED = person(), person(PlatformRole.SERVICE_CENTRE)
PEOPLE: dict[str, Any] = {
    "anonymous": None,
    "author": AUTHOR,
    "agreed sharer": SHARER,
    "asked sharer": ASKED,
    "who has lost the share": LOST,
    "agency owner": person(member_of=AGENCY, role=MemberRole.OWNER),
    "agency member": person(member_of=AGENCY),
    "former agency member": left(person(), AGENCY, SINCE),
    "agency member of old": left(person(), AGENCY, LONG_AGO),
    "sharer of the sponsor": TURNED,
    "agency owner of the sponsor": both(),
    "agency owner lately of the sponsor": left(person(member_of=AGENCY, role=MemberRole.OWNER), SPONSOR, SINCE),
    "agency owner once of the sponsor": left(person(member_of=AGENCY, role=MemberRole.OWNER), SPONSOR, LONG_AGO),
    "agency member of the sponsor": both(MemberRole.MEMBER),
    "former sponsor member": left(person(), SPONSOR, SINCE),
    "who wrote it": WROTE,
    "who screened it": SCREENED,
    "sponsor owner": person(member_of=SPONSOR, role=MemberRole.OWNER),
    "sponsor member": person(member_of=SPONSOR),
    "other enterprise": person(member_of=OTHER, role=MemberRole.OWNER),
    "stranger": person(),
    **{str(role): person(role) for role in PlatformRole},
    "system": SYSTEM,
}
INSIDERS = {
    "sponsor owner", "sponsor member", "former sponsor member", "sharer of the sponsor", "agency owner of the sponsor",
    "agency owner lately of the sponsor", "agency member of the sponsor", "who wrote it", "who screened it",
}  # fmt: skip
INSIDE = {"author", "agreed sharer", "asked sharer", "agency owner", "agency owner once of the sponsor"}
BEHIND = INSIDE | {
    "agency member",
    "former agency member",
    "who has lost the share",
    "sharer of the sponsor",
    "agency owner of the sponsor",
    "agency owner lately of the sponsor",
    "agency member of the sponsor",
}
OPERATORS = {"service_centre", "council", "auditor", "who screened it"}
SPONSORS = {"sponsor owner", "sponsor member"}
IN_BOTH = {"agency owner of the sponsor", "agency member of the sponsor"}
LEADS = {"author", "agency owner", "agency owner once of the sponsor"}
WRITES = LEADS | {"agreed sharer"}


def proposal(state: ProposalState, challenge_state: ChallengeState) -> Proposal:
    challenge = Challenge(
        id=1,
        organisation_id=SPONSOR,
        state=challenge_state,
        origin=Origin.PLATFORM,
        published_at=PUBLISHED,
        created_by=WROTE.id,
        approved_by=SCREENED.id,
    )
    challenge.organisation = Organisation(
        id=SPONSOR, name="", kind=OrganisationKind.ENTERPRISE, country="CN", register="", registration_number=NUMBER
    )
    row = Proposal(id=1, challenge_id=1, user_id=AUTHOR.id, organisation_id=AGENCY, state=state)
    row.challenge = challenge
    people = (AUTHOR, SHARER, TURNED, ASKED)
    row.shares = [
        Share(user_id=one.id, basis_points=1, agreed_at=PUBLISHED if one is not ASKED else None) for one in people
    ]
    row.shares.append(Share(organisation_id=AGENCY, basis_points=1))
    row.share_periods = [SharePeriod(user_id=one.id) for one in (*people, LOST)]
    row.organisation = Organisation(id=AGENCY, name="", country="CN", register="", registration_number=AGENCYS_NUMBER)
    return row


CASES = [(state, challenge_state) for state in ProposalState for challenge_state in ChallengeState]


@pytest.mark.parametrize(("state", "challenge_state"), CASES, ids=[f"{a}-{b}" for a, b in CASES])
def test_who_may_do_what(state: ProposalState, challenge_state: ChallengeState) -> None:
    row = proposal(state, challenge_state)
    opened = state in (ProposalState.SUBMITTED, ProposalState.DISQUALIFIED) and challenge_state in CLOSED
    office = SPONSORS | OPERATORS | (IN_BOTH if challenge_state in RESULTS else set())
    expected = {
        policy.can_view: INSIDE | {"system"} | (office if opened else set()),
        is_behind: BEHIND,
        policy.is_contributor: INSIDE,
        policy.can_manage: LEADS,
        policy.can_edit: WRITES,
        policy.can_answer_share: INSIDE,
        policy.can_read_history: INSIDE | {"system"} | (OPERATORS if opened else set()),
    }
    for rule, allowed in expected.items():
        assert {name for name, actor in PEOPLE.items() if rule(actor, row)} == allowed, rule.__name__


def test_who_is_an_insider_of_a_challenge() -> None:
    challenge = proposal(ProposalState.DRAFT, ChallengeState.OPEN).challenge
    assert {name for name, actor in PEOPLE.items() if is_insider(actor, challenge)} == INSIDERS


def test_the_sponsor_under_its_number_is_the_sponsor() -> None:
    challenge = proposal(ProposalState.DRAFT, ChallengeState.OPEN).challenge
    twins: tuple[tuple[dict[str, Any], bool], ...] = (
        ({"registration_number": NUMBER}, True),
        ({"registration_number": NUMBER, "register": "another"}, False),
        ({"registration_number": NUMBER, "country": "DE"}, False),
        ({"registration_number": ""}, False),
    )
    for facts, same in twins:
        twin = person()
        twin.periods = [period(OTHER, **facts)]
        assert is_insider(twin, challenge) is same, facts


def test_an_author_who_left_the_agency_still_reads_but_no_longer_writes() -> None:
    row = proposal(ProposalState.DRAFT, ChallengeState.OPEN)
    gone = person()
    row.user_id = gone.id
    assert policy.can_view(gone, row)
    assert not policy.can_manage(gone, row)
    assert not policy.can_edit(gone, row)


def test_an_author_who_joins_the_sponsor_still_reads_the_own_text() -> None:
    row = proposal(ProposalState.DRAFT, ChallengeState.OPEN)
    turned = both(MemberRole.MEMBER)
    row.user_id = turned.id
    assert policy.can_view(turned, row)


def test_who_may_register_and_begin() -> None:
    challenge = proposal(ProposalState.DRAFT, ChallengeState.OPEN).challenge
    assert {name for name, actor in PEOPLE.items() if not policy.can_register(actor, challenge)} == {
        "anonymous",
        "system",
    }
    mine = Registration(user_id=AUTHOR.id, organisation_id=AGENCY)
    assert {name for name, actor in PEOPLE.items() if policy.can_start(actor, mine)} == {"author"}
    assert not policy.can_start(AUTHOR, None)
    assert not policy.can_start(AUTHOR, Registration(user_id=AUTHOR.id, organisation_id=OTHER))


def test_what_starts_from_which_state() -> None:
    assert {operation: {str(source) for source in sources} for operation, (sources, _to) in TRANSITIONS.items()} == {
        "submit": {"draft", "submitted"},
        "withdraw": {"draft", "submitted"},
        "resume": {"withdrawn"},
        "set_aside": {"submitted"},
        "disqualify": {"submitted"},
    }
