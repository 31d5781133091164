"""Rounds: what belongs to one, what the database refuses in one, and what is said of them. A second round is made by
hand: nothing on the platform begins one yet.
"""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask_babel import force_locale

from challenges import queries as challenge_queries
from challenges.followers import key_of
from challenges.models import Challenge, Prize
from challenges.notifications import titled
from challenges.rounds import Round, current_round
from challenges.workflow import ChallengeState
from crowd.audit import SYSTEM
from crowd.background import Job
from crowd.clock import now
from crowd.db import commit, db
from crowd.ledger import check
from crowd.notifications import kinds
from crowd.notifications.models import Notification
from scoring import jobs, queries, services
from scoring.appeals.page import is_reopened
from scoring.awards import queries as award_queries
from scoring.awards import services as awards
from scoring.holds import queries as hold_queries
from scoring.holds import services as holds
from scoring.models import Assignment, Award, ReputationEvent, ReputationKind, ResultVersion
from scoring.results import page
from scoring.results import queries as results
from scoring.reviews import services as reviews
from scoring.settlement import services as settlement
from scoring.workflow import AwardState
from submissions import queries as submissions
from submissions.participation import services as participants
from tests import factories
from tests.cast import Cast

BOTH = {"en": "(round 2)", "zh_Hans_CN": "（第2轮）"}


def begin_round(challenge: Challenge) -> Round:
    """The next round of a challenge, which has the last prize of the one before; its judging begins."""
    row = Round(number=challenge.round.number + 1)
    challenge.rounds.append(row)
    db.session.flush()
    challenge.prizes[-1].round_id = row.id
    challenge.state, challenge.decided_at, challenge.appeals_until = ChallengeState.JUDGING, None, None
    challenge.panel_formed_at = challenge.reviews_in_at = challenge.reviews_due_at = challenge.payment_held_at = None
    commit()
    db.session.expire_all()
    return row


def reviewed_again(challenge: Challenge) -> None:
    """The panel of the current round is formed, and has reviewed."""
    services.form_panel(SYSTEM, challenge.id, challenge.round.id)
    for row in factories.assignments(challenge):
        if row.round_id == challenge.round.id:
            factories.review(row)


def said(kind: str, locale: str) -> list[str]:
    """The subjects of the notifications of a kind, in the order in which they were sent."""
    rows = db.session.scalars(sa.select(Notification).where(Notification.kind == kind).order_by(Notification.id))
    with force_locale(locale):
        return [kinds.subject(row.kind, row.params) for row in rows]


def test_every_challenge_begins_with_round_1(cast: Cast) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    assert [one.number for one in challenge.rounds] == [1]
    assert {prize.round_id for prize in challenge.prizes} == {challenge.round.id}
    assert challenge.round.key == str(challenge.id)
    assert db.session.scalar(sa.select(current_round(challenge.id))) == challenge.round.id


def test_the_prizes_of_a_contract_are_those_of_the_round(cast: Cast) -> None:
    challenge = factories.opened(cast)
    assert len(challenge.prizes) == 3
    assert {prize.round_id for prize in challenge.prizes} == {challenge.round.id}
    assert check.run_checks() == []


def again(row: object, **values: object) -> object:
    """The same row once more."""
    mapper = sa.inspect(type(row))
    assert mapper is not None
    kept = {name: getattr(row, name) for name in mapper.columns.keys() if name != "id"}  # noqa: SIM118
    return type(row)(**kept | values)


def rows_of_round_1(challenge: Challenge) -> dict[str, object]:
    """A row of each table that a round has for itself."""
    award, assignment = award_queries.awards(challenge.id)[0], factories.assignments(challenge)[0]
    event = {"challenge_id": challenge.id, "round_id": challenge.round.id, "kind": ReputationKind.PLACED, "points": 1}
    return {
        "panel": queries.find_panel(challenge.id),
        "prize": challenge.prizes[0],
        "assignment": assignment,
        "award": award,
        "reputation of a person": ReputationEvent(user_id=award.proposal.user_id, **event),
        "reputation of an organisation": ReputationEvent(organisation_id=challenge.organisation_id, **event),
    }


def test_a_round_has_each_row_once_and_the_next_round_has_it_again(cast: Cast) -> None:
    challenge = factories.decided(cast)
    first, found = challenge.round.id, rows_of_round_1(challenge)
    db.session.add_all(found.values())
    second = Round(challenge_id=challenge.id, number=2)
    db.session.add(second)
    db.session.flush()
    prize = again(found["prize"], round_id=second.id)
    db.session.add(prize)
    db.session.flush()
    assert isinstance(prize, Prize)
    own = {"award": {"prize_id": prize.id}}
    for name, row in found.items():
        with pytest.raises(sa.exc.IntegrityError), db.session.begin_nested():
            db.session.add(again(row, **({"position": 9} if name == "award" else {})))
        if name != "prize":
            db.session.add(again(row, round_id=second.id, **own.get(name, {})))
            db.session.flush()
    assert first != second.id


def test_numbers_of_rounds_and_versions_are_unique_in_a_challenge(cast: Cast) -> None:
    challenge = factories.decided(cast)
    second = Round(challenge_id=challenge.id, number=2)
    db.session.add(second)
    (version,) = results.versions(challenge.id)
    db.session.flush()
    for row in (Round(challenge_id=challenge.id, number=2), again(version, round_id=second.id)):
        with pytest.raises(sa.exc.IntegrityError), db.session.begin_nested():
            db.session.add(row)
    db.session.add(again(version, round_id=second.id, number=2))
    db.session.flush()


@pytest.mark.parametrize("table", ["panel", "prize", "assignment", "award", "result_version", "payment_hold"])
def test_no_row_belongs_to_another_challenge_s_round(cast: Cast, table: str) -> None:
    challenge, other = factories.decided(cast), factories.challenge(cast.ada, cast.luoyang)
    holds.hold(cast.gu, challenge.id, reason="The council looks at it.")
    rows = {"result_version": results.versions(challenge.id)[0], "payment_hold": hold_queries.holds(challenge.id)[0]}
    row = (rows_of_round_1(challenge) | rows)[table]
    further = {"result_version": {"number": 2}, "award": {"position": 2}, "prize": {"position": 9}}.get(table, {})
    with pytest.raises(sa.exc.IntegrityError, match=f"fk_{table}_round_id"), db.session.begin_nested():
        db.session.add(again(row, round_id=other.round.id, **further))


def test_the_next_round_is_judged_decided_and_paid_for_itself(cast: Cast) -> None:
    challenge = factories.decided(cast)
    (before,) = results.versions(challenge.id)
    (announced,) = award_queries.awards(challenge.id)
    best = announced.proposal_id
    second = begin_round(challenge)
    assert (queries.find_panel(challenge.id), award_queries.awards(challenge.id)) == (None, [])
    assert (results.newest(challenge.id), is_reopened(challenge)) == (None, False)
    assert [row.ranked.rank for row in queries.ranked(challenge.id)] == [None, None]
    assert [prize.title for prize in award_queries.prizes(challenge)] == ["Third"]
    reviewed_again(challenge)
    third = award_queries.prizes(challenge)[0]
    awards.select_award(cast.ada, challenge.id, prize_id=third.id, proposal_id=best, reason="Again the best.")
    awards.decide(cast.ada, challenge.id)
    version = results.newest(challenge.id)
    assert version is not None
    assert (version.number, version.round_id) == (2, second.id)
    assert page.newest_difference(results.versions(challenge.id), None) is None, "of another round"
    for one in (before, version):
        values = page.version_page(challenge, one.number, None)
        assert (values["counts"], values["difference"]) == (True, None)
    assert award_queries.outcomes([best])[best].prize == "Third"
    factories.move_dates(challenge, appeals_until=now() - timedelta(seconds=1))
    settlement.settle(SYSTEM, challenge.id, version.number)
    states = set(db.session.scalars(sa.select(Award.state).where(Award.challenge_id == challenge.id)))
    assert states == {AwardState.POSTED}, "what is left returns only when both are paid"
    assert set(db.session.scalars(sa.select(ReputationEvent.round_id))) == {second.id}
    assert check.errors(check.run_checks()) == []


def test_a_prize_of_the_round_before_cannot_be_given(cast: Cast) -> None:
    challenge = factories.decided(cast)
    first, best = challenge.prizes[1], submissions.submitted(challenge.id)[1].id
    begin_round(challenge)
    reviewed_again(challenge)
    with pytest.raises(awards.Invalid):
        awards.select_award(cast.ada, challenge.id, prize_id=first.id, proposal_id=best, reason="The second best.")


def test_a_hold_of_the_round_before_holds_nothing(cast: Cast) -> None:
    challenge = factories.decided(cast)
    holds.hold(cast.gu, challenge.id, reason="The council looks at it.")
    assert hold_queries.is_held(challenge.id)
    begin_round(challenge)
    assert not hold_queries.is_held(challenge.id)
    assert hold_queries.holds(challenge.id) == []


def test_a_job_for_the_round_before_forms_no_panel(cast: Cast) -> None:
    challenge = factories.decided(cast)
    first = challenge.round.id
    second = begin_round(challenge)
    assert "skipped" in jobs.form_panel(challenge.id, first)
    assert queries.find_panel(challenge.id) is None
    assert jobs.form_panel(challenge.id, second.id)["missing"] == {}
    panel = queries.find_panel(challenge.id)
    assert panel is not None
    assert panel.round_id == second.id
    asked = sa.select(Assignment.reviewer_id, Assignment.proposal_id).where(Assignment.round_id == second.id)
    assert len(db.session.execute(asked).all()) == 6, "the same reviewers are asked again"


def test_the_settlement_names_the_version_and_so_the_round(cast: Cast) -> None:
    challenge = factories.decided(cast)
    begin_round(challenge)
    reviewed_again(challenge)
    awards.decide(cast.ada, challenge.id, reason="None of them can be built.")
    asked = sa.select(Job.dedup_key, Job.args).where(Job.kind == "settlement.settle").order_by(Job.id)
    assert db.session.execute(asked).all() == [
        (f"settle:{challenge.id}:v{number}", [challenge.id, number]) for number in (1, 2)
    ]
    with pytest.raises(settlement.Superseded):
        settlement.settle(SYSTEM, challenge.id, 1)


def test_reviewers_of_each_round_are_paid_from_one_sum_and_hear_of_each_payment(cast: Cast) -> None:
    challenge = factories.judged(cast, review_fee=20_000, proposals_limit=3)
    for turn in (1, 2):
        awards.decide(cast.ada, challenge.id, reason="None of them can be built.")
        factories.run_jobs("honoraria.pay")
        if turn == 1:
            begin_round(challenge)
            reviewed_again(challenge)
    fees = [row.fee for row in factories.assignments(challenge)]
    assert fees == [20_000] * 6 + [10_000] * 6
    told = sa.select(Notification.user_id).where(Notification.kind == "scoring.honoraria_paid")
    assert list(db.session.scalars(told)) == [cast.ada.id] * 2
    told = sa.select(Notification.user_id).where(Notification.kind == "scoring.honorarium")
    assert sorted(db.session.scalars(told)) == sorted([one.id for one in cast.reviewers()] * 2)
    assert check.errors(check.run_checks()) == []


def test_followers_hear_of_each_decision(cast: Cast) -> None:
    challenge = factories.decided(cast)
    first = key_of(challenge, "decided"), key_of(challenge, "closed")
    factories.move_dates(challenge, decided_at=now() + timedelta(seconds=1))
    assert key_of(challenge, "decided") != first[0], "decided again after an appeal"
    begin_round(challenge)
    assert key_of(challenge, "closed") != first[1]


def test_no_message_names_the_only_round(cast: Cast) -> None:
    challenge = factories.settled(cast)
    assert titled(challenge) == challenge.title
    sent = db.session.scalars(sa.select(Notification.params))
    titles = {params.get("title", params.get("challenge")) for params in sent}
    assert titles >= {challenge.title}
    assert all(title is None or isinstance(title, str) for title in titles)


@pytest.mark.parametrize("locale", BOTH)
def test_messages_name_the_round_where_there_are_two(cast: Cast, locale: str) -> None:
    challenge = factories.decided(cast)
    begin_round(challenge)
    reviewed_again(challenge)
    awards.decide(cast.ada, challenge.id, reason="None of them can be built.")
    for kind in ("scoring.review_asked", "scoring.panel_formed", "scoring.reviews_in", "scoring.decided",
                 "scoring.thanks"):  # fmt: skip
        subjects = said(kind, locale)
        half = len(subjects) // 2
        named = [BOTH[locale] in subject for subject in subjects]
        assert (half > 0, named) == (True, [False] * half + [True] * half), (kind, subjects)


@pytest.mark.parametrize("locale", BOTH)
def test_reminders_name_the_round_where_there_are_two(cast: Cast, locale: str) -> None:
    challenge = factories.decided(cast)
    begin_round(challenge)
    services.form_panel(SYSTEM, challenge.id)
    db.session.execute(sa.update(Assignment).values(due_at=now() + timedelta(hours=1)))
    assert reviews.remind(SYSTEM)["soon"] == 3
    assert all(BOTH[locale] in subject for subject in said("scoring.review_due_soon", locale))


@pytest.mark.parametrize("locale", BOTH)
def test_a_late_message_names_the_round_that_it_is_about(cast: Cast, locale: str) -> None:
    challenge = factories.decided(cast)
    first = challenge.round.id
    participants.notify_participants(SYSTEM, challenge.id, kind="closed", round_id=first)
    before = said("submissions.closed", locale)
    second = begin_round(challenge)
    participants.notify_participants(SYSTEM, challenge.id, kind="closed", round_id=first)
    assert said("submissions.closed", locale) == before, "once for each round"
    participants.notify_participants(SYSTEM, challenge.id, kind="closed", round_id=second.id)
    (late,) = {*said("submissions.closed", locale)} - {*before}
    assert BOTH[locale] in late
    assert titled(challenge, first) != titled(challenge)


def test_the_result_of_the_first_round_stays_readable(cast: Cast) -> None:
    challenge = factories.decided(cast)
    begin_round(challenge)
    assert [one.number for one in results.versions(challenge.id)] == [1]
    assert not results.versions(challenge.id)[0].reopened
    assert db.session.scalars(sa.select(ResultVersion)).one().round_id == challenge.rounds[0].id
    assert challenge_queries.access(cast.ada, challenge.id).round.number == 2
