"""Who may do what with a challenge in which state: the whole matrix, person by person."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from challenges import policy, queries
from challenges.funding import policy as funding
from challenges.models import Challenge, Origin
from challenges.workflow import STOPPABLE, TRANSITIONS, ChallengeState
from crowd.audit import SYSTEM, Actor
from crowd.clock import now
from crowd.db import commit, db
from crowd.errors import NotFound
from tests import factories
from tests.cast import Cast

PEOPLE = ("nobody", "ada", "abe", "bo", "nils", "cy", "dee", "eve", "fen", "gu", "pia", "aud", "adm", "system")
OWN = {ChallengeState.DRAFT, ChallengeState.SCREENING, ChallengeState.APPROVED, ChallengeState.FUNDED,
       ChallengeState.OPEN, ChallengeState.JUDGING, ChallengeState.DECIDED,
       ChallengeState.SETTLED, ChallengeState.CANCELLED}  # fmt: skip
STAFF = {"eve", "fen", "gu", "aud", "adm"}
SYSTEM_ONLY = {"expire_funding", "open", "close", "reopen", "settle"}
# Each operation: who may, apart from the states in TRANSITIONS.
WHO = {
    "submit": {"ada", "abe"},
    "withdraw": {"ada", "abe"},
    "return": {"eve", "system"},
    "approve": {"eve"},
    "fund": {"ada", "system"},
    "decide": {"ada", "abe", "eve", "gu", "system"},
    **{operation: {"system"} for operation in SYSTEM_ONLY},
}


def actor(cast: Cast, name: str) -> Actor | None:
    return {"nobody": None, "system": SYSTEM}.get(name) or (None if name == "nobody" else getattr(cast, name))


def in_state(cast: Cast, state: ChallengeState) -> Challenge:
    """A challenge put into a state, with the data that its transitions leave."""
    row = factories.challenge(cast.ada, cast.luoyang)
    row.state = state
    if state != ChallengeState.DRAFT:
        row.submitted_at = now()
    if state in (
        ChallengeState.FUNDED,
        ChallengeState.OPEN,
        ChallengeState.JUDGING,
        ChallengeState.DECIDED,
        ChallengeState.SETTLED,
    ):
        row.funded_at = now()
    if state in (ChallengeState.OPEN, ChallengeState.JUDGING, ChallengeState.DECIDED, ChallengeState.SETTLED):
        row.published_at = now()
    if state in (ChallengeState.JUDGING, ChallengeState.DECIDED, ChallengeState.SETTLED):
        row.closed_at = now()
    if state in (ChallengeState.DECIDED, ChallengeState.SETTLED):
        row.decided_at = now()
    commit()
    return row


def may_see(name: str, state: ChallengeState) -> bool:
    if state in (
        ChallengeState.OPEN,
        ChallengeState.JUDGING,
        ChallengeState.DECIDED,
        ChallengeState.SETTLED,
    ) or name in ("ada", "abe", "system"):
        return True
    return state != ChallengeState.DRAFT and name in STAFF


@pytest.mark.parametrize("state", sorted(OWN))
def test_who_sees_a_challenge(cast: Cast, state: ChallengeState) -> None:
    row = in_state(cast, state)
    for name in PEOPLE:
        person = actor(cast, name)
        assert policy.can_view(person, row) is may_see(name, state), name
        rule = db.session.scalar(sa.select(Challenge.id).where(policy.visible_to(person)))
        assert (rule == row.id) is may_see(name, state), f"{name}: the rule in SQL says otherwise"
        if not may_see(name, state):
            with pytest.raises(NotFound):
                queries.access(person, row.id)


@pytest.mark.parametrize("state", sorted(OWN))
def test_who_moves_a_challenge(cast: Cast, state: ChallengeState) -> None:
    row = in_state(cast, state)
    for name in PEOPLE:
        person = actor(cast, name)
        expected = {
            operation
            for operation, (sources, _to) in TRANSITIONS.items()
            if state in sources and name in WHO.get(operation, ())
        }
        if state in TRANSITIONS["cancel"][0] and _may_cancel(name, state):
            expected.add("cancel")
        if state == ChallengeState.DRAFT and name in ("ada", "abe"):
            expected.add("edit")
        assert set(policy.open_transitions(person, row)) == expected, name


def _may_cancel(name: str, state: ChallengeState) -> bool:
    if name in ("ada", "abe"):
        return state != ChallengeState.JUDGING
    if name == "system":  # as a case has decided
        return state in STOPPABLE
    return name in ("eve", "gu") and state != ChallengeState.DRAFT


def test_a_challenge_that_was_cancelled_after_its_opening_stays_public(cast: Cast) -> None:
    row = in_state(cast, ChallengeState.CANCELLED)
    assert not policy.can_view(None, row)
    row.published_at = now()
    assert policy.can_view(None, row)


def test_with_answers_the_sponsor_no_longer_cancels(cast: Cast) -> None:
    row = in_state(cast, ChallengeState.OPEN)
    people = {name: actor(cast, name) for name in PEOPLE}  # created first: it is read again when a person is
    assert row.id
    row.proposals_count = 1
    assert [name for name, person in people.items() if policy.can_cancel(person, row)] == ["eve", "gu", "system"]


def test_what_comes_first_is_offered_first(cast: Cast) -> None:
    row = in_state(cast, ChallengeState.DRAFT)
    assert policy.open_transitions(cast.ada, row) == ["edit", "submit", "cancel"]


def test_an_agency_posts_nothing_even_for_itself(cast: Cast) -> None:
    assert policy.can_create(cast.ada, cast.luoyang)
    assert not policy.can_create(cast.nils, cast.northlight)
    assert policy.sponsor_organisations(cast.nils) == []


def allowed(cast: Cast, rule: Callable[[Actor | None, Challenge], bool], row: Challenge) -> set[str]:
    return {name for name in PEOPLE if rule(actor(cast, name), row)}


@pytest.mark.parametrize("state", sorted(OWN))
def test_who_sees_the_money_and_what_is_not_public(cast: Cast, state: ChallengeState) -> None:
    people, row = {name: actor(cast, name) for name in PEOPLE}, in_state(cast, state)  # people are created first
    waits = state == ChallengeState.APPROVED
    assert allowed(cast, policy.can_view_internal, row) == {"ada", "abe", "system"} | STAFF
    assert allowed(cast, funding.can_view_funding, row) == {"ada", "abe", "eve", "fen", "aud"}
    assert allowed(cast, funding.can_upload_payment_proof, row) == ({"ada", "abe"} if waits else set())
    assert allowed(cast, funding.can_view_postings, row) == set(PEOPLE)
    assert {name for name, person in people.items() if policy.acts_for_platform(person)} == {"eve", "gu", "aud"}


@pytest.mark.parametrize("state", [ChallengeState.LISTED, ChallengeState.ARCHIVED])
def test_a_record_of_another_platform_has_no_sponsor_and_no_money_here(cast: Cast, state: ChallengeState) -> None:
    row = Challenge(id=1, organisation_id=cast.luoyang.id, state=state, origin=Origin.EXTERNAL, proposals_count=0)
    row.organisation = cast.luoyang
    db.session.expunge(row) if row in db.session else None
    for rule in (policy.is_sponsor, policy.can_edit, policy.can_cancel, funding.can_view_funding,
                 funding.can_upload_payment_proof, funding.can_view_postings):  # fmt: skip
        assert allowed(cast, rule, row) == set(), rule.__name__


def test_who_posts_challenges_copies_those_that_are_published_or_their_own(cast: Cast) -> None:
    assert cast.nils
    published, own = in_state(cast, ChallengeState.OPEN), in_state(cast, ChallengeState.SCREENING)
    posts = {name for name in PEOPLE if policy.sponsor_organisations(actor(cast, name))}
    assert posts >= {"ada", "abe"}
    assert "nils" not in posts
    assert allowed(cast, policy.can_copy, published) == posts
    assert allowed(cast, policy.can_copy, own) == {"ada", "abe"}


def test_every_verb_has_its_rule() -> None:
    assert set(policy.RULES) == set(TRANSITIONS)
