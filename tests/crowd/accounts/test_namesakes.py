"""A person who takes an existing or similar-looking name is warned, and so is the verifier."""

import re

import pytest
import sqlalchemy as sa

from crowd.accounts import queries
from crowd.accounts.models import MemberRole, Organisation, OrganisationKind
from crowd.accounts.organisations import services as organisations
from crowd.accounts.queries import namesakes
from crowd.clock import now
from crowd.db import db
from crowd.errors import Invalid
from crowd.ledger import owners
from crowd.ledger.approvals import services as approvals
from crowd.ledger.deposits import services as deposits
from crowd.ledger.models import Approval
from crowd.web.organisations import labels
from scoring.profiles.queries import named_party
from scoring.reviews import services as review_services
from scoring.reviews.queries import conflicts_of
from tests.cast import Cast
from tests.client import Browser

WARNING = "same name or one that looks like it"


def other_spelling(name: str) -> str:
    """The name in full width, as a careless eye reads the same."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in name)


def test_a_new_organisation_with_anothers_name_is_warned_of(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.bo)
    typed = {"name": other_spelling(cast.luoyang.name), "kind": "enterprise", "country": "CN"}
    page = browser.get(browser.post("/account/organisations/new", typed).location).get_data(as_text=True)
    assert WARNING in page
    assert cast.luoyang.name in page
    typed["name"] = "Something of its own"
    assert WARNING not in browser.get(browser.post("/account/organisations/new", typed).location).get_data(as_text=True)


def test_a_new_name_is_warned_of_and_the_service_centre_sees_it(cast: Cast, browser: Browser) -> None:
    copy = organisations.create_organisation(cast.bo, name="Nordkraft", kind="enterprise")  # type: ignore[arg-type]
    browser.sign_in(cast.bo)
    typed = {"name": cast.luoyang.name.upper(), "kind": "enterprise", "country": "CN"}
    edited = browser.post(f"/organisations/{copy.id}/edit", typed)
    assert WARNING in browser.get(edited.location).get_data(as_text=True)
    again = browser.post(f"/organisations/{copy.id}/edit", {**typed, "city": "Oslo"})
    assert WARNING not in browser.get(again.location).get_data(as_text=True), "said once for a name"
    browser.sign_in(cast.eve)
    assert WARNING in browser.get(f"/organisations/{copy.id}/verification").get_data(as_text=True)
    browser.sign_in(cast.bo)
    assert WARNING not in browser.get(f"/organisations/{copy.id}/verification").get_data(as_text=True)


def test_a_person_with_anothers_name_is_warned_of_without_naming_them(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.bo)
    typed = {
        "name": cast.ada.name.replace("a", "\u0430"), "locale": "en", "time_zone": "UTC", "bio": "", "expertise": "",
    }  # fmt: skip
    page = browser.get(browser.post("/account/profile", typed).location).get_data(as_text=True)
    assert WARNING in page
    assert cast.ada.email not in page
    db.session.expire_all()
    assert [row.id for row in namesakes(cast.bo)] == [cast.ada.id]
    browser.sign_in(cast.adm)
    assert cast.ada.email in browser.get(f"/admin/people/{cast.bo.id}").get_data(as_text=True)


def test_a_reviewer_names_an_organisation_in_any_case_but_not_by_its_looks(cast: Cast) -> None:
    organisations.create_organisation(cast.bo, name="Luоyang", kind="enterprise")  # type: ignore[arg-type]  # a Cyrillic letter
    assert named_party(other_spelling(cast.luoyang.name).upper()) == {"organisation_id": cast.luoyang.id}
    assert named_party(cast.ada.email.upper()) == {"user_id": cast.ada.id}


def twins(cast: Cast) -> tuple[Organisation, Organisation, Organisation]:
    """The verified Northlight, one of the very same name, and one that only looks like it and claims its number."""
    own = cast.northlight
    own.country, own.registration_number, own.register, own.verified_at = "NO", "000417092", "Br", now()
    same = organisations.create_organisation(cast.bea, name=own.name, kind=OrganisationKind.ENTERPRISE, country="SE")
    alike = organisations.create_organisation(
        cast.bea, name="N\u043erthlight Sensing", kind=OrganisationKind.ENTERPRISE
    )
    alike.registration_number, alike.country = "000417092", "NO"
    db.session.flush()
    return own, same, alike


def test_who_looks_the_same_is_told_apart(cast: Cast, browser: Browser) -> None:
    own, same, alike = twins(cast)
    named = labels([own, same, alike, cast.luoyang])
    assert named[own.id] == f"{own.name} · Norway · 000417092 · no. {own.id} here · Verified"
    assert named[same.id] == f"{own.name} · Sweden · no. {same.id} here · Not verified"
    assert named[alike.id] == f"{alike.name} · Norway · 000417092 · no. {alike.id} here · Not verified"
    assert named[cast.luoyang.id].startswith(cast.luoyang.name)
    assert ("Not verified" in named[cast.luoyang.id]) == (cast.luoyang.verified_at is None)
    assert queries.label(own) == owners.label(own.id) == named[own.id]


def test_wherever_one_of_several_organisations_is_chosen(cast: Cast, browser: Browser) -> None:
    """Finance's pages, the draft of a challenge and its copy, registration, and an invitation."""
    own, same, alike = twins(cast)
    named = owners.labels_of([own.id, same.id, alike.id])
    assert len(set(named.values())) == 3
    browser.sign_in(cast.fen)
    page = browser.get("/finance/deposits/new").get_data(as_text=True)
    assert [name for name in named.values() if f">{name}</option>" not in page] == []
    number = deposits.record(
        cast.fen, bank_reference="T1", value_date=now().date(), payer=own.name, amount=1_000_00, currency="EUR"
    ).id
    page = browser.get(f"/finance/deposits/{number}").get_data(as_text=True)
    assert [name for name in named.values() if f">{name}</option>" not in page] == []
    assert browser.post(f"/finance/deposits/{number}/allocate", {"organisation_id": str(same.id)}).status_code == 303
    asked = db.session.scalar(sa.select(sa.func.max(Approval.id)))
    assert ("To be allocated to", named[same.id]) in approval(browser.sign_in(cast.finn), asked)
    approvals.approve(cast.finn, asked)
    assert f">{named[same.id]}</a></dd>" in browser.get(f"/finance/deposits/{number}").get_data(as_text=True)
    browser.sign_in(cast.bea)
    page = browser.get("/challenges/new").get_data(as_text=True)
    assert f">{labels([same, alike])[same.id]}</option>" in page
    organisations.invite(cast.bea, alike.id, email=cast.dee.email, role=MemberRole.MEMBER)
    assert queries.label(alike) in browser.sign_in(cast.dee).get("/account/organisations").get_data(as_text=True)


def approval(browser: Browser, number: int) -> list[tuple[str, str]]:
    """What the second person reads of what was asked for."""
    page = browser.get(f"/finance/approvals/{number}").get_data(as_text=True)
    return re.findall(r"<dt>([^<]+)</dt>\s*<dd[^>]*>([^<]+)</dd>", page)


def test_a_reviewer_says_which_of_several_is_meant(cast: Cast) -> None:
    """A copied name cannot prevent the declaration of a conflict of interest."""
    own, same, _alike = twins(cast)
    with pytest.raises(Invalid) as refused:
        named_party(own.name)
    for row in (own, same):
        assert f"no. {row.id} here" in str(refused.value.fields["party"]) or row.registration_number
        assert named_party(str(row.id)) == {"organisation_id": row.id}
    assert named_party(" 000417092 ") == {"organisation_id": own.id}, "not who only claims the number"
    review_services.declare_conflict(cast.cy, **named_party("000417092"), note="")
    ((_tie, name),) = conflicts_of(cast.cy.id)
    assert name == queries.label(own)
