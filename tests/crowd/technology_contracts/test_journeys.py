"""A technology contract from the application to the certificate, refused and filed again; who sees what of it."""

import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crowd import clock
from crowd.accounts.models import MemberRole, User
from crowd.accounts.personal_data import services as personal_data
from crowd.audit import SYSTEM
from crowd.canonical import digest
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
from crowd.registers import certificates, document, numbers
from crowd.registers import queries as registers
from crowd.registers import services as register_services
from crowd.registers.models import RegisterEntry, RegisterEvent
from crowd.registers.workflow import EntryState, EventKind
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
    assert ("The public reads the seller" in form) == (locale == "en")
    case = filed(browser, cast, kind)
    shown = words(browser.get(f"/cases/{case.public_id}").text)
    for text in ("1,200,000.00", "1,000,000.50", SECRET, "contract.pdf"):
        assert text in shown
    assert case.title == "Leak detection by two microphones"
    queued = words(browser.sign_in(cast.eve).get("/cases/queue").text)
    assert case.title in queued
    here = words(browser.get(f"/cases/{case.public_id}").text)
    for told in (queued, here):
        assert (cast.northlight.name in told) == (kind == OF_ORGANISATION)
    checked(browser, cast, case, "yes")
    ((entry, last),) = [(row, last) for row, last in registers.all_of_holder(case.subject_type, number)
                        if row.register == REGISTER]  # fmt: skip
    assert (case.state, entry.number[:3], last.case_id) == (CaseState.GRANTED, "TC-", case.id)
    assert entry.data["technology_amount"] == {"amount": 100_000_050, "currency": "CNY"}
    own = browser.sign_in(person).get("/account/register-entries")
    assert "Leak detection by two microphones" in own.text
    for reader in (person, cast.eve):
        assert f"/registers/{REGISTER}/{entry.number}" in browser.sign_in(reader).get(f"/cases/{case.public_id}").text
    whole = words(browser.sign_in(person).get(f"/registers/{REGISTER}/{entry.number}").text)
    assert ("（不公开）" in whole, "(不公开)" in whole) == (locale != "en", False)
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


def entered(year: int, kind: str, amount: int, seller_id: int, currency: str = "CNY") -> RegisterEntry:
    """A contract that was registered in the June of a year; its technology amount is one minor unit."""
    at, number = datetime(year, 6, 1, tzinfo=UTC), numbers.draw("TC")
    data = {
        "title": "One", "kind": kind, "field": FIELD, "buyer": SECRET, "signed_on": "2020-01-01",
        "contract_amount": {"amount": amount, "currency": currency},
        "technology_amount": {"amount": 1, "currency": currency},
    }  # fmt: skip
    written = document.write(REGISTER, number, ("user", seller_id), data, at, None, "granted")
    row = RegisterEntry(register=REGISTER, number=number, user_id=seller_id, document=written,
                        digest=digest(written), valid_from=at)  # fmt: skip
    db.session.add(row)
    db.session.flush()
    happened(row, 1, EventKind.GRANTED, EntryState.VALID, at)
    return row


def happened(row: RegisterEntry, number: int, kind: EventKind, state: EntryState, at: datetime) -> None:
    db.session.add(RegisterEvent(entry_id=row.id, number=number, kind=kind, state=state, at=at))
    db.session.flush()


def sellers(number: int) -> list[int]:
    return [factories.user(f"Seller{one}").id for one in range(number)]


def shown() -> dict[tuple[int, str, str], tuple[object, ...]]:
    return {(one.year, one.kind, one.currency): (one.contracts, one.contract_amount, one.technology_amount)
            for one in queries.totals()}  # fmt: skip


FIVE = (1, 900_000_000_000_000, 2, 3, 4)
SUM, OF_TECHNOLOGY = Money("CNY", 900_000_000_000_010), Money("CNY", 5)


def test_totals_are_exact_and_small_groups_keep_their_amounts(cast: Cast, browser: Browser) -> None:
    now, people = clock.today().year, sellers(5)
    for amount, seller_id in zip(FIVE, people, strict=True):
        entered(now - 1, "licence", amount, seller_id)
        entered(now, "licence", amount, seller_id)
    for seller_id in [*people[:4], people[0]]:
        entered(now - 1, "service", 7, seller_id)
    entered(now - 1, "development", 5, people[0], "EUR")
    commit()
    assert shown() == {
        (now, "licence", "CNY"): (5, None, None),
        (now - 1, "licence", "CNY"): (5, SUM, OF_TECHNOLOGY),
        (now - 1, "development", "EUR"): (1, None, None),
        (now - 1, "service", "CNY"): (5, None, None),
    }, "none before the year is over, none of four sellers"
    table = words(browser.get("/technology-contracts").text)
    assert table.count("9,000,000,000,000.10") == 1
    for text in ("EUR, not shown", "CNY, not shown", "at least 5 sellers"):
        assert text in table
    lines = browser.get("/technology-contracts.csv").text.splitlines()
    assert f"{now - 1},licence,CNY,5,9000000000000.10,0.05" in lines
    assert f"{now},licence,CNY,5,," in lines
    assert f"{now - 1},development,EUR,1,," in lines
    whole = browser.sign_in(cast.eve).get(f"/technology-contracts/register.csv?year={now}").text
    assert "9000000000000.00" in whole, "the operator's file is whole"


def test_no_later_revocation_changes_the_sum_of_a_year_that_is_over(cast: Cast) -> None:
    """Else the difference of two sums is the amount of the contract that was revoked between them."""
    year = clock.today().year - 1
    *rows, sixth = [entered(year, "licence", amount, one) for amount, one in zip((*FIVE, 7), sellers(6), strict=True)]
    happened(sixth, 2, EventKind.REVOKED, EntryState.REVOKED, datetime(year, 12, 1, tzinfo=UTC))
    assert shown() == {(year, "licence", "CNY"): (5, SUM, OF_TECHNOLOGY)}, "revoked in the same year"
    register_services.act(SYSTEM, rows[0], "revoke")
    assert shown() == {(year, "licence", "CNY"): (5, SUM, OF_TECHNOLOGY)}


@pytest.mark.parametrize("wrong", ["kind=gift", "year=abc", "year=-1", f"year={'1' * 20}", "year=0", "year=２０２６"])
def test_a_filter_that_cannot_be_is_said(cast: Cast, browser: Browser, wrong: str) -> None:
    path = f"/technology-contracts/register.csv?{wrong}"
    assert browser.sign_in(cast.eve).get(path).status_code == 422
    assert browser.sign_in(cast.dee).get(path).status_code == 403


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
