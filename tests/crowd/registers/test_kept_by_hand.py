"""Registers that the service centre keeps on their pages: technology managers and backbone agencies."""

import pytest
from click.testing import CliRunner

from crowd.accounts import services as accounts
from crowd.accounts.kept_registers import AGENCIES, MANAGERS
from crowd.accounts.personal_data import services as personal_data
from crowd.audit import SYSTEM
from crowd.registers import queries
from crowd.registers.cli import group
from tests import factories
from tests.cast import Cast
from tests.client import Browser

MANAGER = {"data_grade": "senior", "data_field": "Water networks", "data_basis": "Certificate 17, seen.",
           "reason": "All papers are there."}  # fmt: skip


def test_a_manager_is_entered_and_verified(cast: Cast, browser: Browser) -> None:
    here = f"/registers/{MANAGERS}"
    page = browser.sign_in(cast.eve).get(f"{here}/new")
    assert f"{here}/new" in browser.get(here).text
    assert "Junior" in page.text
    sent = browser.post(f"{here}/new", {"holder": cast.dee.email.upper(), **MANAGER})
    assert sent.status_code == 303
    ((row, _last),) = queries.of_holder(MANAGERS, cast.dee.id)
    assert sent.location == f"{here}/{row.number}"
    assert "Certificate 17, seen." in browser.get(sent.location).text
    for language, grade in (("en", "Senior"), ("zh", "高级")):
        page = browser.sign_out().get(f"/verify/{row.number}", headers={"Accept-Language": language})
        assert grade in page.text
        assert "Water networks" in page.text
        assert "Certificate 17" not in page.text
    again = browser.sign_in(cast.eve).post(f"{here}/new", {"holder": cast.dee.email, **MANAGER})
    assert again.status_code == 409
    assert "Water networks" in again.text, "what was typed is kept"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"holder": "nobody@crowd.example"}, "no open account"), ({"holder": ""}, "fill this in"),
        ({"data_grade": "master"}, "Choose one of the options"), ({"data_basis": " "}, "fill this in"),
        ({"reason": ""}, "fill this in"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(wrong: dict[str, str], said: str, cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.eve)
    sent = browser.post(f"/registers/{MANAGERS}/new", {"holder": cast.dee.email, **MANAGER, **wrong})
    assert sent.status_code == 422
    assert said in sent.text
    assert queries.of_holder(MANAGERS, cast.dee.id) == []


def test_only_keepers_enter_somebody_and_nobody_themselves(cast: Cast, browser: Browser) -> None:
    for person in (cast.dee, cast.adm, cast.aud, cast.cy):
        browser.sign_in(person)
        assert "/new" not in browser.get(f"/registers/{MANAGERS}").text
        assert browser.get(f"/registers/{MANAGERS}/new").status_code == 403
        assert browser.post(f"/registers/{MANAGERS}/new", {"holder": cast.bo.email, **MANAGER}).status_code == 403
    browser.sign_in(cast.eve)
    own = browser.post(f"/registers/{MANAGERS}/new", {"holder": cast.eve.email, **MANAGER})
    assert (own.status_code, queries.of_holder(MANAGERS, cast.eve.id)) == (422, [])
    assert browser.get("/registers/experts/new").status_code == 403, "experts follow their role"


def test_an_agency_is_found_by_its_number_or_name(cast: Cast, browser: Browser) -> None:
    data = {"data_services": "Tests", "data_basis": "Visited.", "reason": "Checked."}
    factories.registration(cast.northlight)
    cast.northlight.registration_number = "NO 914 001 717"
    browser.sign_in(cast.eve)
    assert browser.post(f"/registers/{AGENCIES}/new", {"holder": "no 914 001 717", **data}).status_code == 303
    ((row, _last),) = queries.of_holder(AGENCIES, cast.northlight.id)
    browser.post(f"/registers/{AGENCIES}/{row.number}/revoke", {"revoke-reason": "Closed its laboratory."})
    assert browser.post(f"/registers/{AGENCIES}/new", {"holder": "Northlight Sensing", **data}).status_code == 303
    factories.organisation("Northlight Sensing")
    twins = browser.post(f"/registers/{AGENCIES}/new", {"holder": "Northlight Sensing", **data})
    assert twins.status_code == 422
    assert "or more than one" in twins.text


def test_what_keepers_wrote_of_a_deleted_account_is_shown_to_nobody(cast: Cast, browser: Browser) -> None:
    """What was chosen from a list stays; texts may say something of a person."""
    made = accounts.create_user(SYSTEM, email="zoe@crowd.example", name="Zoe Unusual")
    browser.sign_in(cast.eve).post(f"/registers/{MANAGERS}/new", {"holder": made.email, **MANAGER})
    ((row, _last),) = queries.of_holder(MANAGERS, made.id)
    here = f"/registers/{MANAGERS}/{row.number}"
    pages = (here, f"/verify/{row.number}", f"/registers/{MANAGERS}", f"/api/v1{here}")
    terminal = lambda: CliRunner().invoke(group, ["show", row.number]).output  # noqa: E731
    assert "Water networks" in browser.get(f"/api/v1{here}").text
    assert "All papers are there." in browser.get(here).text
    assert "All papers are there." in terminal()
    personal_data.erase_account(SYSTEM, made.id)
    for person in (None, cast.eve, cast.adm, cast.aud):
        browser.sign_in(person) if person else browser.sign_out()
        for path in pages:
            told = browser.get(path).text
            assert "senior" in told.lower()
            for typed in ("Water networks", "Certificate 17", "All papers are there."):
                assert typed not in told, f"{path} for {person and person.name}"
    assert "senior" in terminal()
    assert "Water networks" not in terminal()
    assert "All papers are there." not in terminal()
