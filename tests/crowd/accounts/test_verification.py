"""What an organisation shows to be verified: its number, a contact, documents; read by those who verify."""

import io
from typing import Any

import pytest

from crowd.accounts.models import Organisation, OrganisationKind
from crowd.accounts.organisations import services as organisations
from crowd.accounts.verification import numbers, queries, services
from crowd.errors import Conflict, Forbidden, Invalid
from tests.cast import Cast
from tests.client import Browser

CODE = "91410300MA0000047R"
CONTACT = {"contact_name": "马会计", "contact_email": "ma@luoyang.example"}
PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"


def found(cast: Cast, country: str = "CN", name: str = "洛阳水泵厂") -> Organisation:
    return organisations.create_organisation(cast.ada, name=name, kind=OrganisationKind.ENTERPRISE, country=country)


def register(cast: Cast, row: Organisation, number: str, **more: Any) -> Organisation:
    return services.register(cast.ada, row.id, registration_number=number, **CONTACT | more)


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("91350100M000100Y43", "CN", "91350100M000100Y43"),  # the example of GB 32100-2015
        (" 9135 0100-m000100y43 ", "CN", "91350100M000100Y43"),
        ("９１３５０１００Ｍ０００１００Ｙ４３", "CN", "91350100M000100Y43"),
        ("hrb  00417", "DE", "HRB 00417"),
        ("556000-0417", "SE", "556000-0417"),
    ],
)
def test_a_number_is_read_as_people_write_it(typed: str, country: str, kept: str) -> None:
    assert numbers.read(typed, country) == kept


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("91350100M000100Y44", "CN"),  # a wrong check character
        ("91350100M000100Y34", "CN"),  # two characters changed places
        ("91350100M0001O0Y43", "CN"),  # the letter O is in none
        ("91350100M000100Y4", "CN"),
        ("0" * 18, "CN"),  # right by its check character, as are all that follow
        ("01350100M000100Y4C", "CN"),
        ("B1350100M000100Y41", "CN"),
        ("90350100M000100Y46", "CN"),
        ("91000000M000100Y45", "CN"),
        ("91035010M000100Y4Y", "CN"),
        ("HRB 00417", "CN"),
        ("", "DE"),
        ("<script>", "DE"),
        ("1" * 41, "DE"),
    ],
)
def test_what_is_no_number_is_refused(typed: str, country: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        numbers.read(typed, country)


def test_every_single_wrong_character_is_found() -> None:
    code = "91350100M000100Y43"
    for place, right in enumerate(code):
        for wrong in numbers.CHARACTERS.replace(right, ""):
            assert not numbers.is_credit_code(code[:place] + wrong + code[place + 1 :])


def test_an_organisation_is_verified_by_its_number_and_contact(cast: Cast) -> None:
    row = found(cast)
    with pytest.raises(Conflict):
        organisations.verify(cast.eve, row.id, reason="Compared with the register.")
    register(cast, row, "91350100M000100Y43")
    assert organisations.verify(cast.eve, row.id, reason="Compared with the register.").verified_at


def test_another_number_or_country_must_be_verified_again(cast: Cast) -> None:
    row = found(cast)
    register(cast, row, "91350100M000100Y43")
    organisations.verify(cast.eve, row.id, reason="Compared with the register.")
    assert register(cast, row, "91350100m000100y43").verified_at, "the same number, written otherwise"
    first = "91410300000000123"
    assert register(cast, row, first + numbers.check_character(first)).verified_at is None
    organisations.verify(cast.eve, row.id, reason="Compared with the register.")
    says: dict[str, Any] = {"name": row.name, "kind": row.kind, "city": "", "website": "", "about": ""}
    moved = organisations.edit(cast.ada, row.id, **says, country="DE")
    assert (moved.verified_at, moved.registration_number) == (None, "")


def test_one_number_verifies_one_organisation(cast: Cast) -> None:
    rows = [found(cast), found(cast, name="洛阳水泵厂有限公司")]
    for row in rows:
        register(cast, row, "91350100M000100Y43")
    organisations.verify(cast.eve, rows[0].id, reason="Compared with the register.")
    with pytest.raises(Conflict, match="洛阳水泵厂"):
        organisations.verify(cast.eve, rows[1].id, reason="Compared with the register.")


def test_elsewhere_a_number_needs_its_register(cast: Cast) -> None:
    row = found(cast, "DE", "Kronhagen GmbH")
    with pytest.raises(Invalid) as refused:
        register(cast, row, "HRB 417")
    assert set(refused.value.fields) == {"register"}
    assert register(cast, row, "HRB 417", register="Amtsgericht Chemnitz").register == "Amtsgericht Chemnitz"


def test_documents_are_for_owners_and_those_who_verify(cast: Cast, browser: Browser) -> None:
    row = found(cast)
    document = services.add_document(cast.ada, row.id, io.BytesIO(PDF), "营业执照.pdf")
    with pytest.raises(Conflict):
        services.add_document(cast.ada, row.id, io.BytesIO(PDF), "again.pdf")
    for stranger in (cast.bo, cast.fen, cast.gu):
        with pytest.raises(Forbidden):
            queries.file(stranger, row.id, document.id)
    with pytest.raises(Forbidden):
        services.remove_document(cast.eve, row.id, document.id)
    address = f"/organisations/{row.id}/documents/{document.id}"
    browser.sign_in(cast.bo)
    assert browser.get(address).status_code == 403
    assert browser.get(f"/organisations/{row.id}/verification").status_code == 403
    browser.sign_in(cast.eve)
    assert browser.get(address).data == PDF
    services.remove_document(cast.ada, row.id, document.id)
    assert browser.get(address).status_code == 404


def test_the_page_keeps_what_was_typed_and_names_the_field(cast: Cast, browser: Browser) -> None:
    row = found(cast)
    browser.sign_in(cast.ada)
    typed = {"registration_number": "91350100M000100Y44", **CONTACT}
    refused = browser.post(f"/organisations/{row.id}/verification", typed)
    assert refused.status_code == 422
    assert 'value="91350100M000100Y44"' in refused.text
    assert "registration_number-problem" in refused.text
    saved = browser.post(f"/organisations/{row.id}/verification", typed | {"registration_number": "91350100M000100Y43"})
    assert saved.status_code == 303
    browser.sign_in(cast.eve)
    page = browser.get(f"/organisations/{row.id}/verification").text
    assert "91350100M000100Y43" in page
    assert "ma@luoyang.example" in page
    assert browser.post(f"/organisations/{row.id}/verify", {"reason": ""}).status_code == 422
    assert browser.post(f"/organisations/{row.id}/verify", {"reason": "Compared with the register."}).status_code == 303
    public = browser.get(f"/organisations/{row.id}").text
    assert "91350100M000100Y43" in public
    assert "ma@luoyang.example" not in public
