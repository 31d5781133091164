"""A silent sponsor, under each clause of its contract; and the ledger check after each."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from challenges.deciding import AfterCentre, Silence, TieRule
from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd.accounts.models import MemberRole
from crowd.audit import SYSTEM, AuditEvent
from crowd.background import Job
from crowd.clock import now
from crowd.db import db
from crowd.errors import Conflict, Forbidden
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.ledger.check import errors
from crowd.ledger.models import LedgerAccountKind, OwnerType
from crowd.notifications.models import Notification
from scoring import services as scoring
from scoring.awards import queries as award_queries
from scoring.awards import services as awards
from scoring.models import Award
from scoring.results import queries as results
from scoring.settlement import services as settlement
from scoring.silence import services
from scoring.workflow import AwardState
from submissions import queries as submissions
from tests import factories
from tests.cast import Cast, join

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def reviewed(cast: Cast, *points: int, **clauses: Any) -> Challenge:
    """Bo's, Bea's and Nils's proposals, each with the same points of every reviewer; all reviews are in."""
    assert cast.gu.id  # the council is there before anything happens
    authors = ("bo", "bea", "nils")[: len(points)]
    challenge = factories.judging(cast, *authors, **clauses)
    mine = {submission.id: given for submission, given in zip(proposals(challenge), points, strict=True)}
    for assignment in factories.assignments(challenge):
        factories.review(assignment, mine[assignment.proposal_id])
    return challenge


def proposals(challenge: Challenge) -> list[Any]:
    return submissions.submitted(challenge.id)


def over(challenge: Challenge, *, centre: bool = True) -> Challenge:
    """The sponsor's date has passed, and (`centre`) that of the service centre, too."""
    past = now() - (MINUTE if centre else 2 * MINUTE)
    due = past - 14 * DAY if challenge.silence == Silence.CENTRE and centre else past
    last = past if centre else past + 14 * DAY
    dates = {} if challenge.silence == Silence.CENTRE_OR_COUNCIL else {"silence_at": last}
    return factories.move_dates(challenge, reviews_due_at=due - 21 * DAY, decision_due_at=due, **dates)


def given(challenge: Challenge) -> dict[int, int]:
    """Minor units by proposal, in the order of the proposals."""
    query = sa.select(Award.proposal_id, Award.amount).where(Award.challenge_id == challenge.id)
    return dict(db.session.execute(query.order_by(Award.proposal_id)).all())


def told(kind: str) -> set[int]:
    return set(db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == kind)))


def settled(challenge: Challenge) -> Challenge:
    factories.move_dates(challenge, appeals_until=now() - MINUTE)
    return settlement.settle(SYSTEM, challenge.id)


def earned(person: Any) -> int:
    return ledger.balance(LedgerAccountKind.PAYABLE, OwnerType.USER, person.id, "CNY")


def free(cast: Cast) -> int:
    return ledger.balance(LedgerAccountKind.SPONSOR, OwnerType.ORGANISATION, cast.luoyang.id, "CNY")


def test_the_close_sets_the_dates_and_enqueues_the_consequence(cast: Cast) -> None:
    for silence, days in ((Silence.CENTRE, 14), (Silence.RANKING, 0), (Silence.REFUND, 0)):
        challenge = factories.judging(cast, silence=silence)
        assert challenge.decision_due_at is not None
        assert challenge.silence_at == challenge.decision_due_at + timedelta(days=days)
        query = sa.select(Job.run_at).where(Job.kind == "decisions.carry_out_silence", Job.challenge_id == challenge.id)
        assert challenge.silence_at in set(db.session.scalars(query))
    older = factories.judging(cast, silence=Silence.CENTRE_OR_COUNCIL)
    assert older.silence_at is None


def test_nothing_happens_before_the_date(cast: Cast) -> None:
    challenge = reviewed(cast, 9, 8, silence=Silence.RANKING)
    assert services.carry_out(SYSTEM, challenge.id) is None
    assert challenge.state == ChallengeState.JUDGING


def test_only_the_platform_carries_it_out(cast: Cast) -> None:
    challenge = over(reviewed(cast, 9, 8, silence=Silence.RANKING))
    with pytest.raises(Forbidden):
        services.carry_out(cast.ada, challenge.id)


def test_the_prizes_go_by_ranking(cast: Cast) -> None:
    challenge = over(reviewed(cast, 7, 9, silence=Silence.RANKING))
    assert services.carry_out(SYSTEM, challenge.id) == AfterCentre.RANKING
    bos, beas = (one.id for one in proposals(challenge))
    assert given(challenge) == {beas: 20_000_000, bos: 7_000_000}
    assert challenge.state == ChallengeState.DECIDED
    award = award_queries.awards(challenge.id)[0]
    assert (award.selected_by, award.state) == (None, AwardState.ANNOUNCED)
    assert award.contract_version_id == challenge.contract_version_id
    assert "by ranking" in award.reason
    assert "排名" in award.reason
    settled(challenge)
    assert (earned(cast.bea), earned(cast.bo)) == (20_000_000, 7_000_000)
    assert free(cast) == 3_000_000 + 150_000  # the third prize and its fee
    assert errors(check.run_checks()) == []


def test_equal_means_share_the_prizes_of_their_places(cast: Cast) -> None:
    challenge = over(reviewed(cast, 9, 9, 9, silence=Silence.RANKING, tie_rule=TieRule.SHARE, prizes=[
        factories.PrizeLine(title="One", amount=10_000_001, award_count=2),
    ]))  # fmt: skip
    services.carry_out(SYSTEM, challenge.id)
    assert list(given(challenge).values()) == [6_666_668, 6_666_667, 6_666_667]
    assert errors(check.run_checks()) == []
    settled(challenge)
    assert [earned(one) for one in (cast.bo, cast.bea, cast.nils)] == [6_666_668, 6_666_667, 6_666_667]
    assert errors(check.run_checks()) == []


def test_of_equal_means_the_one_submitted_first_goes_ahead(cast: Cast) -> None:
    one_prize = [factories.PrizeLine(title="One", amount=10_000_000)]
    challenge = over(reviewed(cast, 9, 9, silence=Silence.RANKING, tie_rule=TieRule.EARLIEST, prizes=one_prize))
    services.carry_out(SYSTEM, challenge.id)
    assert given(challenge) == {proposals(challenge)[0].id: 10_000_000}


def test_everything_is_refunded(cast: Cast) -> None:
    challenge = over(reviewed(cast, 9, 9, silence=Silence.REFUND))
    assert services.carry_out(SYSTEM, challenge.id) == AfterCentre.REFUND
    assert given(challenge) == {}
    version = results.newest(challenge.id)
    assert version is not None
    assert "all money returns to the sponsor" in version.note
    cost = challenge.cost
    settled(challenge)
    assert free(cast) == cost
    assert errors(check.run_checks()) == []


@pytest.mark.parametrize("after", AfterCentre)
def test_where_the_service_centre_is_silent_too(cast: Cast, after: AfterCentre) -> None:
    challenge = over(reviewed(cast, 9, 8, centre_silence=after), centre=False)
    assert scoring.notify_overdue(SYSTEM, challenge.id) >= {cast.ada.id, cast.eve.id, cast.gu.id}
    assert told("scoring.centre_decides") >= {cast.ada.id, cast.eve.id, cast.gu.id}
    assert services.carry_out(SYSTEM, challenge.id) is None
    over(challenge)
    assert services.carry_out(SYSTEM, challenge.id) == after
    assert bool(given(challenge)) == (after == AfterCentre.RANKING)
    settled(challenge)
    assert errors(check.run_checks()) == []


def test_the_service_centre_decides_in_the_sponsors_place(cast: Cast) -> None:
    challenge = over(reviewed(cast, 9, 8), centre=False)
    second = proposals(challenge)[1].id
    awards.select_award(cast.eve, challenge.id, prize_id=challenge.prizes[0].id, proposal_id=second, reason="Cheaper.")
    awards.decide(cast.eve, challenge.id)
    over(challenge)
    assert services.carry_out(SYSTEM, challenge.id) is None
    assert given(challenge) == {second: 20_000_000}


@pytest.mark.parametrize("silence", [Silence.RANKING, Silence.REFUND])
def test_where_the_contract_decides_by_itself_no_office_may(cast: Cast, silence: Silence) -> None:
    challenge = over(reviewed(cast, 9, 8, silence=silence))
    for officer in (cast.eve, cast.gu):
        with pytest.raises(Conflict):
            awards.decide(officer, challenge.id, reason="Nothing fits.")
    assert scoring.notify_overdue(SYSTEM, challenge.id) == set()
    awards.decide(cast.ada, challenge.id, reason="Nothing fits.")  # the sponsor was faster than the job
    assert services.carry_out(SYSTEM, challenge.id) is None


def test_under_an_older_contract_nothing_happens_by_itself(cast: Cast) -> None:
    challenge = over(reviewed(cast, 9, 8, silence=Silence.CENTRE_OR_COUNCIL))
    assert services.carry_out(SYSTEM, challenge.id) is None
    assert scoring.notify_overdue(SYSTEM, challenge.id) >= {cast.ada.id, cast.eve.id}
    assert told("scoring.decision_overdue") >= {cast.ada.id, cast.eve.id}
    assert told("scoring.centre_decides") == set()


def test_a_choice_that_was_not_published_is_no_decision(cast: Cast) -> None:
    challenge = reviewed(cast, 9, 8, silence=Silence.RANKING)
    worse = proposals(challenge)[1].id
    awards.select_award(cast.ada, challenge.id, prize_id=challenge.prizes[0].id, proposal_id=worse, reason="Cheaper.")
    services.carry_out(SYSTEM, over(challenge).id)
    assert given(challenge)[worse] == 7_000_000
    assert errors(check.run_checks()) == []


def test_a_chosen_award_before_the_decision_is_no_finding(cast: Cast) -> None:
    challenge = reviewed(cast, 9, 8)
    first = proposals(challenge)[0].id
    awards.select_award(cast.ada, challenge.id, prize_id=challenge.prizes[0].id, proposal_id=first, reason="The best.")
    assert errors(check.run_checks()) == []


def test_without_a_review_nothing_is_awarded(cast: Cast) -> None:
    challenge = over(factories.judging(cast, silence=Silence.RANKING))
    services.carry_out(SYSTEM, challenge.id)
    assert given(challenge) == {}
    assert challenge.state == ChallengeState.DECIDED


def test_whoever_has_come_close_to_the_sponsor_does_not_win(cast: Cast) -> None:
    """As in a decision by persons; whoever comes close after it waits for the council."""
    challenge = over(reviewed(cast, 9, 8, 7, silence=Silence.RANKING))
    join(cast.bo, cast.luoyang, MemberRole.MEMBER)
    services.carry_out(SYSTEM, challenge.id)
    bos, beas, nils = (one.id for one in proposals(challenge))
    assert given(challenge) == {beas: 20_000_000, nils: 7_000_000}
    join(cast.bea, cast.luoyang, MemberRole.MEMBER)
    with pytest.raises(settlement.Held):
        settled(challenge)
    assert settlement.hold(SYSTEM, challenge.id) == 1
    assert bos not in given(challenge)


def test_it_waits_while_a_reviewer_is_replaced(cast: Cast) -> None:
    challenge = over(reviewed(cast, 9, 8, silence=Silence.RANKING))
    reviewer = factories.assignments(challenge)[0].reviewer
    join(reviewer, cast.luoyang, MemberRole.MEMBER)
    with pytest.raises(Conflict):
        services.carry_out(SYSTEM, challenge.id)
    assert challenge.state == ChallengeState.JUDGING


def test_all_parties_hear_what_happened_by_which_clause(cast: Cast) -> None:
    challenge = over(reviewed(cast, 9, 8, silence=Silence.RANKING))
    services.carry_out(SYSTEM, challenge.id)
    assert told("scoring.decided_by_contract") >= {cast.ada.id, cast.bo.id, cast.bea.id, cast.eve.id, cast.gu.id}
    assert told("scoring.won") == {cast.bo.id, cast.bea.id}
    event = db.session.scalar(sa.select(AuditEvent).where(AuditEvent.action == "challenge.silent"))
    assert event is not None
    assert (event.actor_id, event.data["consequence"]) == (None, {"term": ["ranking", "silence"]})


def test_who_decides_is_reminded_before_each_date_once(cast: Cast) -> None:
    challenge = reviewed(cast, 9, 8)

    def reminded() -> list[tuple[str, int]]:
        services.remind(SYSTEM)
        services.remind(SYSTEM)
        query = sa.select(Notification.kind, Notification.user_id).where(Notification.kind.contains("soon"))
        return [(kind, user_id) for kind, user_id in db.session.execute(query.order_by(Notification.id))]

    assert reminded() == []
    factories.move_dates(challenge, decision_due_at=now() + 4 * DAY, silence_at=now() + 18 * DAY)
    assert reminded() == [("scoring.decide_soon", cast.ada.id)]
    factories.move_dates(challenge, decision_due_at=now() + timedelta(hours=20))
    assert reminded().count(("scoring.decide_soon", cast.ada.id)) == 2
    factories.move_dates(challenge, decision_due_at=now() - 10 * DAY, silence_at=now() + 4 * DAY)
    centre = {one for kind, one in reminded() if kind == "scoring.centre_decides_soon"}
    assert centre >= {cast.eve.id, cast.gu.id}
    assert cast.ada.id not in centre


def test_the_sponsor_may_not_pass_over_the_earlier_of_equal_means(cast: Cast) -> None:
    challenge = reviewed(cast, 9, 9, tie_rule=TieRule.EARLIEST)
    first, later = (one.id for one in proposals(challenge))
    one = awards.select_award(cast.ada, challenge.id, prize_id=challenge.prizes[0].id, proposal_id=later, reason="It.")
    with pytest.raises(Conflict):
        awards.decide(cast.ada, challenge.id)
    awards.deselect_award(cast.ada, one.id)
    awards.select_award(cast.ada, challenge.id, prize_id=challenge.prizes[0].id, proposal_id=first, reason="It.")
    awards.decide(cast.ada, challenge.id)
    assert given(challenge) == {first: 20_000_000}


def test_what_the_sponsor_gives_one_of_equal_means_all_of_them_share(cast: Cast) -> None:
    challenge = reviewed(cast, 9, 9, 8, tie_rule=TieRule.SHARE)
    first, second, _third = (one.id for one in proposals(challenge))
    awards.select_award(cast.ada, challenge.id, prize_id=challenge.prizes[1].id, proposal_id=second, reason="It.")
    awards.decide(cast.ada, challenge.id)
    assert given(challenge) == {first: 3_500_000, second: 3_500_000}
    settled(challenge)
    assert (earned(cast.bo), earned(cast.bea)) == (3_500_000, 3_500_000)
    assert errors(check.run_checks()) == []


def test_below_a_passing_score_nothing_is_given(cast: Cast) -> None:
    challenge = over(reviewed(cast, 9, 6, 8, silence=Silence.RANKING, passing_score=Decimal(70)))
    services.carry_out(SYSTEM, challenge.id)
    bos, _beas, nils = (one.id for one in proposals(challenge))
    assert given(challenge) == {bos: 20_000_000, nils: 7_000_000}
    none = over(reviewed(cast, 6, 5, silence=Silence.RANKING, passing_score=Decimal(70)))
    services.carry_out(SYSTEM, none.id)
    assert given(none) == {}
