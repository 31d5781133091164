"""A change of rules from the proposal to the version in force, with what everybody reads of it."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.rule_set import RULES
from challenges.tier_rules import NEEDS
from crowd import clock
from crowd.accounts.models import PlatformRole, User
from crowd.accounts.sanctions.rules import SANCTIONS
from crowd.background import Job
from crowd.cases import policy as case_policy
from crowd.cases import services as cases
from crowd.cases.models import Case, CaseStep
from crowd.cases.workflow import CaseState, Finding, VoteChoice
from crowd.contracts.models import Contract, ContractVersion
from crowd.contracts.workflow import VersionState
from crowd.db import db
from crowd.errors import Forbidden, Invalid
from crowd.feature import declared
from crowd.ledger.fees.rules import FEES
from crowd.procedure import faults
from crowd.rule_sets import RuleSet
from crowd.rules import policy, queries, services
from crowd.rules.kinds import kind_name
from crowd.rules.models import RuleAdoption
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.rules.adopting import adopted

SETS = pytest.mark.parametrize("of", [FEES, RULES, SANCTIONS, NEEDS], ids=lambda of: of.name)
JOURNEYS = ("fees_change", "challenges_change", "sanctions_change", "tiers_change")
BODIES = ["council", "council_office", "expert_committee"]
OTHER = {  # rule, typed, value
    "fees": ("award", "4.5", 450),
    "challenges": ("review_days", "20", 20),
    "sanctions": ("appeal_days", "20", 20),
    "tiers": ("grand_more_reviews", "-2", -2),
}


@pytest.fixture
def council(cast: Cast) -> list[User]:
    """The whole council: three people."""
    cast.gu.roles = []
    return [factories.user(name, PlatformRole.COUNCIL) for name in ("Una", "Ugo", "Uta")]


@pytest.fixture
def office(cast: Cast) -> User:
    return factories.user("Olga", PlatformRole.COUNCIL_OFFICE)


@pytest.fixture
def soon(isolated: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """No notice: what is adopted today applies today."""
    settings = isolated.config["CROWD"]
    monkeypatch.setitem(
        isolated.config, "CROWD", replace(settings, limits=replace(settings.limits, rule_notice_days=0))
    )


def answers(of: RuleSet, days: int = 30, **changes: object) -> dict[str, str]:
    values = {name: str(value) for name, value in queries.in_force(of.name).values.items()}
    day = (clock.today() + timedelta(days=days)).isoformat()
    given = {"what": "Another value", "applies_on": day, "why": "It works better elsewhere.", **values}
    return given | {name: str(value) for name, value in changes.items()}


def filed(cast: Cast, of: RuleSet, days: int = 30) -> Case:
    rule, _typed, value = OTHER[of.name]
    given = answers(of, days, **{rule: value})
    return cases.file_case(cast.eve, kind_name(of), str(of.number), answers=given)


def prepared(case: Case, office: User) -> None:
    cases.conclude(office, case.public_id, 1, finding=Finding.GIVEN, reasons="The paper of the office.")
    db.session.refresh(case)
    expert = factories.user("Xu", PlatformRole.EXPERT)
    cases.conclude(expert, case.public_id, 2, finding=Finding.GIVEN, reasons="The experts agree.")


def voted(case: Case, council: list[User], choice: VoteChoice) -> None:
    for member in council:
        cases.vote(member, case.public_id, 3, choice=choice, reasons="So I see it.")


def typed(of: RuleSet, days: int) -> dict[str, str]:
    """The form as a person fills it in: percent instead of hundredths."""
    rule, value, _ = OTHER[of.name]
    return answers(of, days) | {rule: value}


@SETS
def test_every_kind_is_declared_right(of: RuleSet) -> None:
    assert faults(declared().case_kinds[kind_name(of)], declared().job_labels, BODIES) == []


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
@SETS
def test_from_the_proposal_to_the_version_in_force(
    cast: Cast, browser: Browser, council: list[User], office: User, of: RuleSet, locale: str
) -> None:
    for person in (cast.eve, office, *council):
        person.locale = locale
    rule, _typed, value = OTHER[of.name]
    before = services.version_in_force(of.name)
    path = f"/cases/new/{kind_name(of)}/{of.number}"
    assert path in browser.sign_in(cast.eve).get(f"/rules/{of.name}").text
    assert browser.get(path).status_code == 200
    assert browser.post(path, typed(of, 0)).status_code == 303
    case = db.session.scalars(sa.select(Case)).one()
    assert (case.contract_version_id, case.answers[rule]) == (before.id, str(value))
    assert before.digest in browser.get(f"/cases/{case.public_id}").text
    public = browser.sign_out().get(f"/rules/{of.name}").text
    assert "Another value" in public
    assert "It works better elsewhere." in public
    page = f"/cases/{case.public_id}"
    sent = {"finding": "given", "reasons": "The paper of the office."}
    assert browser.sign_in(office).post(f"{page}/steps/1/conclude", sent).status_code == 303
    expert = factories.user("Xu", PlatformRole.EXPERT)
    assert browser.sign_in(expert).post(f"{page}/steps/2/conclude", sent).status_code == 303
    for member, choice in zip(council, ("for", "for", "against"), strict=True):
        sent = {"choice": choice, "reasons": "So I see it."}
        assert browser.sign_in(member).post(f"{page}/steps/3/vote", sent).status_code == 303
    assert case.state == CaseState.GRANTED
    assert queries.in_force(of.name).number == 1, "the decision alone changes nothing"
    for job in ("rules.adopt", "rules.begin"):
        factories.run_jobs(job)
        factories.run_jobs(job)
    found = queries.in_force(of.name)
    assert (found.number, found.values[rule]) == (2, value)
    assert [row.state for row in versions(of)] == [VersionState.SUPERSEDED, VersionState.IN_FORCE]
    minutes = {"text": "Three were there."}
    assert browser.sign_in(office).post(f"{page}/minutes", minutes).status_code == 303
    shown = browser.sign_out().get(f"/rules/{of.name}").text
    for words in ("The paper of the office.", "Three were there.", found.digest, "Another value"):
        assert words in shown
    assert "So I see it." not in shown, "the reasons of members are for the parties"
    assert council[0].name not in shown


def versions(of: RuleSet) -> list[ContractVersion]:
    query = sa.select(ContractVersion).join(ContractVersion.contract)
    theirs = (Contract.kind == "rules", Contract.subject_id == of.number)
    return list(db.session.scalars(query.where(*theirs).order_by(ContractVersion.number)))


@SETS
def test_refused_the_rules_stay(cast: Cast, council: list[User], office: User, of: RuleSet) -> None:
    case = filed(cast, of)
    prepared(case, office)
    voted(case, council, VoteChoice.AGAINST)
    assert case.state == CaseState.REFUSED
    assert factories.run_jobs("rules.adopt") == 0
    assert queries.in_force(of.name).number == 1
    assert queries.find_waiting(of) is None


def test_silence_refuses(cast: Cast, council: list[User]) -> None:
    assert council
    case = filed(cast, FEES)
    for stage in (1, 2):
        for step in case.steps:
            if step.stage == stage:
                step.due_at = clock.now() - timedelta(hours=1)
        db.session.flush()
        db.session.execute(sa.update(Job).where(Job.kind == "cases.end_step").values(run_at=clock.now()))
        factories.run_jobs("cases.end_step")
        db.session.expire_all()
    assert case.state == CaseState.REFUSED


@pytest.mark.parametrize(
    ("changes", "days", "field"),
    [
        ({"award": 500}, 30, ""),
        ({"award": 10_001}, 30, "award"),
        ({"award": "x"}, 30, "award"),
        ({"award": 400}, 13, "applies_on"),
        ({"award": 400}, 367, "applies_on"),
        ({"award": 400, "why": " "}, 30, "why"),
    ],
)
def test_what_cannot_be_adopted_is_refused(cast: Cast, changes: dict[str, object], days: int, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        cases.file_case(cast.eve, "fees_change", "1", answers=answers(FEES, days, **changes))
    assert set(refused.value.fields or {}) == ({field} if field else set())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"review_days": 0}, "review_days"),
        ({"appeal_seconds": 1, "min_appeal_seconds": 2}, "appeal_seconds"),
        ({"max_appeal_seconds": 1, "min_appeal_seconds": 0}, "appeal_seconds"),
    ],
)
def test_values_that_do_not_go_together_are_refused(cast: Cast, changes: dict[str, int], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        cases.file_case(cast.eve, "challenges_change", "2", answers=answers(RULES, **changes))
    assert set(refused.value.fields or {}) == {field}


def test_who_may_propose(cast: Cast, office: User) -> None:
    for person in (cast.eve, cast.gu, office):
        assert policy.can_propose(person)
    for person in (cast.ada, cast.bo, cast.fen, cast.aud, cast.adm, cast.pia):
        with pytest.raises(Forbidden):
            cases.file_case(person, "fees_change", "1", answers=answers(FEES, award=400))


def test_who_may_do_what_in_each_step(cast: Cast, council: list[User], office: User) -> None:
    case = filed(cast, FEES)
    everybody = {
        "eve": cast.eve, "council": council[0], "office": office, "expert": factories.user("Xu", PlatformRole.EXPERT),
        "centre": factories.user("Zoe", PlatformRole.SERVICE_CENTRE), "fen": cast.fen, "adm": cast.adm,
        "aud": cast.aud, "ada": cast.ada,
    }  # fmt: skip

    def allowed(rule: Callable[[User, CaseStep], bool], position: int) -> set[str]:
        step = next(one for one in case.steps if one.position == position)
        return {name for name, person in everybody.items() if rule(person, step)}

    assert [allowed(case_policy.can_conclude, position) for position in (1, 2, 3)] == [{"office"}, {"expert"}, set()]
    assert allowed(case_policy.can_vote, 3) == set(), "before the papers nobody votes"
    prepared(case, office)
    db.session.expire_all()
    assert [allowed(case_policy.can_conclude, position) for position in (1, 2, 3)] == [set(), set(), set()]
    assert allowed(case_policy.can_vote, 3) == {"council"}
    assert {name for name, one in everybody.items() if case_policy.can_add_minutes(one, case)} == set()
    voted(case, council, VoteChoice.FOR)
    assert {name for name, one in everybody.items() if case_policy.can_add_minutes(one, case)} == {"office"}
    readers = {name for name, one in everybody.items() if case_policy.can_view(one, case)}
    assert readers == {"eve", "council", "office", "expert", "centre", "aud"}


def test_who_proposes_does_not_vote(cast: Cast, council: list[User], office: User) -> None:
    given = answers(FEES, award=400)
    case = cases.file_case(council[0], "fees_change", "1", answers=given)
    prepared(case, office)
    with pytest.raises(Forbidden):
        cases.vote(council[0], case.public_id, 3, choice=VoteChoice.FOR, reasons="Mine.")


def test_minutes_are_the_office_s_and_only_once_it_is_decided(
    cast: Cast, browser: Browser, council: list[User], office: User
) -> None:
    case = filed(cast, FEES)
    sent, url = {"text": "Minutes."}, f"/cases/{case.public_id}/minutes"
    assert browser.sign_in(office).post(url, sent).status_code == 403
    prepared(case, office)
    voted(case, council, VoteChoice.AGAINST)
    for other in (cast.eve, council[0]):
        assert browser.sign_in(other).post(url, sent).status_code == 403
    assert browser.sign_in(cast.bo).post(url, sent).status_code == 404
    assert browser.sign_in(office).post(url, {"text": " "}).status_code == 422
    assert browser.post(url, sent).status_code == 303


def test_a_later_decision_replaces_a_version_that_waits(cast: Cast) -> None:
    first = adopted(FEES, begins=False, award=300)
    second = adopted(FEES, award=450)
    assert first.version.state == VersionState.WITHDRAWN
    assert services.begin(first.id) == VersionState.WITHDRAWN, "its job does nothing"
    assert (second.version.number, queries.in_force("fees").values) == (3, {"award": 450})


def test_it_does_not_begin_before_its_day(cast: Cast) -> None:
    row = adopted(FEES, begins=False, award=300)
    assert services.begin(row.id) == VersionState.PROPOSED
    assert queries.in_force("fees").number == 1


def test_the_notice_is_kept_where_the_council_decides_late(cast: Cast) -> None:
    decided = cast.ada.created_at
    early, late = (decided.date() + timedelta(days=days) for days in (1, 60))
    assert services.applies_at(early.isoformat(), decided) > decided + timedelta(days=12)
    assert services.applies_at(late.isoformat(), decided).date() == late


def test_a_case_that_was_adopted_is_adopted_once(cast: Cast, council: list[User], office: User) -> None:
    case = filed(cast, FEES)
    prepared(case, office)
    voted(case, council, VoteChoice.FOR)
    rows = {services.adopt(case.id, FEES.number, case.answers).id for _turn in range(2)}
    assert len(rows) == 1
    assert len(db.session.scalars(sa.select(RuleAdoption).where(RuleAdoption.case_id == case.id)).all()) == 1


def test_the_bytes_are_those_of_the_digest(browser: Browser, cast: Cast) -> None:
    adopted(FEES, award=300)
    for number in (1, 2):
        response = browser.get(f"/rules/fees.json?version={number}")
        listed = browser.get("/api/v1/rules/fees").json["versions"]
        digest = next(one["sha256"] for one in listed if one["number"] == number)
        assert hashlib.sha256(response.data).hexdigest() == digest
    assert browser.get("/api/v1/rules").json["rules"][0].keys() >= {"set", "number", "sha256", "values"}
    for path in ("/rules/nothing", "/rules/fees?version=9", "/rules/fees?version=x", "/api/v1/rules/nothing"):
        assert browser.get(path).status_code == 404


@pytest.mark.parametrize(
    ("locale", "words"),
    [("en", ("Rules", "Fee on what is awarded", "In force")), ("zh-CN", ("规则", "按授出奖金收取的服务费", "现行"))],
)
def test_everybody_reads_the_rules_in_their_language(
    cast: Cast, browser: Browser, locale: str, words: tuple[str, ...]
) -> None:
    adopted(FEES, award=300)
    adopted(FEES, begins=False, award=450)
    headers = {"Accept-Language": locale}
    index = browser.get("/rules", headers=headers).text
    for one in declared().rule_sets.values():
        assert f'href="/rules/{one.name}"' in index
    page = browser.get("/rules/fees?version=2", headers=headers).text
    assert [word for word in words if word not in page] == []
    assert "<del>5%</del>" in page
    assert "<ins>3%</ins>" in page
    assert "/cases/new/" not in page, "a visitor proposes nothing"
    assert browser.get("/rules/fees?version=3", headers=headers).status_code == 200, "one that waits is public"
