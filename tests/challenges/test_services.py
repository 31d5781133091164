"""The lifecycle of a challenge, through its services."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges import policy, queries, services
from challenges.brief import PrizeLine, from_challenge, mark
from challenges.criteria import CriterionLine
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.audit import SYSTEM
from crowd.background import Job
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.ledger import queries as ledger
from crowd.ledger.fees import queries as fees
from crowd.ledger.models import LedgerAccountKind, OwnerType
from crowd.notifications.models import Notification
from tests import factories
from tests.cast import Cast


def told(kind: str) -> set[int]:
    """The people who got a notification of that kind."""
    return set(db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == kind)))


def jobs(kind: str) -> list[Job]:
    return list(db.session.scalars(sa.select(Job).where(Job.kind == kind)))


def test_the_way_from_draft_to_judging(cast: Cast) -> None:
    abe, eve = cast.abe, cast.eve
    challenge = factories.challenge(cast.ada, cast.luoyang, opens_at=None)
    assert challenge.state == ChallengeState.DRAFT
    lifecycle.submit(cast.ada, challenge.id)
    assert challenge.state == ChallengeState.SCREENING
    assert challenge.fee_version == 1
    assert told("challenges.screening_asked") == {eve.id}

    factories.approve(cast.eve, challenge.id)
    assert challenge.payment_reference is not None
    assert told("challenges.approved") == {cast.ada.id, abe.id}

    factories.pay_in(cast, cast.luoyang, challenge.cost)
    lifecycle.fund(cast.ada, challenge.id)
    assert challenge.state == ChallengeState.OPEN, "no opening date: it opens as soon as the money is there"
    assert challenge.published_at == challenge.opens_at
    assert ledger.balance(LedgerAccountKind.ESCROW, OwnerType.CHALLENGE, challenge.id, "CNY") == challenge.cost
    assert [job.run_at for job in jobs("challenges.close")] == [challenge.closes_at + timedelta(seconds=10)]

    with pytest.raises(Conflict):
        lifecycle.close(SYSTEM, challenge.id)
    assert challenge.state == ChallengeState.OPEN
    factories.closed(cast, challenge)
    assert challenge.state == ChallengeState.JUDGING
    assert challenge.decision_due_at > challenge.reviews_due_at > challenge.closed_at
    assert [job.dedup_key for job in jobs("panels.form")] == [f"panels.form:{challenge.id}:{challenge.round.id}"]
    assert [job.args for job in jobs("registrations.notify_closed")] == [[challenge.id, challenge.round.id]]


def test_decision_and_settlement_keep_their_dates(cast: Cast) -> None:
    challenge = factories.closed(cast)
    lifecycle.decide(cast.ada, challenge.id)
    assert challenge.appeals_until - challenge.decided_at == challenge.appeal_window
    with pytest.raises(Conflict):
        lifecycle.settle(SYSTEM, challenge.id)
    factories.move_dates(challenge, appeals_until=clock.now() - timedelta(seconds=1))
    assert lifecycle.settle(SYSTEM, challenge.id).state == ChallengeState.SETTLED


def test_funding_needs_the_whole_cost(cast: Cast) -> None:
    challenge = factories.approved(cast)
    factories.pay_in(cast, cast.luoyang, challenge.cost - 100)
    with pytest.raises(Conflict) as refused:
        lifecycle.fund(cast.ada, challenge.id)
    assert refused.value.facts["missing"] == 100
    assert challenge.state == ChallengeState.APPROVED
    factories.pay_in(cast, cast.luoyang, 100)
    assert lifecycle.fund(cast.ada, challenge.id).state == ChallengeState.OPEN


def test_owners_move_money_members_do_not(cast: Cast) -> None:
    challenge = factories.approved(cast)
    factories.pay_in(cast, cast.luoyang, challenge.cost)
    with pytest.raises(Forbidden):
        lifecycle.fund(cast.abe, challenge.id)


def test_a_later_opening_waits_for_its_date(cast: Cast) -> None:
    challenge = factories.funded(cast)
    assert challenge.state == ChallengeState.FUNDED
    assert [job.run_at for job in jobs("challenges.open")] == [challenge.opens_at]
    with pytest.raises(Conflict):
        lifecycle.open(SYSTEM, challenge.id)
    factories.move_dates(challenge, opens_at=clock.now() - timedelta(seconds=1))
    assert lifecycle.open(SYSTEM, challenge.id).state == ChallengeState.OPEN


def test_what_is_missing_is_said_field_by_field(cast: Cast) -> None:
    challenge = factories.challenge(
        cast.ada,
        cast.luoyang,
        problem_statement="",
        prizes=[],
        closes_at=clock.now() + timedelta(hours=1),
        criteria=[CriterionLine(title="Only one", weight=60)],
    )
    with pytest.raises(Invalid) as refused:
        lifecycle.submit(cast.ada, challenge.id)
    assert set(refused.value.fields) == {"problem_statement", "prizes", "criteria", "closes_at"}
    assert challenge.state == ChallengeState.DRAFT


def test_the_cost_shown_is_the_cost_agreed(cast: Cast) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    with pytest.raises(Conflict):
        lifecycle.submit(cast.ada, challenge.id, cost=1)
    assert challenge.state == ChallengeState.DRAFT
    _version, points = fees.current_fee()
    cost = challenge.prize_total + challenge.prize_total * points // 10_000
    assert lifecycle.submit(cast.ada, challenge.id, cost=cost).cost == cost


def test_prizes_and_rubric_are_replaced_as_a_whole(cast: Cast) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    changed = factories.changes(
        prizes=[PrizeLine(title="One prize", amount=500_000, award_count=2)],
        criteria=[CriterionLine(title="Idea", weight=70), CriterionLine(title="Plan", weight=30)],
    )
    services.edit(cast.abe, challenge.id, changes=changed)
    db.session.refresh(challenge)
    assert [(p.position, p.title, p.total) for p in challenge.prizes] == [(1, "One prize", 1_000_000)]
    assert [c.weight for c in challenge.criteria] == [70, 30]
    assert challenge.prize_total == 1_000_000


def test_two_editors_do_not_overwrite_one_another(cast: Cast) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    base = mark(from_challenge(challenge), ["title", "summary"])
    services.edit(cast.abe, challenge.id, changes={"title": "Abe's title", "summary": "Shorter."}, base=base)
    with pytest.raises(Conflict):
        services.edit(cast.ada, challenge.id, changes={"title": "Ada's title", "summary": "Hers."}, base=base)
    assert challenge.title == "Abe's title"


def test_two_editors_of_different_parts_lose_nothing(cast: Cast) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    seen = from_challenge(challenge)
    services.edit(cast.abe, challenge.id, changes={"rights": "None."}, base=mark(seen, ["rights"]))
    one = [PrizeLine(title="One prize", amount=500_000)]
    services.edit(cast.ada, challenge.id, changes={"prizes": one}, base=mark(seen, ["prizes"]))
    assert (challenge.rights, challenge.prize_total, challenge.title) == ("None.", 500_000, seen.title)


def test_an_error_elsewhere_in_the_draft_stops_no_save_but_the_screening(cast: Cast, isolated: Flask) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    fewer = replace(isolated.config["CROWD"].limits, tags=2)
    isolated.config["CROWD"] = replace(isolated.config["CROWD"], limits=fewer)
    services.edit(cast.ada, challenge.id, changes={"rights": "None."})
    assert challenge.rights == "None."
    with pytest.raises(Invalid) as refused:
        services.edit(cast.ada, challenge.id, changes={"tags": ["one", "two", "three"]})
    assert set(refused.value.fields) == {"tags"}
    with pytest.raises(Invalid) as refused:
        lifecycle.submit(cast.ada, challenge.id)
    assert set(refused.value.fields) == {"tags"}


def test_a_run_of_saves_is_one_event(cast: Cast) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    for actor in (cast.ada, cast.ada, cast.abe, cast.ada):
        services.edit(actor, challenge.id, changes=factories.changes())
    verbs = [event.action for event in queries.events_of(challenge)]
    assert verbs == ["challenge.created"] + ["challenge.edited"] * 3


def test_nothing_promised_is_changed(cast: Cast) -> None:
    challenge = factories.opened(cast)
    richer = {"prizes": [PrizeLine(title="Less", amount=1)]}
    with pytest.raises(Conflict) as refused:
        services.edit(cast.ada, challenge.id, changes=richer)
    assert "new version of its contract" in str(refused.value.message)
    assert challenge.prize_total == 30_000_000


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 161}, "title"),
        ({"problem_statement": "x" * 40_001}, "problem_statement"),
        ({"tags": [f"tag {i}" for i in range(9)]}, "tags"),
        ({"currency": "GBP"}, "currency"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"prizes": [PrizeLine(title="Nothing", amount=0)]}, "prizes"),
        ({"prizes": [PrizeLine(title="All", amount=10**15, award_count=100)]}, "prizes"),
        ({"criteria": [CriterionLine(title="Too heavy", weight=101)]}, "criteria"),
        ({"proposals_limit": 0}, "proposals_limit"),
    ],
)
def test_a_draft_refuses_what_it_cannot_hold(cast: Cast, changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        factories.challenge(cast.ada, cast.luoyang, **changes)
    assert set(refused.value.fields) == {field}


def test_screening_says_why(cast: Cast) -> None:
    challenge = factories.screened(cast)
    with pytest.raises(Invalid):
        lifecycle.return_for_changes(cast.eve, challenge.id, reason="  ")
    lifecycle.return_for_changes(cast.eve, challenge.id, reason="Say how the sites are chosen.")
    assert challenge.state == ChallengeState.DRAFT
    assert told("challenges.returned") == {cast.ada.id}
    lifecycle.submit(cast.ada, challenge.id)
    assert challenge.screening_note == ""
    lifecycle.withdraw_from_screening(cast.ada, challenge.id)
    assert challenge.state == ChallengeState.DRAFT


def test_nobody_screens_his_own_organisation(cast: Cast) -> None:
    from tests.cast import join

    challenge = factories.screened(cast)
    join(cast.eve, cast.luoyang)
    with pytest.raises(Forbidden):
        factories.approve(cast.eve, challenge.id)


def test_an_unverified_organisation_is_not_approved(cast: Cast) -> None:
    challenge = factories.screened(cast)
    cast.luoyang.verified_at = None
    with pytest.raises(Conflict):
        factories.approve(cast.eve, challenge.id)


def test_paying_takes_no_longer_than_the_closing_date_allows(cast: Cast) -> None:
    challenge = factories.approved(cast, closes_at=clock.now() + timedelta(days=3))
    assert challenge.funding_due_at == challenge.closes_at - timedelta(days=1)
    factories.pay_in(cast, cast.luoyang, challenge.cost)
    factories.move_dates(challenge, funding_due_at=clock.now() - timedelta(seconds=1))
    with pytest.raises(Conflict):
        lifecycle.fund(cast.ada, challenge.id)


def test_what_is_not_paid_lapses_and_may_come_again_with_its_reference(cast: Cast) -> None:
    challenge = factories.approved(cast)
    reference = challenge.payment_reference
    with pytest.raises(Conflict):
        lifecycle.expire_funding(SYSTEM, challenge.id)
    factories.move_dates(challenge, funding_due_at=clock.now() - timedelta(seconds=1))
    lifecycle.expire_funding(SYSTEM, challenge.id)
    assert challenge.state == ChallengeState.DRAFT
    assert told("challenges.funding_expired") == {cast.ada.id}
    lifecycle.submit(cast.ada, challenge.id)
    factories.approve(cast.eve, challenge.id)
    assert challenge.payment_reference == reference


def test_cancelling_gives_the_money_back(cast: Cast) -> None:
    challenge = factories.opened(cast)
    cost = challenge.cost
    lifecycle.cancel(cast.ada, challenge.id, reason="The mains are being replaced.")
    assert challenge.state == ChallengeState.CANCELLED
    assert ledger.balance(LedgerAccountKind.ESCROW, OwnerType.CHALLENGE, challenge.id, "CNY") == 0
    assert ledger.balance(LedgerAccountKind.SPONSOR, OwnerType.ORGANISATION, cast.luoyang.id, "CNY") == cost
    assert [job.args for job in jobs("registrations.notify_cancelled")] == [[challenge.id]]


def test_once_answered_only_the_service_centre_or_the_council_cancels(cast: Cast) -> None:
    challenge = factories.opened(cast)
    factories.proposal(cast.bo, challenge)
    with pytest.raises(Forbidden):
        lifecycle.cancel(cast.ada, challenge.id, reason="No money.")
    assert lifecycle.cancel(cast.gu, challenge.id, reason="Not lawful.").state == ChallengeState.CANCELLED


def test_a_draft_is_its_sponsors_alone(cast: Cast) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    for stranger in (None, cast.dee, cast.nils, cast.eve, cast.aud):
        with pytest.raises(NotFound):
            queries.access(stranger, challenge.id)
    assert queries.access(cast.abe, challenge.id) is challenge


def test_agencies_and_strangers_post_nothing(cast: Cast) -> None:
    for person, organisation in ((cast.nils, cast.northlight), (cast.dee, cast.luoyang)):
        with pytest.raises(Forbidden):
            factories.challenge(person, organisation)


def test_copying_starts_a_draft_without_dates(cast: Cast) -> None:
    published = factories.opened(cast)
    other = factories.organisation("Harbour Board")
    pam = factories.user("Pam", member_of=other)
    draft = services.copy(pam, published.id, other.id)
    assert (draft.state, draft.organisation_id, draft.copied_from_id) == (ChallengeState.DRAFT, other.id, published.id)
    assert draft.closes_at is None
    assert [p.amount for p in draft.prizes] == [p.amount for p in published.prizes]
    with pytest.raises(Forbidden):
        services.copy(cast.bo, published.id, other.id)


def test_the_moves_on_offer_are_those_that_succeed(cast: Cast) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    assert policy.open_transitions(cast.ada, challenge) == ["edit", "submit", "cancel"]
    lifecycle.submit(cast.ada, challenge.id)
    assert policy.open_transitions(cast.ada, challenge) == ["withdraw", "cancel"]
    assert policy.open_transitions(cast.eve, challenge) == ["return", "approve", "cancel"]
    assert policy.open_transitions(cast.dee, challenge) == []


def test_one_lock_then_the_clock(cast: Cast) -> None:
    challenge = factories.opened(cast)
    fresh = queries.access(SYSTEM, challenge.id, lock=True)
    assert isinstance(fresh, Challenge)
    assert fresh.takes_proposals(clock.db_now())
    assert not fresh.takes_proposals(fresh.closes_at)
