"""Who was named in the shares of a proposal could read it: they stay behind it when the share is taken away."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from challenges.models import Challenge
from crowd.accounts.models import User
from crowd.audit import SYSTEM
from crowd.db import db
from crowd.errors import Conflict, Forbidden, NotFound
from scoring.awards import services as award_services
from scoring.models import Assignment
from submissions import parties, policy, queries, services
from submissions.models import Proposal, SharePeriod
from submissions.shares import services as shares
from tests import factories
from tests.cast import Cast, join
from tests.turns import in_turn
from tests.worlds import remembered


def keep_all(cast: Cast, draft: Proposal) -> None:
    shares.set_shares(cast.bo, draft.id, own=10_000, others=[])


def replace(cast: Cast, draft: Proposal) -> None:
    shares.set_shares(cast.bo, draft.id, own=5000, others=[(cast.bea.email, 5000)])
    shares.agree_share(cast.bea, draft.id)


def name_twice(cast: Cast, draft: Proposal) -> None:
    shares.set_shares(cast.bo, draft.id, own=6000, others=[(cast.cy.email, 4000)])
    keep_all(cast, draft)


def refuse(cast: Cast, draft: Proposal) -> None:
    shares.refuse_share(cast.cy, draft.id)
    keep_all(cast, draft)


LOST: dict[str, Callable[[Cast, Proposal], None]] = {
    "taken away": keep_all,
    "given to somebody else": replace,
    "offered twice": name_twice,
    "refused": refuse,
}


@remembered
def shared(cast: Cast) -> Proposal:
    """Bo's draft, in which Cy is offered a share."""
    for reviewer in cast.reviewers():
        assert reviewer.id
    draft = factories.proposal(cast.bo, factories.opened(cast), submitted=False)
    shares.set_shares(cast.bo, draft.id, own=7000, others=[(cast.cy.email, 3000)])
    return draft


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    in_turn(metafunc, "entry", LOST)


@pytest.fixture
def entry(request: pytest.FixtureRequest, cast: Cast) -> Proposal:
    """Bo's proposal, submitted, in which Cy, a reviewer, had a share."""
    draft = shared(cast)
    LOST[request.param](cast, draft)
    services.submit(cast.bo, draft.id)
    return draft


def in_judging(cast: Cast, challenge: Challenge) -> Challenge:
    factories.closed(cast, challenge)
    factories.scoring.form_panel(SYSTEM, challenge.id)
    return challenge


def asked(challenge: Challenge) -> set[int]:
    return {row.reviewer_id for row in factories.assignments(challenge)}


def test_they_are_behind_it_and_cannot_read_it(cast: Cast, entry: Proposal) -> None:
    assert cast.cy.id in parties.participants(entry.challenge_id)
    assert parties.is_behind(cast.cy, entry)
    assert not policy.is_contributor(cast.cy, entry)
    with pytest.raises(NotFound):
        queries.access(cast.cy, entry.id)
    (party,) = parties.parties(entry.challenge_id)
    assert cast.cy.id in party.contributors
    assert cast.cy.id not in parties.contributors(entry), "nobody tells them what becomes of it"


def test_they_are_not_chosen_for_the_panel(cast: Cast, entry: Proposal) -> None:
    factories.proposal(cast.dee, entry.challenge)
    panel = asked(in_judging(cast, entry.challenge))
    assert panel == {cast.cleo.id, cast.carl.id}


def test_they_leave_a_panel_that_they_are_on(cast: Cast, entry: Proposal) -> None:
    factories.proposal(cast.dee, entry.challenge)
    challenge = in_judging(cast, entry.challenge)
    db.session.add(
        Assignment(
            challenge_id=challenge.id,
            round_id=challenge.round.id,
            proposal_id=entry.id,
            reviewer_id=cast.cy.id,
            due_at=challenge.reviews_due_at,
            reason={"shared": [], "open": 0, "possible": 1},
        )
    )
    db.session.flush()
    assert factories.scoring.candidates.conflicts_on_panel(challenge)[cast.cy.id, entry.id] == "self"


def test_their_organisations_people_do_not_review_it_either(cast: Cast, entry: Proposal) -> None:
    join(cast.cy, cast.northlight)
    join(cast.cleo, cast.northlight)
    factories.proposal(cast.dee, entry.challenge)
    challenge = in_judging(cast, entry.challenge)
    judges = {row.reviewer_id for row in factories.assignments(challenge) if row.proposal_id == entry.id}
    assert judges == {cast.carl.id}


def test_a_proposal_does_not_win_when_they_have_joined_the_sponsor(cast: Cast, entry: Proposal) -> None:
    challenge = in_judging(cast, entry.challenge)
    for row in factories.assignments(challenge):
        factories.review(row)
    join(cast.cy, cast.luoyang)
    db.session.expire_all()
    assert parties.conflicted([entry.id]) == {entry.id}
    with pytest.raises(Forbidden):
        choose(cast.cy, challenge, entry)


def choose(actor: User, challenge: Challenge, proposal: Proposal) -> None:
    prize = challenge.prizes[0]
    award_services.select_award(actor, challenge.id, prize_id=prize.id, proposal_id=proposal.id, reason="The best.")


def test_an_award_waits_for_the_council_when_they_join_the_sponsor_after_the_decision(
    cast: Cast, entry: Proposal
) -> None:
    from scoring.settlement import services as settlement

    challenge = in_judging(cast, entry.challenge)
    for row in factories.assignments(challenge):
        factories.review(row)
    choose(cast.ada, challenge, entry)
    award_services.decide(cast.ada, challenge.id)
    factories.move_dates(challenge, appeals_until=factories.now() - factories.timedelta(minutes=1))
    join(cast.cy, cast.luoyang)
    with pytest.raises(Conflict, match="council"):
        settlement.settle(SYSTEM, challenge.id)


def test_periods_are_kept_by_the_database_and_by_nobody_else(cast: Cast, entry: Proposal) -> None:
    mine = list(db.session.scalars(sa.select(SharePeriod).where(SharePeriod.user_id == cast.cy.id)))
    assert mine
    assert all(period.ended_at is not None for period in mine)
    for change in (sa.delete(SharePeriod), sa.update(SharePeriod).values(ended_at=None)):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), db.session.begin_nested():
            db.session.execute(change)


def test_an_agency_under_another_row_of_its_number_is_behind_it_too(cast: Cast) -> None:
    twin = factories.organisation("Northlight Sensing, Luoyang branch")
    twin.kind = cast.northlight.kind
    for row in (cast.northlight, twin):
        row.registration_number, row.verified_at = "91410300000000017X", None
    challenge = factories.opened(cast)
    entry = factories.proposal(cast.nils, challenge, organisation=cast.northlight)
    join(cast.dee, twin)
    db.session.expire_all()
    assert parties.is_behind(cast.dee, entry)
    assert cast.dee.id in parties.participants(challenge.id)
