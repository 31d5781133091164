"""A kind of case that only this test declares runs through parallel steps, a vote of three, silence and substitutes."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from crowd import background, clock
from crowd.accounts.models import PlatformRole, User
from crowd.audit import AuditEvent
from crowd.background import Job, JobState
from crowd.cases import proceedings, queries, services
from crowd.cases.bodies import BODIES
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState, Finding, StepState, VoteChoice
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.feature import Feature, declare, declared
from crowd.features import FEATURES
from crowd.notifications.models import Notification
from crowd.procedure import CaseKind, CaseOutcome, CaseSubject, FormQuestion, OnSilence, StepAct, StepKind, faults
from tests import factories
from tests.cast import Cast
from tests.client import Browser

IN_CONFLICT: set[int] = set()


def about(_actor: object, key: str) -> CaseSubject:
    if key == "0":
        raise NotFound
    respondent = db.session.scalars(sa.select(User.id).where(User.name == "Bea")).one()
    return CaseSubject(id=int(key), title="A well", path="/challenges", people=(respondent,))


def step(name: str, stage: int, body: str, act: StepAct, **more: object) -> StepKind:
    return StepKind(name=name, label=name, body=body, act=act, stage=stage, days=5, **more)  # type: ignore[arg-type]


WELL = CaseKind(
    name="well", label="Permission for a well", explanation="", subject_type="user", subject=about,
    form=(FormQuestion(name="depth", label="Depth", choices={"10": "ten", "100": "hundred"}),
          FormQuestion(name="why", label="Why", optional=True)),
    steps=(
        step("water", 1, "finance", StepAct.SIGNATURE, silence=OnSilence.GRANTS),
        step("roads", 1, "administrator", StepAct.SIGNATURE, silence=OnSilence.GOES_ON),
        step("answer", 2, "respondent", StepAct.OPINION),
        step("council", 3, "council", StepAct.VOTE, quorum=3, silence=OnSilence.REFUSES),
    ),
    effects={CaseOutcome.GRANTED: "wells.dig", CaseOutcome.PARTLY_GRANTED: "wells.dig"},
    conflicts=lambda user_id, subjects: set(subjects) if user_id in IN_CONFLICT else set(),
    consequences={CaseOutcome.GRANTED: "It is dug.", CaseOutcome.PARTLY_GRANTED: "It is dug, but less deep.",
                  CaseOutcome.REFUSED: "It is not dug."},
)  # fmt: skip
DUG: list[tuple[int, int, dict[str, str]]] = []


@background.job("wells.dig")
def dig(case_id: int, subject_id: int, answers: dict[str, str]) -> dict[str, object]:
    DUG.append((case_id, subject_id, answers))
    return {}


@pytest.fixture(autouse=True)
def wells(isolated: object) -> Iterator[None]:
    """The kind is declared like any other, in a manifest."""
    declare([*FEATURES, Feature(name="wells", case_kinds=(WELL,), job_labels={"wells.dig": "Dig a well"})])
    yield
    declare(FEATURES)
    IN_CONFLICT.clear()
    DUG.clear()


@pytest.fixture
def council(cast: Cast) -> list[User]:
    """Three more members beside whoever the cast has."""
    return [factories.user(name, PlatformRole.COUNCIL) for name in ("Una", "Ugo", "Uta")]


@pytest.fixture
def case(cast: Cast, council: list[User]) -> Case:
    """Bo's, about Bea."""
    assert cast.bea.id
    assert cast.fen.id
    assert cast.adm.id
    return services.file_case(cast.bo, "well", "7", answers={"depth": "10"})


def to_vote(cast: Cast, case: Case) -> Case:
    """As far as the council's vote."""
    services.conclude(cast.fen, case.public_id, 1, finding=Finding.YES, reasons="Enough water.")
    services.conclude(cast.adm, case.public_id, 2, finding=Finding.YES, reasons="No road near.")
    return services.conclude(cast.bea, case.public_id, 3, finding=Finding.GIVEN, reasons="I have no objection.")


def test_what_is_declared_is_right() -> None:
    jobs = [*background_jobs(), "wells.dig"]
    assert faults(WELL, jobs, [*BODIES, "respondent"]) == []
    assert faults(replace(WELL, effects={CaseOutcome.GRANTED: "wells.fill"}), jobs, [*BODIES, "respondent"])
    assert faults(replace(WELL, steps=WELL.steps[:3]), jobs, [*BODIES, "respondent"])
    assert faults(replace(WELL, steps=WELL.steps[2:]), jobs, [*BODIES, "respondent"])


def background_jobs() -> list[str]:
    return list(declared().job_labels)


def test_the_form_is_that_of_the_kind(cast: Cast, case: Case) -> None:
    with pytest.raises(Invalid) as refused:
        services.file_case(cast.dee, "well", "7", answers={"depth": "12"})
    assert set(refused.value.fields) == {"depth"}
    with pytest.raises(Conflict):
        services.file_case(cast.bo, "well", "7", answers={"depth": "10"})
    with pytest.raises(NotFound):
        services.file_case(cast.bo, "well", "0", answers={"depth": "10"})
    with pytest.raises(NotFound):
        services.file_case(cast.bo, "lake", "7", answers={})


def test_a_stage_begins_when_all_steps_before_have_ended(cast: Cast, case: Case) -> None:
    assert [one.state for one in case.steps] == ["open", "open", "ahead", "ahead"]
    services.conclude(cast.fen, case.public_id, 1, finding=Finding.YES, reasons="Enough water.")
    assert case.stage == 1
    services.conclude(cast.adm, case.public_id, 2, finding=Finding.PARTLY, reasons="Not by the road.")
    assert (case.stage, case.steps[2].state) == (2, StepState.OPEN)
    with pytest.raises(Conflict):
        services.conclude(cast.adm, case.public_id, 2, finding=Finding.NO, reasons="On second thoughts.")


def test_one_no_refuses_and_the_rest_is_not_asked(cast: Cast, case: Case) -> None:
    services.conclude(cast.fen, case.public_id, 1, finding=Finding.NO, reasons="Too dry.")
    assert case.is_pending, "the other signature of this stage is still asked for"
    services.conclude(cast.adm, case.public_id, 2, finding=Finding.YES, reasons="No road.")
    assert case.state == CaseState.REFUSED
    assert [one.state for one in case.steps[2:]] == ["skipped", "skipped"]
    assert factories.run_jobs("wells.dig") == 0


def test_a_vote_ends_as_soon_as_its_result_stands_and_takes_effect_once(
    cast: Cast, case: Case, council: list[User]
) -> None:
    to_vote(cast, case)
    una, ugo, uta = council
    others = [one for one in queries.voters(case.steps[3]) if one not in {row.id for row in council}]
    for number in others:  # whoever of the cast is on the council, too
        IN_CONFLICT.add(number)
    services.vote(una, case.public_id, 4, choice=VoteChoice.FOR, reasons="It is needed.")
    services.vote(ugo, case.public_id, 4, choice=VoteChoice.FOR, reasons="Yes.")
    with pytest.raises(Forbidden):
        services.vote(una, case.public_id, 4, choice=VoteChoice.AGAINST, reasons="No.")
    assert case.is_pending, "two are no quorum"
    services.vote(uta, case.public_id, 4, choice=VoteChoice.AGAINST, reasons="Too near the river.")
    assert (case.state, case.outcome) == (CaseState.GRANTED, CaseOutcome.GRANTED)
    for _turn in range(2):
        factories.run_jobs("wells.dig")
    assert [(case.id, 7, {"depth": "10", "why": ""})] == DUG
    assert {cast.bo.id, cast.bea.id} <= told("cases.ended")


def test_who_has_voted_and_left_does_not_end_the_vote(cast: Cast, case: Case, council: list[User]) -> None:
    """Of seven, one for and one against leave; those who are still there decide."""
    una, ugo, uta = council
    more = [factories.user(name, PlatformRole.COUNCIL) for name in ("Ute", "Udo", "Uwe", "Ulf")]
    to_vote(cast, case)
    vote = case.steps[3]
    IN_CONFLICT.update(set(queries.voters(vote)) - {row.id for row in (*council, *more)})
    for member, choice in ((una, VoteChoice.FOR), (ugo, VoteChoice.AGAINST)):
        services.vote(member, case.public_id, 4, choice=choice, reasons="So it is.")
    for member in (una, ugo):
        member.roles = []
    db.session.flush()
    assert queries.count_voters(vote) == 7
    for member in (uta, more[0]):
        services.vote(member, case.public_id, 4, choice=VoteChoice.FOR, reasons="Yes.")
    assert case.is_pending, "three against could still change it"
    services.vote(more[1], case.public_id, 4, choice=VoteChoice.AGAINST, reasons="No.")
    services.vote(more[2], case.public_id, 4, choice=VoteChoice.AGAINST, reasons="No.")
    assert case.is_pending
    services.vote(more[3], case.public_id, 4, choice=VoteChoice.AGAINST, reasons="No.")
    assert case.state == CaseState.REFUSED


def test_silence_has_the_consequence_that_was_stated(cast: Cast, case: Case) -> None:
    pass_time(case)
    assert [one.state for one in case.steps] == ["silent", "silent", "open", "ahead"]
    pass_time(case)
    pass_time(case)
    assert case.state == CaseState.REFUSED
    assert [one.finding for one in case.steps] == [Finding.YES, None, None, Finding.NO]
    assert {cast.fen.id, cast.adm.id, cast.bea.id} <= told("cases.step_reminded")
    with pytest.raises(Conflict):
        services.conclude(cast.fen, case.public_id, 1, finding=Finding.YES, reasons="Late.")


def test_what_comes_after_the_date_is_too_late_even_before_the_clock_has_run(cast: Cast, case: Case) -> None:
    case.steps[0].due_at = clock.now() - timedelta(seconds=1)
    with pytest.raises(Conflict):
        services.conclude(cast.fen, case.public_id, 1, finding=Finding.YES, reasons="Just now.")
    assert case.steps[0].is_open


def test_substitutes_vote_where_recusals_leave_no_quorum(cast: Cast, case: Case, council: list[User]) -> None:
    to_vote(cast, case)
    vote = case.steps[3]
    IN_CONFLICT.update(set(queries.voters(vote)) - {row.id for row in council})
    with pytest.raises(Conflict):
        services.name_substitute(cast.eve, case.public_id, 4, user_id=cast.cy.id)
    assert told("cases.quorum_missing") == set()
    services.vote(council[0], case.public_id, 4, choice=VoteChoice.RECUSED, reasons="It is my neighbour's.")
    assert cast.eve.id in told("cases.quorum_missing"), "who names substitutes"
    with pytest.raises(Invalid):
        services.name_substitute(cast.eve, case.public_id, 4, user_id=cast.dee.id)
    services.name_substitute(cast.eve, case.public_id, 4, user_id=cast.cy.id)
    assert told("cases.substitute_named") == {cast.cy.id}
    for member in (*council[1:], cast.cy):
        services.vote(member, case.public_id, 4, choice=VoteChoice.AGAINST, reasons="No.")
    assert case.state == CaseState.REFUSED
    votes = sa.select(AuditEvent.data).where(AuditEvent.action.in_(("case.voted", "case.recused")))
    assert {frozenset(data) for data in db.session.scalars(votes)} == {frozenset({"step"})}, "no vote is in the trail"


@pytest.mark.parametrize("what", ["roles", "active"])
def test_a_substitute_counts_while_they_are_an_active_expert(
    cast: Cast, case: Case, council: list[User], browser: Browser, what: str
) -> None:
    to_vote(cast, case)
    IN_CONFLICT.update(set(queries.voters(case.steps[3])) - {row.id for row in council[1:]})
    services.name_substitute(cast.eve, case.public_id, 4, user_id=cast.cy.id)
    here = f"/cases/{case.public_id}"
    assert cast.cy.id in queries.voters(case.steps[3])
    assert here in browser.sign_in(cast.cy).get("/cases/queue").text
    setattr(cast.cy, what, [] if what == "roles" else False)
    db.session.commit()
    assert cast.cy.id not in queries.voters(case.steps[3])
    assert queries.needs_substitute(case.steps[3]), "another one can be named"
    sent = {"choice": "for", "reasons": "Yes."}
    if what == "roles":
        assert browser.get(here).status_code == 404
        assert browser.post(f"{here}/steps/4/vote", sent).status_code == 404
        assert here not in browser.get("/cases/queue").text
    for choice in (VoteChoice.FOR, VoteChoice.RECUSED):
        with pytest.raises((NotFound, Forbidden)):
            services.vote(cast.cy, case.public_id, 4, choice=choice, reasons="Yes.")


def test_who_has_a_conflict_neither_decides_nor_reads_what_is_for_bodies(cast: Cast, case: Case) -> None:
    services.add_entry(cast.fen, case.public_id, text="Between us.", for_bodies=True)
    services.add_entry(cast.bo, case.public_id, upload=(io.BytesIO(b"%PDF-1.4 map"), "地图.pdf"))
    assert [one.text for one in queries.entries(cast.fen, case)] == ["Between us.", ""]
    assert [one.file.name for one in queries.entries(cast.bea, case) if one.file] == ["地图.pdf"]
    IN_CONFLICT.add(cast.fen.id)
    with pytest.raises(NotFound):
        queries.access(cast.fen, case.public_id)
    with pytest.raises(NotFound):
        services.conclude(cast.fen, case.public_id, 1, finding=Finding.YES, reasons="Yes.")
    for stranger in (cast.dee, cast.cy, None):
        with pytest.raises(NotFound):
            queries.access(stranger, case.public_id)


def test_personal_data_is_blacked_out_with_a_trace(cast: Cast, case: Case) -> None:
    entry = services.add_entry(cast.bo, case.public_id, text="Call 138 0000 0000.")
    with pytest.raises(Forbidden):
        services.blacken(cast.bea, case.public_id, entry.id, text="Call.")
    services.blacken(cast.fen, case.public_id, entry.id, text="Call ███.")
    (shown,) = queries.entries(cast.bea, case)
    assert (shown.text, shown.entry.author, shown.instead.author) == ("Call ███.", cast.bo, cast.fen)
    assert "case.entry_blackened" in db.session.scalars(sa.select(AuditEvent.action)).all()


def test_who_has_filed_withdraws(cast: Cast, case: Case) -> None:
    with pytest.raises(Forbidden):
        services.withdraw(cast.bea, case.public_id)
    services.withdraw(cast.bo, case.public_id)
    assert case.state == CaseState.WITHDRAWN
    with pytest.raises(Conflict):
        services.conclude(cast.fen, case.public_id, 1, finding=Finding.YES, reasons="Yes.")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE case_vote SET choice = 'against'",
        "DELETE FROM case_entry",
        "UPDATE case_entry SET text = 'x'",
        "UPDATE case_step SET finding = 'no' WHERE state = 'concluded'",
        "UPDATE \"case\" SET answers = '{}'",
        'DELETE FROM "case"',
        "DELETE FROM case_party",
    ],
)
def test_the_database_keeps_what_was_said(cast: Cast, case: Case, council: list[User], change: str) -> None:
    to_vote(cast, case)
    services.vote(council[0], case.public_id, 4, choice=VoteChoice.FOR, reasons="Yes.")
    services.add_entry(cast.bo, case.public_id, text="More.")
    with pytest.raises(DBAPIError), db.session.begin_nested():
        db.session.execute(sa.text(change))


def told(kind: str) -> set[int]:
    return set(db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == kind)))


def pass_time(case: Case) -> None:
    """The time of the open steps is over; their clocks run twice."""
    past = clock.now() - timedelta(hours=1)
    for one in case.steps:
        if one.is_open:
            one.due_at = past
    db.session.flush()
    db.session.execute(
        sa.update(Job).where(Job.kind.startswith("cases."), Job.state == JobState.READY).values(run_at=past)
    )
    for kind in ("cases.remind_step", "cases.end_step"):
        assert factories.run_jobs(kind) >= 1, kind
    for one in case.steps:
        proceedings.end_step(one.id)
    db.session.refresh(case)
