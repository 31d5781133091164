"""Organisations: created, verified, joined by invitation, left; never without an owner."""

import re
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd.accounts.models import Invitation, MemberRole, Membership, Organisation, OrganisationKind, User
from crowd.accounts.organisations import queries, services
from crowd.accounts.organisations.rights import Right
from crowd.accounts.personal_data.services import erase_account
from crowd.audit import AuditEvent
from crowd.clock import now
from crowd.db import commit, db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound, OperationError
from crowd.feature import declared
from crowd.notifications.kinds import ALWAYS, group_of
from crowd.notifications.models import Notification, OutgoingEmail
from crowd.taxonomy import services as taxonomy
from crowd.taxonomy.vocabulary import current
from submissions import services as submissions
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser

DATA = {"name": "Luoyang Pumps", "kind": "enterprise", "country": "CN", "city": "", "website": "", "about": ""}


def token(address: str) -> str:
    """The token in the latest email to an address."""
    text = db.session.scalars(
        sa.select(OutgoingEmail.text).where(OutgoingEmail.recipient == address).order_by(OutgoingEmail.id.desc())
    ).first()
    found = re.search(r"/invitations/(\S+)", text or "")
    assert found
    return found.group(1)


def told(person: User) -> set[str]:
    return set(db.session.scalars(sa.select(Notification.kind).where(Notification.user_id == person.id)))


def test_a_founder_is_the_owner_and_the_service_centre_verifies(cast: Cast) -> None:
    row = services.create_organisation(cast.bo, name="Bo Labs", kind=OrganisationKind.AGENCY)
    assert row.verified_at is None
    assert cast.bo.may(Right.HAND_OVER, row.id)
    with pytest.raises(Forbidden):
        services.verify(cast.bo, row.id, reason="Compared with the register.")
    factories.registration(row)
    assert services.verify(cast.eve, row.id, reason="Compared with the register.").verified_at
    assert "accounts.verified" in told(cast.bo)
    with pytest.raises(Conflict):
        services.verify(cast.eve, row.id, reason="Compared with the register.")


def test_nobody_verifies_the_own_organisation(cast: Cast) -> None:
    row = services.create_organisation(cast.eve, name="Eve's", kind=OrganisationKind.AGENCY)
    with pytest.raises(Forbidden):
        services.verify(cast.eve, row.id, reason="Compared with the register.")


def test_another_name_must_be_verified_again(cast: Cast) -> None:
    keep: dict[str, Any] = {"country": "CN", "city": "Luoyang", "website": "", "about": ""}
    same: dict[str, Any] = {"name": cast.luoyang.name, "kind": cast.luoyang.kind}
    assert services.edit(cast.ada, cast.luoyang.id, **same, **keep).verified_at
    assert services.edit(cast.ada, cast.luoyang.id, **(same | {"name": "Another"}), **keep).verified_at is None
    with pytest.raises(Forbidden):
        services.edit(cast.abe, cast.luoyang.id, **same, **keep)


def test_an_invitation_is_accepted_once_by_whom_it_was_sent_to(cast: Cast) -> None:
    invitation = services.invite(cast.ada, cast.luoyang.id, email=cast.dee.email.upper(), role=MemberRole.MEMBER)
    assert queries.find_invitation(token(cast.dee.email)) is invitation
    assert invitation.token_digest not in token(cast.dee.email)
    with pytest.raises(NotFound):
        services.accept(cast.bo, invitation.id)
    services.accept(cast.dee, invitation.id)
    assert cast.dee.acts_for(cast.luoyang.id)
    assert "accounts.joined" in told(cast.ada)
    with pytest.raises(NotFound):
        services.accept(cast.dee, invitation.id)
    assert queries.find_invitation(token(cast.dee.email)) is None
    with pytest.raises(Invalid):
        services.invite(cast.ada, cast.luoyang.id, email=cast.dee.email)


def test_inviting_again_voids_the_old_link(cast: Cast) -> None:
    services.invite(cast.ada, cast.luoyang.id, email="new@crowd.example")
    old = token("new@crowd.example")
    services.invite(cast.ada, cast.luoyang.id, email="new@crowd.example", role=MemberRole.OWNER)
    assert queries.find_invitation(old) is None
    assert queries.find_invitation(token("new@crowd.example"))
    assert len(queries.invitations_of(cast.luoyang.id)) == 1


def test_an_invitation_is_withdrawn_declined_or_grows_old(cast: Cast) -> None:
    withdrawn = services.invite(cast.ada, cast.luoyang.id, email=cast.dee.email)
    services.withdraw(cast.ada, cast.luoyang.id, withdrawn.id)
    with pytest.raises(NotFound):
        services.accept(cast.dee, withdrawn.id)
    declined = services.invite(cast.ada, cast.luoyang.id, email=cast.dee.email)
    services.decline(cast.dee, declined.id)
    assert "accounts.declined" in told(cast.ada)
    old = services.invite(cast.ada, cast.luoyang.id, email=cast.dee.email)
    db.session.execute(sa.update(Invitation).where(Invitation.id == old.id).values(expires_at=now()))
    with pytest.raises(NotFound):
        services.accept(cast.dee, old.id)
    assert not cast.dee.acts_for(cast.luoyang.id)


def test_only_owners_invite(cast: Cast) -> None:
    for person in (cast.abe, cast.dee, cast.eve, cast.adm):
        with pytest.raises(Forbidden):
            services.invite(person, cast.luoyang.id, email="new@crowd.example")


def test_a_removed_member_acts_for_it_no_more(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.abe)
    path = f"/organisations/{cast.luoyang.id}/members"
    assert browser.get(path).status_code == 200
    services.remove(cast.ada, cast.luoyang.id, cast.abe.id)
    assert browser.get(path).status_code == 403
    assert "accounts.removed" in told(cast.abe)


def test_an_owner_who_was_demoted_meanwhile_is_refused_behind_the_lock(cast: Cast) -> None:
    join(cast.dee, cast.luoyang, MemberRole.OWNER)
    assert cast.ada.may(Right.MANAGE_MEMBERS, cast.luoyang.id)  # as it was read at the start of the request
    db.session.execute(sa.update(Membership).where(Membership.user_id == cast.ada.id).values(role=MemberRole.MEMBER))
    with pytest.raises(Forbidden):
        services.invite(cast.ada, cast.luoyang.id, email="new@crowd.example")


def test_the_last_owner_stays(cast: Cast) -> None:
    for act in (
        lambda: services.leave(cast.ada, cast.luoyang.id),
        lambda: services.change_role(cast.ada, cast.luoyang.id, cast.ada.id, role=MemberRole.MEMBER),
    ):
        with pytest.raises(Conflict):
            act()
    with pytest.raises(Forbidden):
        services.remove(cast.ada, cast.luoyang.id, cast.ada.id)
    services.change_role(cast.ada, cast.luoyang.id, cast.abe.id, role=MemberRole.OWNER)
    assert "accounts.member_role" in told(cast.abe)
    services.leave(cast.ada, cast.luoyang.id)
    assert "accounts.left" in told(cast.abe)
    assert "accounts.left" not in told(cast.ada), "who goes is no owner any more"
    with pytest.raises(Conflict):
        services.leave(cast.abe, cast.luoyang.id)


@pytest.mark.parametrize("what", ["joined", "left", "member_role", "removed"])
def test_nobody_mutes_who_may_act_for_their_organisation(shared_app: Flask, what: str) -> None:
    assert group_of(f"accounts.{what}") == ALWAYS


def test_an_owner_whose_account_is_closed_does_not_count(cast: Cast) -> None:
    services.change_role(cast.ada, cast.luoyang.id, cast.abe.id, role=MemberRole.OWNER)
    cast.abe.active = False
    db.session.flush()
    with pytest.raises(Conflict):
        services.leave(cast.ada, cast.luoyang.id)


def race(app: Flask, acts: Sequence[Callable[[], object]]) -> list[str]:
    """Run the operations at the same time on separate connections; returns their results."""
    start, found = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        with app.app_context():
            start.wait()
            try:
                act()
                found.append("done")
            except OperationError as refusal:
                found.append(refusal.code)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


def owners(app: Flask) -> tuple[int, list[int]]:
    with app.app_context():
        organisation = factories.organisation("Twins")
        people = [factories.user(name, member_of=organisation, role=MemberRole.OWNER) for name in ("One", "Two")]
        return organisation.id, [person.id for person in people]


def person(user_id: int) -> User:
    return db.session.scalars(sa.select(User).where(User.id == user_id)).one()


def erase(user_id: int) -> None:
    erase_account(person(user_id), user_id)


def leave(user_id: int, organisation_id: int) -> None:
    services.leave(person(user_id), organisation_id)


def test_two_last_owners_cannot_go_at_once(committed: Flask) -> None:
    for _round in range(5):
        organisation_id, people = owners(committed)
        acts = [partial(leave, one, organisation_id) for one in people]
        assert race(committed, acts) == ["conflict", "done"]
        with committed.app_context():
            assert queries.count_owners(organisation_id) == 1


def test_two_last_owners_cannot_delete_their_accounts_at_once(committed: Flask) -> None:
    organisation_id, people = owners(committed)
    acts = [partial(erase, one) for one in people]
    assert race(committed, acts) == ["conflict", "done"]
    with committed.app_context():
        assert queries.count_owners(organisation_id) == 1


def test_two_owners_who_remove_each_other_leave_one(committed: Flask) -> None:
    organisation_id, (one, two) = owners(committed)
    acts = [
        lambda: services.remove(person(one), organisation_id, two),
        lambda: services.remove(person(two), organisation_id, one),
    ]
    assert race(committed, acts) == ["done", "forbidden"]
    with committed.app_context():
        assert queries.count_owners(organisation_id) == 1


def test_an_invitation_accepted_at_once_makes_one_member(committed: Flask) -> None:
    organisation_id, (one, _two) = owners(committed)
    with committed.app_context():
        guest = factories.user("Guest")
        invitation_id, guest_id = services.invite(person(one), organisation_id, email=guest.email).id, guest.id
    results = race(committed, [lambda: services.accept(person(guest_id), invitation_id) for _ in range(6)])
    assert results.count("done") == 1
    with committed.app_context():
        assert len(queries.list_members(organisation_id)) == 3


def test_the_pages_found_invite_and_join(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.bo)
    assert "You act for yourself" in browser.get("/account/organisations").get_data(as_text=True)
    assert browser.post("/account/organisations/new", DATA | {"name": "", "website": "pumps"}).status_code == 422
    assert browser.post("/account/organisations/new", DATA | {"verified_at": "2026-01-01"}).status_code == 303
    row = db.session.scalars(sa.select(Organisation).where(Organisation.name == "Luoyang Pumps")).one()
    assert row.verified_at is None
    members = f"/organisations/{row.id}/members"
    assert browser.post(f"/organisations/{row.id}/invite", {"email": "nobody", "role": "member"}).status_code == 422
    again = browser.post(f"/organisations/{row.id}/invite", {"email": cast.bo.email, "role": "member"})
    assert "belongs to the organisation already" in again.get_data(as_text=True)
    assert (
        browser.post(f"/organisations/{row.id}/invite", {"email": cast.dee.email, "role": "owner"}).status_code == 303
    )
    path = f"/invitations/{token(cast.dee.email)}"
    assert cast.dee.email in browser.get(members).get_data(as_text=True)
    assert "Sign in to respond" in Browser(browser.app).get(path).get_data(as_text=True)
    assert "The invitation is for" in browser.get(path).get_data(as_text=True)
    dee = Browser(browser.app).sign_in(cast.dee)
    assert "Luoyang Pumps" in dee.get("/account/organisations").get_data(as_text=True)
    accept = re.search(r"/account/invitations/\d+/accept", dee.get(path).get_data(as_text=True))
    assert accept
    assert dee.post(accept.group()).headers["Location"] == members
    assert dee.get(path).status_code == 404
    assert dee.post(f"/organisations/{row.id}/members/{cast.bo.id}/role", {"role": "member"}).status_code == 303
    assert dee.post(f"/organisations/{row.id}/members/{cast.bo.id}/remove").status_code == 303
    assert browser.get(members).status_code == 403
    assert dee.post(f"/organisations/{row.id}/leave").status_code == 409


def test_the_service_centre_verifies_by_page(cast: Cast, browser: Browser) -> None:
    row = services.create_organisation(cast.bo, name="Bo Labs", kind=OrganisationKind.AGENCY)
    other = services.create_organisation(cast.dee, name="Dee Works", kind=OrganisationKind.AGENCY)
    browser.sign_in(cast.eve)
    assert "Bo Labs" in browser.get("/admin/organisations").get_data(as_text=True)
    factories.registration(row)
    factories.registration(other)
    assert f"/organisations/{row.id}/verify" in browser.get(f"/organisations/{row.id}/verification").text
    given = {"reason": "Compared with the register."}
    assert browser.post(f"/organisations/{row.id}/verify", given).status_code == 303
    assert "Bo Labs is verified." in browser.get("/admin/organisations").get_data(as_text=True)
    assert "Bo Labs" not in browser.get("/admin/organisations").get_data(as_text=True)
    assert "Bo Labs" in browser.get("/admin/organisations?show=all&q=labs").get_data(as_text=True)
    browser.post(f"/organisations/{other.id}/verify", given)
    browser.get("/admin/organisations")  # which says that it is verified
    page = browser.get("/admin/organisations").text
    assert "No organisations await verification without an application. The last one was verified on" in re.sub(
        r"<[^>]+>", "", page
    )
    assert {"Bo Labs", "Dee Works"} <= set(re.findall(r"Bo Labs|Dee Works", page))
    assert 'href="/admin/organisations"' not in page.split('class="tabs"')[1]
    assert Browser(browser.app).sign_in(cast.bo).post(f"/organisations/{row.id}/verify").status_code == 403
    commit()


@pytest.mark.parametrize(
    ("country", "city", "code"),
    [
        ("CN", "青岛", "370200"),
        ("CN", "Qingdao", "370200"),
        ("CN", "山东省青岛市", "370200"),
        ("CN", "Suzhou, Anhui", "341300"),
        ("CN", "Suzhou", "CN"),
        ("CN", "Nowhere", "CN"),
        ("DE", "Qingdao", "DE"),
        ("HK", "", "810000"),
        ("TW", "Taipei", "710000"),
        ("MO", "", "820000"),
        ("", "", ""),
    ],
)
def test_its_region_is_found_by_country_and_city(cast: Cast, country: str, city: str, code: str) -> None:
    row = services.create_organisation(
        cast.bo, name="Bo Labs", kind=OrganisationKind.AGENCY, country=country, city=city
    )
    region = current().by_id(row.region_id)
    assert (region.code if region else "") == code


def test_its_terms_are_of_their_schemes_and_are_shown(cast: Cast, browser: Browser) -> None:
    generic, state = current().get("agency_kind", "generic"), current().get("ownership_kind", "state")
    assert generic
    assert state
    browser.sign_in(cast.nils)
    path = f"/organisations/{cast.northlight.id}/edit"
    data = DATA | {"kind": "agency", "name": cast.northlight.name}
    assert browser.post(path, data | {"agency_kind_id": str(state.id)}).status_code == 422
    assert browser.post(path, data | {"agency_kind_id": str(generic.id)}).status_code == 303
    assert cast.northlight.agency_kind_id == generic.id
    assert "Generic technology agency" in Browser(browser.app).get(f"/organisations/{cast.northlight.id}").text
    with pytest.raises(Invalid):
        services.create_organisation(cast.bo, name="X", kind=OrganisationKind.AGENCY, stage_id=generic.id)


@pytest.mark.parametrize("kind", [kind for kind in OrganisationKind if kind != OrganisationKind.AGENCY])
def test_only_an_agency_has_a_kind_of_agency(cast: Cast, kind: OrganisationKind) -> None:
    generic = current().get("agency_kind", "generic")
    assert generic
    with pytest.raises(Invalid) as refused:
        services.create_organisation(cast.bo, name="X", kind=kind, agency_kind_id=generic.id)
    assert "agency_kind_id" in refused.value.fields


@pytest.mark.parametrize("column", ["agency_kind_id", "ownership_kind_id", "stage_id"])
def test_a_retired_term_is_not_dropped_by_saving_the_form(cast: Cast, browser: Browser, column: str) -> None:
    entry = current().all(column.removesuffix("_id"))[1]
    setattr(cast.northlight, column, entry.id)
    taxonomy.retire(cast.adm, entry.id)
    browser.sign_in(cast.nils)
    path = f"/organisations/{cast.northlight.id}/edit"
    chosen = re.search(rf'<option selected value="{entry.id}"', browser.get(path).text)
    assert chosen
    data = DATA | {"kind": "agency", "name": cast.northlight.name, column: str(entry.id)}
    assert browser.post(path, data).status_code == 303
    assert getattr(cast.northlight, column) == entry.id
    assert browser.post(path, data | {column: ""}).status_code == 303
    assert browser.post(path, data).status_code == 422, "to others it is not offered"


def test_who_may_post_is_said_as_the_table_says(cast: Cast, browser: Browser) -> None:
    page = browser.sign_in(cast.dee).get("/challenges/new").text
    assert "Enterprise, Research institute, University, Government body, or Science and industry park" in page


def test_the_only_owner_without_members_invites_first_or_closes(cast: Cast, browser: Browser) -> None:
    row = services.create_organisation(cast.bo, name="Bo Labs", kind=OrganisationKind.AGENCY)
    browser.sign_in(cast.bo)
    assert "invite somebody first, or close" in browser.get(f"/organisations/{row.id}/members").text
    join(cast.bea, row)
    page = browser.get(f"/organisations/{row.id}/members").text
    assert "invite somebody first" not in page
    assert "when you hand the organisation over" in page


@pytest.mark.parametrize("role", [MemberRole.MEMBER, MemberRole.OWNER])
def test_a_hand_over_tells_both_owners_and_is_recorded(cast: Cast, browser: Browser, role: MemberRole) -> None:
    mia = factories.user("Mia", member_of=cast.luoyang, role=role)
    browser.sign_in(cast.ada)
    path = f"/organisations/{cast.luoyang.id}/hand-over"
    assert browser.post(path, {"successor": str(mia.id)}).status_code == 303
    query = sa.select(Notification.kind, Notification.path)
    told = {
        person.name: list(map(tuple, db.session.execute(query.where(Notification.user_id == person.id))))
        for person in (cast.ada, mia)
    }
    assert told == {
        "Ada": [("accounts.you_handed_over", "/account/organisations")],
        "Mia": [("accounts.handed_over", f"/organisations/{cast.luoyang.id}/members")],
    }
    assert all(declared().notifications[kind].always for kind in ("accounts.handed_over", "accounts.you_handed_over"))
    (event,) = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "organisation.handed_over"))
    assert (event.actor_id, event.data["member"]) == (cast.ada.id, mia.id)


UNFINISHED: dict[str, Callable[[Cast], Any]] = {
    "in screening": factories.screened,
    "open": factories.opened,
    "in judging": factories.closed,
}


@pytest.mark.parametrize("state", UNFINISHED)
def test_a_sponsor_with_challenges_under_way_does_not_become_an_agency(
    cast: Cast, browser: Browser, state: str
) -> None:
    UNFINISHED[state](cast)
    row = cast.luoyang
    changed = {**DATA, "name": row.name}
    path = f"/organisations/{row.id}/edit"
    answer = browser.sign_in(cast.ada).post(path, changed | {"kind": "agency"})
    assert answer.status_code == 409
    assert "1 challenge is not finished." in answer.text
    assert row.kind == OrganisationKind.ENTERPRISE
    assert browser.post(path, changed | {"kind": "institute"}).status_code == 303  # which posts, too


def test_an_agency_with_proposals_under_way_stays_one_that_answers(cast: Cast, browser: Browser) -> None:
    row = factories.proposal(cast.nils, factories.opened(cast), organisation=cast.northlight)
    path, changed = f"/organisations/{cast.northlight.id}/edit", {**DATA, "name": cast.northlight.name}
    browser.sign_in(cast.nils)
    assert browser.post(path, changed | {"kind": "enterprise"}).status_code == 409
    assert browser.post(path, changed | {"kind": "university"}).status_code == 303
    submissions.withdraw(cast.nils, row.id)
    assert browser.post(path, changed | {"kind": "enterprise"}).status_code == 303


def test_countries_are_named_and_sorted_as_their_readers_expect(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.ada)
    chinese = re.findall(r"<option[^>]*>([^<]+)</option>", countries_of(browser, "zh"))
    order = ["阿尔巴尼亚", "比利时", "秘鲁", "波兰", "梵蒂冈", "斐济", "芬兰", "美国", "瑙鲁", "尼泊尔", "日本", "中国",
             "中国澳门", "中国台湾", "中国香港"]  # fmt: skip
    places = [chinese.index(name) for name in order]
    assert places == sorted(places)
    assert not {"台湾", "中国香港特别行政区", "中国澳门特别行政区"} & set(chinese)
    assert '<option selected value="CN">' in countries_of(browser, "zh")
    english = re.findall(r"<option[^>]*>([^<]+)</option>", countries_of(browser, "en"))
    assert english.index("Åland Islands") < english.index("Albania")
    assert '<option selected value="">' in countries_of(browser, "en")


def countries_of(browser: Browser, language: str) -> str:
    """The choice of a country on the form of a new organisation."""
    user = db.session.scalars(sa.select(User).where(User.name == "Ada")).one()
    user.locale = {"zh": "zh_Hans_CN", "en": "en"}[language]
    commit()
    page = browser.get("/account/organisations/new").text
    assert {"zh": "国家或地区", "en": "Country or region"}[language] in page
    return page[page.index('id="country"') :].split("</select>")[0]
