"""Roles in an organisation: every role at every act, in the person's organisation and in another."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from challenges import policy as challenges
from challenges.funding import policy as funding
from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd.accounts.models import MemberRole, Membership, Organisation, OrganisationKind, User
from crowd.accounts.organisations import policy, queries, services
from crowd.accounts.organisations.rights import ANSWERS, POSTS, RIGHTS, Right
from crowd.accounts.parks import policy as parks
from crowd.accounts.parks import services as park_services
from crowd.accounts.parks.models import ParkMembership
from crowd.audit import AuditEvent
from crowd.clock import now
from crowd.db import db
from crowd.errors import Forbidden, Invalid
from crowd.ledger import policy as ledger
from crowd.ledger.models import OwnerType
from crowd.ledger.owners import people_of
from scoring import policy as scoring
from submissions import policy as submissions
from submissions.models import Proposal, Registration
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser

OWNER, MANAGER, FINANCE, MEMBER = MemberRole
Act = Callable[[User, Organisation], bool]
# What the roles may do, written once more without the table that the platform reads.
ALL, WORK = {OWNER, MANAGER, FINANCE, MEMBER}, {OWNER, MANAGER, MEMBER}


def challenge(organisation: Organisation, **values: Any) -> Challenge:
    """A challenge that no table has."""
    usual = {"state": ChallengeState.DRAFT, "proposals_count": 0, "origin": "platform"}
    return Challenge(**usual | {"organisation_id": organisation.id, "organisation": organisation} | values)


def proposal(organisation: Organisation) -> Proposal:
    posted = challenge(factories.organisation("A sponsor"), id=0, created_by=0, approved_by=0)
    return Proposal(organisation_id=organisation.id, organisation=organisation, challenge=posted, user_id=0)


def judged(organisation: Organisation) -> Challenge:
    return challenge(organisation, state=ChallengeState.JUDGING)


POSTING: dict[str, tuple[Act, set[MemberRole]]] = {
    "see a draft": (lambda who, org: challenges.can_view(who, challenge(org)), ALL),
    "draft": (challenges.can_create, WORK),
    "edit": (lambda who, org: challenges.can_edit(who, challenge(org)), WORK),
    "submit": (lambda who, org: challenges.can_submit(who, challenge(org)), WORK),
    "cancel": (lambda who, org: challenges.can_cancel(who, challenge(org)), WORK),
    "decide": (lambda who, org: challenges.can_decide(who, challenge(org)), WORK),
    "view the judging": (lambda who, org: scoring.can_view_judging(who, judged(org)), WORK),
    "fund": (lambda who, org: challenges.can_fund(who, challenge(org)), {OWNER, FINANCE}),
    "view the funding": (lambda who, org: funding.can_view_funding(who, challenge(org)), ALL),
    "see the balance": (lambda who, org: ledger.can_view_owner(who, OwnerType.ORGANISATION, org.id), ALL),
    "pay out": (lambda who, org: ledger.can_spend(who, OwnerType.ORGANISATION, org.id), {OWNER, FINANCE}),
    "hear of its money": (lambda who, org: who.id in people_of(OwnerType.ORGANISATION, org.id), {OWNER, FINANCE}),
    "see the members": (policy.can_view_members, ALL),
    "describe": (policy.can_describe, {OWNER, MANAGER}),
    "view the verification": (policy.can_view_verification, {OWNER, MANAGER}),
    "manage members": (policy.can_manage_members, {OWNER, MANAGER}),
    "hand over": (policy.can_hand_over, {OWNER}),
    "leave": (policy.can_leave, ALL),
    "close": (policy.can_close, {OWNER}),
    "see the parks": (parks.can_view_parks, ALL),
    "answer a park": (lambda who, org: parks.of_firm(who, ParkMembership(park_id=0, firm_id=org.id)), {OWNER, MANAGER}),
    "consent to a park's challenge": (
        lambda who, org: challenges.may_consent(who, challenge(org, organisation_id=0, for_organisation_id=org.id)),
        WORK,
    ),
}
ANSWERING: dict[str, tuple[Act, set[MemberRole]]] = {
    "answer": (lambda who, org: org in submissions.agencies_of(who), WORK),
    "begin": (
        lambda who, org: submissions.can_start(who, Registration(user_id=who.id, organisation_id=org.id)), WORK),
    "read a colleague's": (lambda who, org: submissions.is_contributor(who, proposal(org)), {OWNER, MANAGER}),
    "submit a colleague's": (lambda who, org: submissions.can_manage(who, proposal(org)), {OWNER, MANAGER}),
}  # fmt: skip


@pytest.mark.parametrize("kind", [OrganisationKind.ENTERPRISE, OrganisationKind.AGENCY])
def test_every_role_at_every_act_in_its_own_organisation_and_in_another(shared_app: Any, cast: Cast, kind: str) -> None:
    own, other = (factories.organisation(name, OrganisationKind(kind)) for name in ("Own", "Other"))
    people = {role: factories.user(role.title(), member_of=own, role=role) for role in MemberRole}
    for name, (act, roles) in (POSTING if kind == OrganisationKind.ENTERPRISE else ANSWERING).items():
        assert {role for role, person in people.items() if act(person, own)} == roles, name
        assert not [role for role, person in people.items() if act(person, other)], f"{name}, elsewhere"


# The pages of an organisation and who opens them; the acts of its pages with valid data, and who has the button.
PAGES: dict[str, set[MemberRole]] = {
    "members": ALL, "parks": ALL, "balance": ALL, "edit": {OWNER, MANAGER}, "verification": {OWNER, MANAGER},
    "close": {OWNER},
}  # fmt: skip
REFUSED = {"balance": 404}
ACTS: dict[str, tuple[dict[str, object], set[MemberRole]]] = {
    "edit": ({"name": "Another", "kind": "enterprise", "country": "CN"}, {OWNER, MANAGER}),
    "invite": ({"email": "new@people.example", "role": "member"}, {OWNER, MANAGER}),
    "members/{other}/role": ({"role": "manager"}, {OWNER}),
    "members/{other}/remove": ({}, {OWNER, MANAGER}),
    "parks/{park}/accept": ({}, {OWNER, MANAGER}),
    "parks/{park}/decline": ({}, {OWNER, MANAGER}),
    "hand-over": ({"successor": "{other}"}, {OWNER}),
    "close": ({"reason": "It is over."}, {OWNER}),
}


@pytest.mark.parametrize("role", [*MemberRole, None], ids=str)
def test_every_role_at_every_page_and_refused_act(cast: Cast, browser: Browser, role: MemberRole | None) -> None:
    """None: a person of another organisation, who owns that one."""
    own, park = factories.organisation("Own"), factories.organisation("A park", OrganisationKind.PARK)
    other = factories.user("Other", member_of=own)
    factories.user("Head", member_of=own, role=OWNER)
    pan = factories.user("Pan", member_of=park, role=OWNER)
    invited = park_services.invite(pan, park.id, firm="Own")
    browser.sign_in(pan if role is None else factories.user("Someone", member_of=own, role=role))
    here = f"/organisations/{own.id}"
    for page, roles in PAGES.items():
        assert browser.get(f"{here}/{page}").status_code == (200 if role in roles else REFUSED.get(page, 403)), page
    for act, (data, roles) in ACTS.items():
        if role not in roles:
            path = f"{here}/{act.format(other=other.id, park=invited.id)}"
            form = {name: str(value).format(other=other.id) for name, value in data.items()}
            assert browser.post(path, form).status_code in (403, 422), act  # 422: a role that they are not offered
    db.session.expire_all()
    assert queries.invitations_of(own.id) == []
    assert (own.name, own.closed_at, invited.state) == ("Own", None, "invited"), "nothing was done"
    assert {one.user_id: one.role for one in queries.list_members(own.id)}[other.id] == MEMBER


def test_each_right_has_its_owner() -> None:
    assert set(RIGHTS) == set(Right)
    assert all(OWNER in roles for roles in RIGHTS.values())


@pytest.mark.parametrize("kind", OrganisationKind)
def test_who_posts_and_who_answers(cast: Cast, kind: OrganisationKind) -> None:
    row = factories.organisation("One", kind)
    person = factories.user("Someone", member_of=row)
    assert challenges.can_create(person, row) is (kind in POSTS) is (kind != OrganisationKind.AGENCY)
    answers = {OrganisationKind.AGENCY, OrganisationKind.INSTITUTE, OrganisationKind.UNIVERSITY}
    assert (submissions.agencies_of(person) == [row]) is (kind in ANSWERS) is (kind in answers)


def test_a_manager_gives_and_takes_only_the_role_of_a_member(cast: Cast) -> None:
    mia = factories.user("Mia", member_of=cast.luoyang, role=MANAGER)
    assert cast.ada
    for role in (OWNER, MANAGER, FINANCE):
        with pytest.raises(Forbidden):
            services.invite(mia, cast.luoyang.id, email="new@crowd.example", role=role)
        with pytest.raises(Forbidden):
            services.change_role(mia, cast.luoyang.id, cast.abe.id, role=role)
    assert services.invite(mia, cast.luoyang.id, email="new@crowd.example", role=MEMBER)
    for colleague in (cast.ada, factories.user("Flo", member_of=cast.luoyang, role=FINANCE)):
        with pytest.raises(Forbidden):
            services.remove(mia, cast.luoyang.id, colleague.id)
        with pytest.raises(Forbidden):
            services.change_role(mia, cast.luoyang.id, colleague.id, role=MEMBER)
    services.remove(mia, cast.luoyang.id, cast.abe.id)
    assert not cast.abe.acts_for(cast.luoyang.id)


def test_the_only_owner_hands_over_and_leaves_in_one_act(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.ada)
    members = f"/organisations/{cast.luoyang.id}/members"
    assert cast.abe.acts_for(cast.luoyang.id)
    page = browser.get(members).text
    assert f"/organisations/{cast.luoyang.id}/hand-over" in page
    assert re.findall(r'<option value="(\d+)">', page.split("hand-over")[1]) == [str(cast.abe.id)]
    assert browser.post(f"/organisations/{cast.luoyang.id}/leave").status_code == 409
    assert browser.post(f"/organisations/{cast.luoyang.id}/hand-over", {"successor": cast.dee.id}).status_code == 422
    assert browser.post(f"/organisations/{cast.luoyang.id}/hand-over", {"successor": cast.abe.id}).status_code == 303
    assert browser.get(members).status_code == 403, "from the next request on"
    assert cast.abe.may(Right.HAND_OVER, cast.luoyang.id)
    recorded = sa.select(AuditEvent.data).where(AuditEvent.action == "organisation.handed_over")
    assert db.session.scalars(recorded).one() == {"member": cast.abe.id}
    assert not cast.ada.acts_for(cast.luoyang.id)


def test_nobody_but_an_owner_hands_over_and_to_no_stranger_or_closed_account(cast: Cast) -> None:
    assert cast.ada
    mia = factories.user("Mia", member_of=cast.luoyang, role=MANAGER)
    with pytest.raises(Forbidden):
        services.hand_over(mia, cast.luoyang.id, successor=cast.abe.id)
    cast.abe.active = False
    db.session.flush()
    for wrong in (cast.abe, cast.dee, cast.ada):
        with pytest.raises(Invalid):
            services.hand_over(cast.ada, cast.luoyang.id, successor=wrong.id)
    assert cast.ada.may(Right.HAND_OVER, cast.luoyang.id)


def test_an_author_who_becomes_a_person_of_finance_no_longer_leads_the_agencys_proposal(cast: Cast) -> None:
    join(cast.bea, cast.northlight, OWNER)
    row = factories.proposal(cast.nils, factories.opened(cast), organisation=cast.northlight)
    assert submissions.can_manage(cast.nils, row)
    services.change_role(cast.bea, cast.northlight.id, cast.nils.id, role=FINANCE)
    db.session.refresh(cast.nils)
    assert not submissions.can_manage(cast.nils, row)
    assert submissions.can_view(cast.nils, row), "what they wrote they may read"


def test_members_see_what_they_may_give(cast: Cast, browser: Browser) -> None:
    mia = factories.user("Mia", member_of=cast.luoyang, role=MANAGER)
    assert cast.ada
    assert cast.abe
    page = browser.sign_in(mia).get(f"/organisations/{cast.luoyang.id}/members").text
    assert f"/members/{cast.abe.id}/remove" in page
    assert f"/members/{cast.ada.id}/" not in page
    assert re.findall(r'<option[^>]* value="(\w+)">', page.split("/invite")[1]) == ["member"]
    assert "/hand-over" not in page
    refused = browser.post(f"/organisations/{cast.luoyang.id}/members/{cast.abe.id}/role", {"role": "owner"})
    assert refused.status_code == 403
    db.session.refresh(cast.abe)
    assert [one.role for one in db.session.query(Membership).filter_by(user_id=cast.abe.id)] == [MEMBER]


@pytest.mark.parametrize("role", [OWNER, MANAGER, FINANCE])
def test_a_manager_neither_replaces_nor_withdraws_what_only_an_owner_gives(
    cast: Cast, browser: Browser, role: MemberRole
) -> None:
    mia = factories.user("Mia", member_of=cast.luoyang, role=MANAGER)
    row = services.invite(cast.ada, cast.luoyang.id, email="new@crowd.example", role=role)
    with pytest.raises(Forbidden):
        services.invite(mia, cast.luoyang.id, email=row.email)
    with pytest.raises(Forbidden):
        services.withdraw(mia, cast.luoyang.id, row.id)
    assert (row.role, row.answered_at) == (role, None)
    withdraw = f"/invitations/{row.id}/withdraw"
    assert withdraw not in browser.sign_in(mia).get(f"/organisations/{cast.luoyang.id}/members").text
    assert withdraw in browser.sign_in(cast.ada).get(f"/organisations/{cast.luoyang.id}/members").text
    row.expires_at = now()
    assert services.invite(mia, cast.luoyang.id, email=row.email).role == MEMBER, "it had expired"


@pytest.mark.parametrize("role", [OWNER, MANAGER, FINANCE, MEMBER])
def test_the_choice_of_a_role_begins_with_the_present_one(cast: Cast, browser: Browser, role: MemberRole) -> None:
    mia = factories.user("Mia", member_of=cast.luoyang, role=role)
    browser.sign_in(cast.ada)
    page = browser.get(f"/organisations/{cast.luoyang.id}/members").text
    path = f"/organisations/{cast.luoyang.id}/members/{mia.id}/role"
    forms = [form for form in re.findall(r"<form.*?</form>", page, re.S) if f'action="{path}"' in form]
    offered = re.findall(r'<option value="(\w+)">', forms[0])
    assert offered[0] == role
    assert (OWNER in offered[1:], len(forms)) == (False, 1 if role == OWNER else 2)
    assert browser.post(path, {"role": offered[0]}).status_code == 409, "nothing changes"
    if role != OWNER:
        assert "Make Mia an owner of" in forms[1] or "Make Mia an owner of" in page
        assert 'name="role" value="owner"' in forms[1]


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_every_right_has_words_in_each_language(cast: Cast, browser: Browser, locale: str) -> None:
    cast.ada.locale = locale
    page = browser.sign_in(cast.ada).get(f"/organisations/{cast.luoyang.id}/members").text
    rows = re.findall(r'<th scope="row">([^<]+)</th>', page)
    assert len(set(rows)) == len(RIGHTS)
    assert not set(rows) & {right.value for right in Right}
    chinese = [row for row in rows if re.search("[\u4e00-\u9fff]", row)]
    assert len(chinese) == (len(RIGHTS) if locale == "zh_Hans_CN" else 0)
