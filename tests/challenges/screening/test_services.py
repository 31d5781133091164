"""The screening: who has it, the checklist, remarks, rounds and their pace."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges import services as drafts
from challenges.drafting.queries import gaps_of
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.screening import queries, rounds, services
from challenges.screening.models import ChecklistItem, ScreeningRound
from challenges.screening.workflow import CheckAnswer, ScreeningOutcome
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.accounts.models import PlatformRole, User
from crowd.accounts.units import services as units
from crowd.audit import AuditEvent
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.notifications.models import Notification
from tests import factories
from tests.cast import Cast, commit, join
from tests.crowd.accounts.test_units import QINGDAO, ZIBO, officer, unit


@pytest.fixture
def evi(cast: Cast) -> User:
    """Another person of the service centre."""
    return factories.user("Evi", PlatformRole.SERVICE_CENTRE)


def current(challenge: Challenge) -> ScreeningRound:
    one = rounds.current(challenge)
    assert one is not None
    return one


def told(kind: str) -> set[int]:
    return set(db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == f"challenges.{kind}")))


# ---- who screens


def test_it_is_taken_and_taken_over_from_the_person_whom_the_page_showed(cast: Cast, evi: User) -> None:
    challenge = factories.screened(cast)
    assert services.claim(cast.eve, challenge.id, holder=None).taken_by == cast.eve.id
    with pytest.raises(Conflict):
        services.claim(evi, challenge.id, holder=None)  # the page said that nobody had it
    taken = services.claim(evi, challenge.id, holder=cast.eve.id)
    assert (taken.holder, taken.taken_by) == (evi, evi.id)
    assert told("screening_taken_over") == {cast.eve.id}
    with pytest.raises(Conflict):
        services.release(cast.eve, challenge.id)
    assert services.release(evi, challenge.id).taken_at is None


ACTS: dict[str, Callable[[User, int], object]] = {
    "check": lambda person, number: services.check(person, number, answers={"problem": (CheckAnswer.YES, "")}),
    "remark": lambda person, number: services.remark(person, number, field="title", text="Say more."),
    "return": lambda person, number: lifecycle.return_for_changes(person, number, reason="Say more."),
    "approve": lambda person, number: lifecycle.approve(person, number),
}


@pytest.mark.parametrize("act", ACTS)
def test_who_acts_first_has_it_and_others_take_it_over_first(act: str, cast: Cast, evi: User) -> None:
    challenge = factories.screened(cast)
    factories.checked(cast.eve, challenge.id)
    one = current(challenge)
    assert one.taken_by == cast.eve.id
    with pytest.raises(Conflict, match="Eve screens this challenge"):
        ACTS[act](evi, challenge.id)
    assert (challenge.state, one.taken_by) == (ChallengeState.SCREENING, cast.eve.id)
    services.claim(evi, challenge.id, holder=cast.eve.id)
    ACTS[act](evi, challenge.id)
    assert one.taken_by == evi.id


def test_a_hand_over_to_a_unit_gives_it_back(cast: Cast) -> None:
    qi = officer("Qi", QINGDAO, cast)
    challenge = factories.screened(cast)
    services.claim(cast.eve, challenge.id, holder=None)
    services.hand_over(cast.eve, challenge.id, unit_id=unit(QINGDAO).id, note="Yours.")
    assert current(challenge).taken_by is None
    assert services.claim(qi, challenge.id, holder=None).taken_by == qi.id


def test_a_lead_assigns_in_the_unit_where_it_waits(cast: Cast, evi: User) -> None:
    qi, zi = officer("Qi", QINGDAO, cast), officer("Zi", ZIBO, cast)
    challenge = factories.screened(cast)
    for person in (cast.eve, qi, cast.ada, cast.fen):
        with pytest.raises((Forbidden, NotFound)):
            services.assign(person, challenge.id, user_id=evi.id)
    units.set_lead(cast.adm, unit(QINGDAO).id, user_id=qi.id, leads=True)
    assert services.assign(qi, challenge.id, user_id=evi.id).taken_by == evi.id  # it waits in no unit
    assert told("screening_assigned") == {evi.id}
    services.hand_over(cast.eve, challenge.id, unit_id=unit(ZIBO).id, note="Yours.")
    with pytest.raises(Forbidden):
        services.assign(qi, challenge.id, user_id=evi.id)  # it waits in another's
    assert services.assign(cast.adm, challenge.id, user_id=zi.id).taken_by == zi.id
    units.set_lead(cast.adm, unit(QINGDAO).id, user_id=qi.id, leads=False)
    assert not queries.may_assign(qi, challenge)


def test_only_who_may_screen_is_assigned(cast: Cast, evi: User) -> None:
    challenge = factories.screened(cast)
    join(evi, cast.luoyang)
    for person in (evi, cast.bo, cast.ada):
        with pytest.raises(Invalid):
            services.assign(cast.adm, challenge.id, user_id=person.id)
    with pytest.raises(Forbidden):
        services.claim(evi, challenge.id, holder=None)


@pytest.mark.parametrize("name", ["ada", "bo", "fen", "gu", "aud", "adm", "cy"])
def test_nobody_else_takes_checks_or_remarks(name: str, cast: Cast) -> None:
    challenge, person = factories.screened(cast), getattr(cast, name)
    for act in (lambda: services.claim(person, challenge.id, holder=None), *(
        lambda act=act: act(person, challenge.id) for act in ACTS.values()
    )):  # fmt: skip
        with pytest.raises((Forbidden, NotFound)):
            act()
    assert current(challenge).taken_by is None


@pytest.mark.parametrize("make", [factories.approved, factories.opened])
def test_after_the_screening_nothing_of_it_changes(make: Callable[[Cast], Challenge], cast: Cast) -> None:
    challenge = make(cast)
    for act in (
        lambda: services.claim(cast.eve, challenge.id, holder=None),
        lambda: services.assign(cast.adm, challenge.id, user_id=cast.eve.id),
        lambda: ACTS["check"](cast.eve, challenge.id),
        lambda: ACTS["remark"](cast.eve, challenge.id),
    ):
        with pytest.raises(Conflict):
            act()


# ---- the checklist


def test_an_approval_needs_every_required_item(cast: Cast) -> None:
    challenge = factories.screened(cast)
    items = queries.checklist(current(challenge).checklist).items
    required = [item.key for item in items if item.required]
    assert 0 < len(required) < len(items)
    with pytest.raises(Conflict, match=str(len(required))):
        lifecycle.approve(cast.eve, challenge.id)
    answers = dict.fromkeys(required, (CheckAnswer.YES, ""))
    answers[required[0]] = (CheckAnswer.NO, "It names a product.")
    services.check(cast.eve, challenge.id, answers=answers)
    with pytest.raises(Conflict):
        lifecycle.approve(cast.eve, challenge.id)
    services.check(cast.eve, challenge.id, answers={required[0]: (CheckAnswer.NOT_APPLICABLE, "None is named.")})
    assert lifecycle.approve(cast.eve, challenge.id).state == ChallengeState.APPROVED
    done = db.session.scalars(sa.select(AuditEvent.data).where(AuditEvent.action == "screening.checked")).all()
    assert [event["answers"] for event in done] == [len(required), 1]


def test_an_item_that_there_is_not_is_refused(cast: Cast) -> None:
    challenge = factories.screened(cast)
    with pytest.raises(Invalid):
        services.check(cast.eve, challenge.id, answers={"nonsense": (CheckAnswer.YES, "")})


def test_a_round_follows_the_checklist_of_its_beginning(cast: Cast) -> None:
    before = factories.screened(cast)
    first = queries.checklists()[0]
    more = [*first.items, ChecklistItem("", {"en": "Nothing else", "zh_Hans_CN": "没有别的"}, True)]
    second = services.write_checklist(cast.adm, items=more, note="One more.", after=first.id)
    assert second.id == first.id + 1
    assert [item.key for item in second.items[:-1]] == [item.key for item in first.items]
    after = factories.screened(cast)
    assert (current(before).checklist, current(after).checklist) == (first.id, second.id)
    factories.checked(cast.eve, before.id)
    assert lifecycle.approve(cast.eve, before.id)
    with pytest.raises(Conflict):
        services.write_checklist(cast.adm, items=first.items, note="From an old page.", after=first.id)
    with pytest.raises(Invalid):
        services.write_checklist(cast.adm, items=[], note="Empty.", after=second.id)
    with pytest.raises(Invalid):
        services.write_checklist(cast.adm, items=second.items, note="The same.", after=second.id)
    with pytest.raises(Forbidden):
        services.write_checklist(cast.eve, items=first.items, note="Mine.", after=second.id)
    assert [version.id for version in queries.checklists()] == [second.id, first.id]


# ---- remarks


def test_two_rounds_with_remarks_that_the_sponsor_resolves(cast: Cast, evi: User) -> None:
    challenge = factories.screened(cast)
    first = services.remark(cast.eve, challenge.id, field="prizes", text="The second prize is too small.")
    gone = services.remark(cast.eve, challenge.id, field="title", text="A slip.")
    services.delete_remark(cast.eve, challenge.id, gone.id)
    assert not queries.remarks_of(challenge, sent=True), "the sponsor reads nothing yet"
    with pytest.raises(Conflict, match="not read"):
        factories.approve(cast.eve, challenge.id)
    lifecycle.return_for_changes(cast.eve, challenge.id, reason="See the remark.")
    assert [(gap.step, gap.field) for gap in gaps_of(challenge)] == [("prizes", "prizes")]
    with pytest.raises(Invalid) as refused:
        lifecycle.submit(cast.ada, challenge.id)
    assert set(refused.value.fields) == {"prizes"}
    services.resolve(cast.ada, challenge.id, shown=[first.id], resolved=[first.id])
    assert (first.resolved_by, gaps_of(challenge)) == (cast.ada.id, [])
    services.resolve(cast.abe, challenge.id, shown=[first.id], resolved=[])
    assert first.is_open
    services.resolve(cast.abe, challenge.id, shown=[first.id], resolved=[first.id])
    lifecycle.submit(cast.ada, challenge.id)
    services.reopen_remark(evi, challenge.id, first.id)
    assert first.round_id == current(challenge).id
    lifecycle.return_for_changes(evi, challenge.id, reason="It is still small.")
    assert first.is_open
    services.resolve(cast.ada, challenge.id, shown=[first.id], resolved=[first.id])
    lifecycle.submit(cast.ada, challenge.id)
    factories.approve(cast.eve, challenge.id)
    ended = [(one.number, one.outcome) for one in queries.rounds_of(challenge)]
    assert ended == [
        (3, ScreeningOutcome.APPROVED), (2, ScreeningOutcome.RETURNED), (1, ScreeningOutcome.RETURNED),
    ]  # fmt: skip


def test_a_remark_that_was_read_stays(cast: Cast) -> None:
    challenge = factories.screened(cast)
    row = services.remark(cast.eve, challenge.id, field="rights", text="Say which.")
    for field, text in (("nonsense", "Where?"), ("rights", " ")):
        with pytest.raises(Invalid):
            services.remark(cast.eve, challenge.id, field=field, text=text)
    lifecycle.return_for_changes(cast.eve, challenge.id, reason="See the remark.")
    services.resolve(cast.ada, challenge.id, shown=[row.id], resolved=[row.id])
    lifecycle.submit(cast.ada, challenge.id)
    with pytest.raises(Conflict):
        services.delete_remark(cast.eve, challenge.id, row.id)
    other = factories.screened(cast)
    with pytest.raises(NotFound):
        services.delete_remark(cast.eve, other.id, row.id)
    with pytest.raises(Conflict):
        services.resolve(cast.ada, challenge.id, shown=[row.id], resolved=[])


def test_remarks_have_a_limit(cast: Cast, isolated: Flask) -> None:
    fewer = replace(isolated.config["CROWD"].limits, screening_remarks=1)
    isolated.config["CROWD"] = replace(isolated.config["CROWD"], limits=fewer)
    challenge = factories.screened(cast)
    services.remark(cast.eve, challenge.id, field="rights", text="Say which.")
    with pytest.raises(Conflict):
        services.remark(cast.eve, challenge.id, field="title", text="Shorter.")


@pytest.mark.parametrize("name", ["bo", "eve", "fen", "aud"])
def test_only_the_sponsor_resolves(name: str, cast: Cast) -> None:
    challenge = factories.screened(cast)
    row = services.remark(cast.eve, challenge.id, field="rights", text="Say which.")
    lifecycle.return_for_changes(cast.eve, challenge.id, reason="See the remark.")
    with pytest.raises((Forbidden, NotFound)):
        services.resolve(getattr(cast, name), challenge.id, shown=[row.id], resolved=[row.id])


# ---- rounds


def test_a_round_keeps_what_was_submitted_and_tells_what_has_changed(cast: Cast) -> None:
    challenge = factories.screened(cast)
    lifecycle.return_for_changes(cast.eve, challenge.id, reason="Another title.")
    drafts.edit(cast.ada, challenge.id, changes={"title": "Quiet valves", "rights": "None."})
    lifecycle.submit(cast.ada, challenge.id)
    now, before = queries.rounds_of(challenge)
    found = queries.changes(before, now.document)
    assert found is not None
    assert [change.label for change in found] == ["Title", "Rights"]
    assert queries.changes(None, now.document) is None
    before.document = None  # sent before rounds were kept
    assert queries.changes(before, now.document) is None


ENDS: dict[str, tuple[Callable[[Cast, Challenge], object], ScreeningOutcome]] = {
    "approve": (lambda cast, row: factories.approve(cast.eve, row.id), ScreeningOutcome.APPROVED),
    "return": (
        lambda cast, row: lifecycle.return_for_changes(cast.eve, row.id, reason="More."), ScreeningOutcome.RETURNED
    ),
    "withdraw": (lambda cast, row: lifecycle.withdraw_from_screening(cast.ada, row.id), ScreeningOutcome.WITHDRAWN),
    "cancel": (lambda cast, row: lifecycle.cancel(cast.ada, row.id, reason="No."), ScreeningOutcome.CANCELLED),
}  # fmt: skip


@pytest.mark.parametrize("how", ENDS)
def test_whatever_takes_it_out_ends_the_round(how: str, cast: Cast) -> None:
    challenge = factories.screened(cast)
    act, outcome = ENDS[how]
    act(cast, challenge)
    (one,) = queries.rounds_of(challenge)
    assert (one.outcome, rounds.current(challenge)) == (outcome, None)
    assert one.ended_at is not None


def test_the_setting_says_when_it_is_due(cast: Cast, isolated: Flask) -> None:
    shorter = replace(isolated.config["CROWD"].limits, screening_days=0)
    usual = current(factories.screened(cast))
    assert timedelta(days=7) <= usual.due_at - usual.submitted_at <= timedelta(days=9)
    isolated.config["CROWD"] = replace(isolated.config["CROWD"], limits=shorter)
    soon = current(factories.screened(cast))
    assert soon.due_at - soon.submitted_at <= timedelta(days=2)
    assert soon.overdue(soon.due_at)
    assert not soon.overdue(soon.due_at - timedelta(seconds=1))


def test_the_pace_is_told_once_there_are_enough(cast: Cast) -> None:
    challenge = factories.screened(cast)
    assert queries.pace() == queries.Pace(0, None)
    assert not queries.pace().known
    one, now = current(challenge), clock.now()
    for number, days in enumerate((1, 2, 3, 9, 30), start=2):
        db.session.add(
            ScreeningRound(
                challenge_id=challenge.id, number=number, checklist=one.checklist, due_at=now,
                submitted_at=now - timedelta(days=days), ended_at=now, outcome=ScreeningOutcome.RETURNED,
            )
        )  # fmt: skip
    db.session.add(
        ScreeningRound(
            challenge_id=challenge.id, number=9, checklist=one.checklist, due_at=now,
            submitted_at=now - timedelta(days=90), ended_at=now, outcome=ScreeningOutcome.WITHDRAWN,
        )
    )  # fmt: skip
    commit()
    assert queries.pace() == queries.Pace(5, timedelta(days=3))
    assert queries.pace().known


# ---- saved answers


def test_saved_answers_are_ones_own_or_shared(cast: Cast, evi: User, isolated: Flask) -> None:
    own = services.save_answer(cast.eve, heading="Brand", text="Name no product.", shared=False)
    shared = services.save_answer(cast.eve, heading="Weights", text="Say why.", shared=True)
    assert queries.saved_answers(cast.eve) == [own, shared]
    assert queries.saved_answers(evi) == [shared]
    with pytest.raises(NotFound):
        services.delete_answer(evi, shared.id)
    with pytest.raises(Forbidden):
        services.save_answer(cast.ada, heading="Mine", text="No.", shared=True)
    fewer = replace(isolated.config["CROWD"].limits, saved_answers=2)
    isolated.config["CROWD"] = replace(isolated.config["CROWD"], limits=fewer)
    with pytest.raises(Conflict):
        services.save_answer(cast.eve, heading="A third", text="No.", shared=True)
    services.delete_answer(cast.eve, own.id)
    assert queries.saved_answers(cast.eve) == [shared]
