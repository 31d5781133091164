"""A technology contract from the application to the certificate, refused and filed again; who sees what of it."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crowd.accounts.models import MemberRole, User
from crowd.accounts.personal_data import services as personal_data
from crowd.audit import SYSTEM
from crowd.cases import proceedings, services
from crowd.cases import queries as cases
from crowd.cases.bodies import NAMES
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState
from crowd.db import commit, db
from crowd.errors import Invalid
from crowd.feature import declared
from crowd.money import Money
from crowd.procedure import faults
from crowd.registers import certificates
from crowd.registers import queries as registers
from crowd.registers.models import RegisterEntry
from crowd.technology_contracts import queries
from crowd.technology_contracts.kinds import CASE_KINDS, OF_ORGANISATION, OF_PERSON
from crowd.technology_contracts.register import REGISTER
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser
from tests.crowd.accounts.test_units import ZIBO, officer, term_id, unit
from tests.crowd.registers.test_views import run_jobs, text_of
from tests.submissions.test_pages import words

EVERY_KIND = pytest.mark.parametrize("kind", [OF_ORGANISATION, OF_PERSON])
EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
SECRET, FIELD = "Quellwasser Holding", "leak-detection"


def filled(**changes: object) -> dict[str, Any]:
    """What a seller types and chooses."""
    contract = (io.BytesIO(b"%PDF-1.4 contract"), "contract.pdf")
    return {
        "title": "Leak detection by two microphones", "kind": "development", "field": FIELD, "buyer": SECRET,
        "parties": "", "signed_on": "2026年3月2日", "currency": "CNY", "contract_amount": "120万",
        "technology_amount": "¥ 1,000,000.50", "summary": "A prototype and its documents.", "contract": contract,
    } | changes  # fmt: skip


def seller(cast: Cast, kind: str) -> tuple[User, str, int]:
    """Who applies, the page of the application, and the id of the seller."""
    assert cast.nils
    person, number = (cast.nils, cast.northlight.id) if kind == OF_ORGANISATION else (cast.bo, cast.bo.id)
    return person, f"/cases/new/{kind}/{number}", number


def filed(browser: Browser, cast: Cast, of: str, **changes: object) -> Case:
    person, page, _number = seller(cast, of)
    sent = browser.sign_in(person).post(page, filled(**changes))
    assert sent.status_code == 303, words(sent.text)
    return db.session.scalars(sa.select(Case).order_by(Case.id.desc())).first()


def checked(browser: Browser, cast: Cast, case: Case, finding: str, reasons: str = "As the contract says.") -> None:
    given = {"finding": finding, "reasons": reasons}
    answer = browser.sign_in(cast.eve).post(f"/cases/{case.public_id}/steps/1/conclude", given)
    assert answer.status_code == 303
    run_jobs()


def registered(browser: Browser, cast: Cast, of: str, **changes: object) -> RegisterEntry:
    checked(browser, cast, filed(browser, cast, of, **changes), "yes")
    return db.session.scalars(sa.select(RegisterEntry).order_by(RegisterEntry.id.desc())).first()


@pytest.mark.parametrize("kind", CASE_KINDS, ids=lambda kind: kind.name)
def test_the_kinds_are_declared_right(kind: Any) -> None:
    assert faults(kind, declared().job_labels, NAMES) == []


@EVERY_KIND
@EVERY_LANGUAGE
def test_from_the_application_to_the_certificate(cast: Cast, browser: Browser, kind: str, locale: str) -> None:
    person, page, number = seller(cast, kind)
    for one in (person, cast.eve):
        one.locale = locale
    assert page in browser.sign_in(person).get("/technology-contracts").text
    form = words(browser.get(page).text)
    assert ("技术交易额" in form) == (locale != "en")
    case = filed(browser, cast, kind)
    shown = words(browser.get(f"/cases/{case.public_id}").text)
    for text in ("1,200,000.00", "1,000,000.50", SECRET, "contract.pdf"):
        assert text in shown
    assert case.title == "Leak detection by two microphones"
    assert case.title in words(browser.sign_in(cast.eve).get("/cases/queue").text)
    checked(browser, cast, case, "yes")
    ((entry, last),) = [(row, last) for row, last in registers.all_of_holder(case.subject_type, number)
                        if row.register == REGISTER]  # fmt: skip
    assert (case.state, entry.number[:3], last.case_id) == (CaseState.GRANTED, "TC-", case.id)
    assert entry.data["technology_amount"] == {"amount": 100_000_050, "currency": "CNY"}
    for language in ("en", "zh_Hans_CN"):
        path = f"/registers/{REGISTER}/{entry.number}/certificate-{language}.pdf"
        pdf = browser.sign_in(person).get(path)
        assert pdf.status_code == 200
        said = text_of(pdf.data)
        for text in (entry.number, "Leak detection by two microphones", "1,200,000.00", "1,000,000.50"):
            assert text in said
        assert ("技术交易额" in said) == (language != "en")
        assert browser.sign_out().get(path).status_code == 404, "it names amounts"


@EVERY_KIND
@EVERY_LANGUAGE
def test_refused_with_reasons_corrected_and_filed_again(cast: Cast, browser: Browser, kind: str, locale: str) -> None:
    person, page, _number = seller(cast, kind)
    person.locale = locale
    case = filed(browser, cast, kind)
    checked(browser, cast, case, "no", "The contract is one of service.")
    assert db.session.scalars(sa.select(RegisterEntry).where(RegisterEntry.register == REGISTER)).all() == []
    shown = browser.sign_in(person).get(f"/cases/{case.public_id}").text
    assert "The contract is one of service." in words(shown)
    link = re.search(rf'href="({page}\?from=[^"]+)"', shown)
    assert link
    form = browser.get(link[1]).text
    for text in ('value="1200000.00"', 'value="2026-03-02"', SECRET, "Leak detection by two microphones"):
        assert text in form
    again = browser.post(link[1], filled(kind="service"))
    assert again.status_code == 303
    latest = db.session.scalars(sa.select(Case).order_by(Case.id.desc())).first()
    checked(browser, cast, latest, "yes")
    assert db.session.scalars(sa.select(RegisterEntry.data)).all()[-1]["kind"] == "service"
    assert browser.sign_in(cast.dee).get(link[1]).status_code in (403, 404)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"technology_amount": "1200000.01"}, "more than the contract amount"),
        ({"contract_amount": "0", "technology_amount": "0"}, "without an amount"),
        ({"contract_amount": "60.000"}, "60"), ({"contract_amount": "€ 5"}, "EUR"),
        ({"signed_on": "2999-01-01"}, "has not come"), ({"signed_on": "03/04/2026"}, "2026"),
        ({"signed_on": "soon"}, "Write the date"), ({"title": ""}, "fill this in"), ({"field": "xyz"}, "Choose one"),
        ({"kind": "gift"}, "Choose one"), ({"buyer": " "}, "fill this in"), ({"contract": ""}, "This is needed"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    wrong: dict[str, str], said: str, cast: Cast, browser: Browser
) -> None:
    person, page, _number = seller(cast, OF_ORGANISATION)
    sent = browser.sign_in(person).post(page, filled(**wrong))
    assert (sent.status_code, said in words(sent.text)) == (422, True), words(sent.text)
    assert "A prototype and its documents." in sent.text
    assert db.session.scalars(sa.select(Case)).all() == []


def test_a_service_checks_what_no_form_has_read(cast: Cast) -> None:
    plain = {name: str(value) for name, value in filled(signed_on="2026-03-02", contract_amount="120000000",
             technology_amount="1").items() if name != "contract"}  # fmt: skip
    upload = [(io.BytesIO(b"%PDF-1.4 x"), "c.pdf")]
    for wrong in ({"signed_on": "2026-02-30"}, {"contract_amount": "-5"}, {"contract_amount": "1e9"},
                  {"currency": "XYZ"}, {"field": "nothing"}, {"title": "x" * 201}):  # fmt: skip
        with pytest.raises(Invalid):
            services.file_case(cast.bo, OF_PERSON, str(cast.bo.id), answers=plain | wrong, uploads=upload)
        upload[0][0].seek(0)
    assert services.file_case(cast.bo, OF_PERSON, str(cast.bo.id), answers=plain, uploads=upload).is_pending


def test_a_seller_has_several_contracts_at_once(cast: Cast, browser: Browser) -> None:
    first, second = (registered(browser, cast, OF_PERSON, title=title) for title in ("One", "Two"))
    filed(browser, cast, OF_PERSON, title="Three")
    filed(browser, cast, OF_PERSON, title="Four")
    assert first.number != second.number
    assert {registers.view(row).state for row in (first, second)} == {"valid"}


@EVERY_KIND
def test_who_applies_for_whom(cast: Cast, browser: Browser, kind: str) -> None:
    _person, page, _number = seller(cast, kind)
    manager, member = factories.user("Mia"), factories.user("Max")
    join(manager, cast.northlight, MemberRole.MANAGER)
    join(member, cast.northlight)
    of_firm = kind == OF_ORGANISATION
    may = {cast.nils} | {manager} if of_firm else {cast.bo}
    for person in (cast.bo, cast.ada, cast.eve, cast.dee, cast.adm, member, manager, cast.nils):
        answer = browser.sign_in(person).get(page)
        assert answer.status_code == (200 if person in may else 403 if of_firm else 404), person.name
        assert (page in browser.get("/technology-contracts").text) == (person in may)
    assert browser.sign_out().get(page).status_code in (302, 303)
    assert browser.sign_in(cast.nils).get(f"/cases/new/{OF_ORGANISATION}/999999").status_code == 404
    assert browser.get(f"/cases/new/{OF_ORGANISATION}/x").status_code == 404


@EVERY_KIND
@pytest.mark.parametrize("state", ["pending", "granted", "refused"])
def test_what_is_not_public_is_nowhere_for_others(cast: Cast, browser: Browser, kind: str, state: str) -> None:
    """Role by state: the seller's side, the service centre and who oversees read the case; others nothing of it."""
    person, _page, _number = seller(cast, kind)
    case = filed(browser, cast, kind)
    if state != "pending":
        checked(browser, cast, case, "yes" if state == "granted" else "no")
    readers = {person, cast.eve, cast.aud}
    entry = db.session.scalars(sa.select(RegisterEntry).where(RegisterEntry.register == REGISTER)).first()
    for one in (person, cast.eve, cast.aud, cast.adm, cast.dee, cast.ada, cast.fen, cast.gu, cast.cy):
        browser.sign_in(one)
        assert browser.get(f"/cases/{case.public_id}").status_code == (200 if one in readers else 404), one.name
    if entry is None:
        return
    here = f"/registers/{REGISTER}/{entry.number}"
    pages = (here, f"/registers/{REGISTER}", f"/verify/{entry.number}", f"/api/v1{here}", "/technology-contracts",
             "/technology-contracts.csv")  # fmt: skip
    for stranger in (cast.dee, None):
        browser.sign_in(stranger) if stranger else browser.sign_out()
        for path in pages:
            told = browser.get(path).text
            for hidden in (SECRET, "1,200,000", "1200000", "A prototype"):
                assert hidden not in told, path
        assert "Leak detection by two microphones" in browser.get(here).text
    for one in (person, cast.eve, cast.adm, cast.aud):
        assert SECRET in browser.sign_in(one).get(here).text


def test_silence_refuses_and_days_come_from_the_settings(cast: Cast, browser: Browser) -> None:
    case = filed(browser, cast, OF_PERSON)
    step = case.steps[0]
    assert step.days == 10
    step.due_at -= timedelta(days=400)
    commit()
    proceedings.end_step(step.id)
    assert case.state == CaseState.REFUSED
    assert "Nothing is registered." in words(browser.sign_in(cast.bo).get(f"/cases/{case.public_id}").text)


def test_a_deleted_seller_leaves_the_kind_only(cast: Cast, browser: Browser) -> None:
    entry = registered(browser, cast, OF_PERSON)
    personal_data.erase_account(SYSTEM, cast.bo.id)
    shown = registers.view(db.session.get(RegisterEntry, entry.id))
    assert shown.known == {"kind": "development"}
    assert certificates.documents.of_row(certificates.SUBJECT, entry.id) == []
    assert queries.totals() == [], "a revoked registration does not count"


def test_keepers_suspend_and_revoke_and_revoked_ones_do_not_count(cast: Cast, browser: Browser) -> None:
    entry = registered(browser, cast, OF_ORGANISATION)
    here = f"/registers/{REGISTER}/{entry.number}"
    for operation in ("suspend", "resume", "revoke"):
        assert [one.contracts for one in queries.totals()] == [1]
        sent = browser.sign_in(cast.eve).post(f"{here}/{operation}", {f"{operation}-reason": "Checked again."})
        assert sent.status_code == 303
    assert queries.totals() == []


def test_totals_are_exact_and_small_groups_keep_their_amounts(cast: Cast, browser: Browser) -> None:
    for person, amount in ((cast.bo, "0.01"), (cast.bea, "9000000000000"), (cast.dee, "0.02")):
        sent = browser.sign_in(person).post(f"/cases/new/{OF_PERSON}/{person.id}", filled(
            contract_amount=amount, technology_amount="0.01", kind="licence"))  # fmt: skip
        assert sent.status_code == 303, words(sent.text)
        checked(browser, cast, db.session.scalars(sa.select(Case).order_by(Case.id.desc())).first(), "yes")
    registered(browser, cast, OF_ORGANISATION, currency="EUR", contract_amount="5", technology_amount="5")
    assert {(one.kind, one.currency): (one.contracts, one.contract_amount, one.technology_amount)
            for one in queries.totals()} == {
        ("licence", "CNY"): (3, Money("CNY", 900_000_000_000_003), Money("CNY", 3)),
        ("development", "EUR"): (1, None, None),
    }  # fmt: skip
    table = words(browser.sign_out().get("/technology-contracts").text)
    assert "9,000,000,000,000.03" in table
    assert "EUR, not shown" in table
    lines = browser.get("/technology-contracts.csv").text.splitlines()
    assert any(line.endswith("licence,CNY,3,9000000000000.03,0.03") for line in lines)
    assert any(line.endswith("development,EUR,1,,") for line in lines)


def test_the_operator_downloads_the_register_by_kind_and_year(cast: Cast, browser: Browser) -> None:
    registered(browser, cast, OF_ORGANISATION, title="=Formula")
    registered(browser, cast, OF_PERSON, kind="service")
    year = queries.years()[0]
    path = "/technology-contracts/register.csv"
    for person in (cast.eve, cast.adm, cast.aud):
        lines = browser.sign_in(person).get(path).text.splitlines()
        assert len(lines) == 3
        assert "1200000.00,1000000.50" in lines[1]
        assert "'=Formula" in lines[1]
        assert len(browser.get(f"{path}?kind=service").text.splitlines()) == 2
        assert len(browser.get(f"{path}?kind=service&year={year}").text.splitlines()) == 2
        assert len(browser.get(f"{path}?year={year - 1}").text.splitlines()) == 1
        assert path in browser.get("/technology-contracts").text
    for person in (cast.dee, cast.nils, cast.gu, cast.fen):
        assert browser.sign_in(person).get(path).status_code == 403
        assert path not in browser.get("/technology-contracts").text
    assert browser.sign_out().get(path).status_code in (302, 303)


def test_the_unit_of_the_sellers_region_checks(cast: Cast, browser: Browser) -> None:
    assert cast.nils
    officer("Zi", ZIBO, cast)
    cast.northlight.region_id = term_id(ZIBO)
    commit()
    case = filed(browser, cast, OF_ORGANISATION)
    found = cases.work_on(case.steps)[case.steps[0].id].unit
    assert found is not None
    assert found.id == unit(ZIBO).id
