"""Who has a conflict of interest in a case: the rule of the panels, for one person and as SQL, for the queue."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from crowd.accounts.belonging import Belonging
from crowd.accounts.kept_registers import AGENCIES
from crowd.accounts.models import Membership, Organisation, PlatformRole, User
from crowd.audit import SYSTEM, AuditEvent
from crowd.cases import conflicts, queries, queues, services
from crowd.cases.models import Case, CaseStep
from crowd.cases.workflow import Finding, VoteChoice
from crowd.conflicts import conflict_with
from crowd.db import db
from crowd.feature import Feature, declare
from crowd.features import FEATURES
from crowd.procedure import OnSilence, StepAct
from crowd.registers import queries as register_queries
from crowd.registers import services as registers
from scoring.models import ConflictOfInterest
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.cases.test_cases import IN_CONFLICT, WELL, case, council, step, to_vote, wells

__all__ = ["case", "council", "wells"]  # fixtures
REPORT = {"ground": "advertising", "what": "It sells pills."}


def belongs(zoe: User, firm: Organisation) -> Membership:
    row = Membership(user_id=zoe.id, organisation_id=firm.id)
    db.session.add(row)
    db.session.flush()
    return row


def left(zoe: User, firm: Organisation) -> None:
    db.session.delete(belongs(zoe, firm))


def twin(zoe: User, firm: Organisation) -> None:
    """Belongs to the same body, which is registered once more."""
    firm.registration_number, firm.register, firm.country = "SAME-1", "Brreg", "NO"
    other = Organisation(name="Northlight again", kind=firm.kind, country="NO", register="Brreg",
                         registration_number="SAME-1")  # fmt: skip
    db.session.add(other)
    db.session.flush()
    belongs(zoe, other)


def declared(zoe: User, firm: Organisation) -> None:
    db.session.add(ConflictOfInterest(reviewer_id=zoe.id, organisation_id=firm.id))


def declared_with_filer(zoe: User, _firm: Organisation) -> None:
    filer = db.session.scalars(sa.select(Case.filed_by)).one()
    db.session.add(ConflictOfInterest(reviewer_id=zoe.id, user_id=filer))


def nothing(_zoe: User, _firm: Organisation) -> None:
    pass


@pytest.mark.parametrize(
    ("happens", "conflicted"),
    [(nothing, False), (belongs, True), (left, True), (twin, True), (declared, True), (declared_with_filer, True)],
)  # fmt: skip
def test_the_rule_is_one_for_a_person_and_for_the_queue(
    cast: Cast, browser: Browser, happens: Callable[[User, Organisation], object], conflicted: bool
) -> None:
    assert cast.nils.id
    case = services.file_case(cast.bo, "organisation_report", str(cast.northlight.id), answers=REPORT)
    services.conclude(cast.nils, case.public_id, 1, finding=Finding.GIVEN, reasons="No.")
    zoe = factories.user("Zoe", PlatformRole.SERVICE_CENTRE)
    happens(zoe, cast.northlight)
    db.session.flush()
    db.session.expire_all()
    assert conflicts.is_conflicted(zoe, case) == conflicted
    assert (zoe.id in queries.voters(case.steps[1])) == (not conflicted)
    with browser.app.test_request_context():
        steps = db.session.scalars(
            sa.select(CaseStep.case_id).join(CaseStep.case).where(queues.queues(zoe).within)
        ).all()
        assert (case.id in steps) == (not conflicted)
    reads = not conflicted or happens is belongs  # as one of the organisation's people, not as an official
    assert browser.sign_in(zoe).get(f"/cases/{case.public_id}").status_code == (200 if reads else 404)


@pytest.mark.parametrize(
    ("happens", "conflicted"), [(nothing, False), (belongs, True), (left, True), (twin, True), (declared, True)]
)
def test_what_is_done_outside_a_case_follows_the_rule(
    cast: Cast, browser: Browser, happens: Callable[[User, Organisation], object], conflicted: bool
) -> None:
    """The service centre verifies directly, keeps an entry, enters somebody by hand."""
    firm, zoe = cast.northlight, factories.user("Zoe", PlatformRole.SERVICE_CENTRE)
    factories.registration(firm)
    firm.verified_at = None
    happens(zoe, firm)
    db.session.flush()
    db.session.expire_all()
    browser.sign_in(zoe)
    data = {"data_services": "Tests", "data_basis": "Visited.", "reason": "Checked."}
    entered = browser.post(f"/registers/{AGENCIES}/new", {"holder": firm.registration_number, **data})
    assert entered.status_code == (422 if conflicted else 303)
    if conflicted:
        registers.grant(SYSTEM, AGENCIES, firm.id, {"services": "Tests", "basis": "Visited."}, reason="Checked.")
    ((entry, _last),) = register_queries.of_holder(AGENCIES, firm.id)
    here = f"/registers/{AGENCIES}/{entry.number}"
    assert (f"{here}/suspend" in browser.get(here).text) == (not conflicted)
    assert browser.post(f"{here}/suspend", {"suspend-reason": "So."}).status_code == (403 if conflicted else 303)
    page = browser.get(f"/organisations/{firm.id}/verification").text
    assert (f"/organisations/{firm.id}/verify" in page) == (not conflicted)
    verified = browser.post(f"/organisations/{firm.id}/verify", {"reason": "Compared with the register."})
    assert verified.status_code == (403 if conflicted else 303)
    db.session.expire_all()
    assert (firm.verified_at is None) == conflicted


@pytest.mark.parametrize(("until", "conflicted"), [(timedelta(seconds=1), True), (timedelta(seconds=-1), False)])
def test_who_left_before_the_case_was_filed_may_decide(cast: Cast, until: timedelta, conflicted: bool) -> None:
    assert cast.nils.id
    case = services.file_case(cast.bo, "organisation_report", str(cast.northlight.id), answers=REPORT)
    belonged = Belonging(cast.eve.id, former={cast.northlight.id: case.filed_at + until})
    firms = {cast.northlight.id}
    found = conflict_with(belonged.since(case.filed_at), people=set(), organisations=firms)
    assert found == ("organisation" if conflicted else None)
    rows = db.session.scalars(sa.select(Case.id).where(conflicts.in_cases(belonged, set()))).all()
    assert (case.id in rows) == conflicted


def test_a_hidden_party_who_recuses_themselves_stays_hidden(
    cast: Cast, case: Case, council: list[User], browser: Browser
) -> None:
    """Bo, who filed it, is a member of the council, too."""
    kinds = (replace(WELL, hides_filer=True),)
    declare([*FEATURES, Feature(name="wells", case_kinds=kinds, job_labels={"wells.dig": "Dig a well"})])
    cast.bo.name = "Xanthippe Zwillinger"
    cast.bo.roles = list(council[0].roles)
    to_vote(cast, case)
    services.vote(cast.bo, case.public_id, 4, choice=VoteChoice.RECUSED, reasons="I am close to this.")
    IN_CONFLICT.update(set(queries.voters(case.steps[3])) - {row.id for row in council})
    for member in council:
        services.vote(member, case.public_id, 4, choice=VoteChoice.FOR, reasons="Yes.")
    shown = browser.sign_in(cast.bea).get(f"/cases/{case.public_id}").text
    assert "I am close to this." in shown
    assert "Una" in shown
    assert "Xanthippe" not in shown
    recused = sa.select(AuditEvent.actor_name).where(AuditEvent.action == "case.recused")
    assert db.session.scalars(recused).all() == ["Not shown"]


def test_an_end_that_a_hidden_party_brings_about_does_not_name_them(cast: Cast, council: list[User]) -> None:
    """Their opinion comes last in the last stage."""
    steps = (step("water", 1, "finance", StepAct.SIGNATURE, silence=OnSilence.REFUSES),
             step("answer", 1, "respondent", StepAct.OPINION))  # fmt: skip
    kinds = (replace(WELL, hides_respondent=True, steps=steps),)
    declare([*FEATURES, Feature(name="wells", case_kinds=kinds, job_labels={"wells.dig": "Dig a well"})])
    assert cast.bea.id
    case = services.file_case(cast.bo, "well", "7", answers={"depth": "10"})
    services.conclude(cast.fen, case.public_id, 1, finding=Finding.YES, reasons="Enough water.")
    services.conclude(cast.bea, case.public_id, 2, finding=Finding.GIVEN, reasons="I have no objection.")
    assert not case.is_pending
    names = db.session.scalars(sa.select(AuditEvent.actor_name).where(AuditEvent.action == "case.decided")).all()
    assert names == ["Not shown"]


def test_who_is_recused_has_a_conflict_from_then_on(
    cast: Cast, case: Case, council: list[User], browser: Browser
) -> None:
    """Also in another case about the same subject; in one about another they vote."""
    una = council[0]
    to_vote(cast, case)
    entry = services.add_entry(cast.bo, case.public_id, text="Call 138 0000 0000.")
    browser.sign_in(una)
    sent = {"choice": "recused", "reasons": "It is my neighbour's."}
    answer = browser.post(f"/cases/{case.public_id}/steps/4/vote", sent)
    assert (answer.status_code, answer.location) == (303, "/cases/queue")
    page = browser.get("/cases/queue").text
    assert "You are recused" in page
    assert f"/cases/{case.public_id}" not in page
    assert browser.get(f"/cases/{case.public_id}").status_code == 404
    assert browser.post(f"/cases/{case.public_id}/entries", {"text": "By the way."}).status_code == 404
    black = {f"entry-{entry.id}-text": "Call."}
    assert browser.post(f"/cases/{case.public_id}/entries/{entry.id}/black-out", black).status_code == 404
    assert una.id not in queries.voters(case.steps[3])
    again = services.file_case(cast.nils, "well", "7", answers={"depth": "10"})
    other = services.file_case(cast.nils, "well", "8", answers={"depth": "10"})
    for row, votes in ((again, False), (other, True)):
        to_vote(cast, row)
        assert (una.id in queries.voters(row.steps[3])) == votes
        assert browser.get(f"/cases/{row.public_id}").status_code == (200 if votes else 404)
        assert (f"/cases/{row.public_id}" in browser.get("/cases/queue").text) == votes
