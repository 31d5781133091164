"""Who acts in which step of which kind: the matrix of bodies, kinds and acts, over HTTP. The kinds are those that the
packages declare; a kind that is added is in it.
"""

from collections.abc import Mapping

import pytest

from crowd import clock
from crowd.accounts.models import Organisation, OrganisationKind, PlatformRole, User
from crowd.cases import departments, proceedings
from crowd.cases.bodies import BODIES, CALLED
from crowd.cases.models import Case, CaseMember, CaseParty, CaseStep, Side
from crowd.cases.workflow import StepState
from crowd.db import commit, db
from crowd.feature import declared
from crowd.procedure import DEPARTMENT, RESPONDENT, SERVICE_CENTRE, CaseKind, CaseSubject, StepAct
from tests import factories
from tests.cast import Cast
from tests.client import Browser

NO_ROW = 2**40  # the subject of these cases: no rule finds somebody close to it
# Roles that decide no case, and why there is such a role.
WITHOUT_STEPS: Mapping[PlatformRole, str] = {
    PlatformRole.FINANCE: "moves money, by the rules of the ledger and always two of them",
    PlatformRole.ADMINISTRATOR: "keeps accounts, roles, lists and units; whoever grants a role decides no case",
    PlatformRole.AUDITOR: "reads everything and changes nothing",
}
ROLE_OF = {**{key: body.role for key, body in BODIES.items()}, DEPARTMENT: PlatformRole.PROGRAMME_OFFICER}


def test_every_role_has_a_step_or_a_reason_to_have_none() -> None:
    asked = {ROLE_OF[body] for kind in declared().case_kinds.values() for body in kind.bodies if body in ROLE_OF}
    assert asked & set(WITHOUT_STEPS) == set()
    assert asked | set(WITHOUT_STEPS) == set(PlatformRole)


@pytest.fixture
def department(cast: Cast) -> Organisation:
    """The one that signs; the officer of the matrix is of it, and another officer is not."""
    return factories.organisation("Department of Science", OrganisationKind.GOVERNMENT)


@pytest.fixture
def people(cast: Cast, department: Organisation) -> dict[str, User]:
    """Somebody of each body, and those who are none."""
    elsewhere = factories.organisation("Department of Roads", OrganisationKind.GOVERNMENT)
    bodies = {key: factories.user(f"Of {key}", body.role) for key, body in BODIES.items()}
    others = {
        DEPARTMENT: factories.user("Officer", PlatformRole.PROGRAMME_OFFICER, member_of=department),
        "officer of another department": factories.user("Other", PlatformRole.PROGRAMME_OFFICER, member_of=elsewhere),
        "member of the department": factories.user("Member", member_of=department),
        "auditor": factories.user("Auditor", PlatformRole.AUDITOR),
        "filer": factories.user("Filer"),
        RESPONDENT: factories.user("Respondent"),
        **{body: factories.user(f"Called {body}") for body in CALLED},
        "stranger": factories.user("Stranger"),
    }
    assert len({**bodies, **others}) == len(bodies) + len(others)
    return {**bodies, **others}


def opened(kind: CaseKind, name: str, people: Mapping[str, User], department: Organisation) -> CaseStep:
    """A step of a new case of a kind, which is open."""
    subject = CaseSubject(id=NO_ROW, title="A matrix", path="/", departments=(department.id,))
    case = Case(
        kind=kind.name, subject_type=kind.subject_type, subject_id=NO_ROW, stated_title="A matrix", path="/",
        filed_by=people["filer"].id, language="en", answers={one.name: "" for one in kind.form},
        filed_at=clock.db_now(), steps=departments.new_steps(kind, subject),
    )  # fmt: skip
    case.parties = [
        CaseParty(side=Side.FILER, user_id=people["filer"].id),
        CaseParty(side=Side.RESPONDENT, user_id=people[RESPONDENT].id),
    ]
    case.members = [CaseMember(user_id=people[body].id, body=body) for body in CALLED if body in kind.bodies]
    db.session.add(case)
    db.session.flush()
    found = next(one for one in case.steps if one.name == name)
    for step in case.steps:
        if step.stage < found.stage:
            step.state, step.done_at = StepState.SKIPPED, clock.db_now()
    proceedings.open_stage(case, found.stage, clock.db_now())
    commit()
    return found


def act(browser: Browser, step: CaseStep, kind: CaseKind) -> int:
    """What the reply is to somebody who votes, or concludes the step."""
    declared_step = next(one for one in kind.steps if one.name == step.name)
    finding = "no" if declared_step.period else "given" if step.act == StepAct.OPINION else "yes"
    given = {"choice": "for"} if step.is_vote else {"finding": finding}
    verb = "vote" if step.is_vote else "conclude"
    path = f"/cases/{step.case.public_id}/steps/{step.position}/{verb}"
    return browser.post(path, {**given, "reasons": "As the file shows."}).status_code


def sees(who: str, kind: CaseKind) -> bool:
    """Whether somebody opens such a case at all: who does not gets the answer for a page that does not exist."""
    office = who == SERVICE_CENTRE and any(step.act == StepAct.VOTE for step in kind.steps)
    return office or who in {*kind.bodies, "auditor", "filer", RESPONDENT}


def test_exactly_the_declared_body_acts_in_each_step(
    cast: Cast, browser: Browser, people: dict[str, User], department: Organisation
) -> None:
    browsers = {who: Browser(browser.app).sign_in(person) for who, person in people.items()}
    wrong = []
    for kind in declared().case_kinds.values():
        for declared_step in kind.steps:
            step = opened(kind, declared_step.name, people, department)
            here = (kind.name, step.name)
            for who, theirs in browsers.items():
                if who != step.body and (found := act(theirs, step, kind)) != (403 if sees(who, kind) else 404):
                    wrong.append((*here, who, found))
            db.session.refresh(step)
            assert step.is_open, here
            # Steps of a kind with a clock of its own are concluded by what people do elsewhere.
            if (found := act(browsers[step.body], step, kind)) != (403 if kind.clocked else 303):
                wrong.append((*here, step.body, found))
            db.session.refresh(step)
            assert kind.clocked or step.finding is not None or step.votes, here
    assert wrong == []
