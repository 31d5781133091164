"""In a browser, in both languages: an appeal refused, an expert admitted and suspended, an organisation verified,
expired and renewed, a joint case with one department silent, and a contract registered.

Each journey changes the language half way: what was filed in the one is decided in the other.
"""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdf
import pytest
import sqlalchemy as sa
from babel.support import Translations
from playwright.sync_api import Locator, Page, expect

from crowd import background, clock
from crowd.accounts import experts
from crowd.accounts.entries import EXPERTS, ORGANISATIONS
from crowd.accounts.models import PlatformRole, User
from crowd.accounts.verification.queries import KIND as VERIFICATION
from crowd.audit import SYSTEM
from crowd.cases import services
from crowd.cases.models import Case
from crowd.cases.workflow import VoteChoice
from crowd.clock import now
from crowd.config import ROOT
from crowd.db import commit, db
from crowd.ledger import check
from crowd.registers import jobs as register_jobs
from crowd.registers import queries as registers
from crowd.registers.models import RegisterEntry
from crowd.technology_contracts.kinds import OF_ORGANISATION
from scoring.settlement import services as settlement
from tests import factories
from tests.browser.conftest import Enter
from tests.cast import Cast
from tests.crowd.accounts.test_units import QINGDAO, SHANDONG, term_id
from tests.crowd.cases.test_verification import unverified
from tests.crowd.service_platforms.test_journeys import department, position_of, time_passes
from tests.scoring.appeals import appealing

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ENGLISH, CHINESE = "en", "zh_Hans_CN"
Say = Callable[..., str]


@pytest.fixture(autouse=True)
def ledger(cast: Cast) -> Iterator[None]:
    """Every journey ends with the ledger check."""
    yield
    assert check.run_checks() == []


@pytest.fixture
def zh() -> Say:
    """The Chinese text of an English one, of the sense of a word where it has several."""
    catalogue = Translations.load(ROOT / "crowd" / "translations", [CHINESE])

    def say(text: str, sense: str = "") -> str:
        found = catalogue.pgettext(sense, text) if sense else catalogue.gettext(text)
        assert found != text, text
        return str(found)

    return say


def main(page: Page) -> Locator:
    return page.locator("main")


def file(page: Page, path: str, upload: Path | None = None, **typed: str) -> str:
    """File a case by its form; the address of its page."""
    page.goto(path)
    if upload is not None:
        page.set_input_files("main [type=file]", upload)
    for name, text in typed.items():
        field = page.locator(f"main [name={name}]").first
        kind = field.evaluate("one => one.type === 'radio' ? 'radio' : one.tagName")
        if kind == "radio":
            page.locator(f"main [name={name}][value={text}]").check()
        elif kind == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)
    page.locator("main form[enctype] .actions button").first.click()
    expect(page).to_have_url(re.compile("/cases/[^/]+$"))
    return page.url


def act(page: Page, here: str, step: int, **given: str) -> None:
    """Vote, or conclude a step, by its form."""
    page.goto(f"{here}?step={step}")
    form = page.locator(f"#step-{step} form").filter(has=page.locator("[name=reasons]"))
    for name, value in given.items():
        form.locator(f"[name={name}][value={value}]").check()
    form.locator("[name=reasons]").fill("As the file shows.")
    form.get_by_role("button").click()
    expect(page.locator(f"#step-{step} [name=reasons]")).to_have_count(0)


def run_jobs() -> None:
    """What was enqueued is done."""
    commit()
    while background.run_next():
        pass
    db.session.expire_all()


def case_at(here: str) -> Case:
    return db.session.scalars(sa.select(Case).where(Case.public_id == here.rsplit("/", 1)[1])).one()


def entry_of(register: str, **holder: int) -> RegisterEntry:
    return db.session.scalars(sa.select(RegisterEntry).filter_by(register=register, **holder)).one()


def test_an_appeal_is_refused_and_the_settlement_goes_on(cast: Cast, enter: Enter, zh: Say) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=1)
    case = appealing.appeal(challenge, cast.bea)
    appealing.answer(cast, case)
    members = appealing.council()
    appealing.vote(case, dict.fromkeys(members[:2], VoteChoice.AGAINST))
    commit()
    last = enter(members[2])
    act(last, f"/cases/{case.public_id}", 3, choice="against")
    assert factories.run_jobs("appeals.carry_out") == 1
    commit()
    bea = enter(cast.bea, CHINESE)
    bea.goto(f"/cases/{case.public_id}")
    expect(main(bea)).to_contain_text("As the file shows.")
    bea.goto(f"/challenges/{challenge.id}/results")
    expect(main(bea)).not_to_contain_text(zh("The decision was opened again: what was published no longer counts."))
    factories.move_dates(challenge, appeals_until=now())
    settlement.settle(SYSTEM, challenge.id)
    commit()
    bo = enter(cast.bo, CHINESE)
    bo.goto("/balance")
    expect(main(bo)).to_contain_text("200,000.00")


def test_an_expert_is_admitted_serves_and_is_suspended(cast: Cast, enter: Enter, zh: Say) -> None:
    committee = [*cast.reviewers(), factories.user("Clio", PlatformRole.EXPERT, expertise=["water"])]
    for person in (cast.bo, cast.eve, *committee):
        assert person.id
    commit()
    bo = enter(cast.bo)
    here = file(
        bo, f"/cases/new/{experts.ADMISSION}/{cast.bo.id}", fields="acoustics, leak detection",
        evidence="Ten papers since 2016.", employers="A university.", availability="Two days a week.",
    )  # fmt: skip
    for member in committee[:2]:
        services.vote(member, case_at(here).public_id, 1, choice=VoteChoice.FOR, reasons="As the papers show.")
    commit()
    act(enter(committee[2]), here, 1, choice="for")
    run_jobs()
    number = entry_of(EXPERTS, user_id=cast.bo.id).number
    bo = enter(cast.bo, CHINESE)
    bo.goto(f"/registers/{EXPERTS}/{number}")
    expect(main(bo)).to_contain_text(zh("Valid"))
    challenge = factories.judging(cast, "bea", "dee")
    assert cast.bo.id in {row.reviewer_id for row in factories.assignments(challenge)}
    commit()
    bo.goto("/reviews")
    expect(main(bo)).to_contain_text("Two geophones")
    measure = file(
        enter(cast.eve, CHINESE), f"/cases/new/{experts.MEASURE}/{cast.bo.id}", ground="late", what="A week late."
    )
    act(bo, measure, 1)
    for member in committee[:2]:
        services.vote(member, case_at(measure).public_id, 2, choice=VoteChoice.PARTLY, reasons="For some time.")
    commit()
    act(enter(committee[2], CHINESE), measure, 2, choice="partly")
    run_jobs()
    bo.goto(f"/registers/{EXPERTS}/{number}")
    expect(main(bo)).to_contain_text(zh("Suspended", "register"))
    bo.goto("/reviews")
    expect(main(bo)).to_contain_text("不再需要")  # the reviews that were open are released


def test_an_organisation_is_verified_expires_and_is_renewed(
    cast: Cast, enter: Enter, zh: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = unverified(cast)
    assert cast.eve.id
    commit()
    ada, eve = enter(cast.ada), enter(cast.eve)
    ada.goto(f"/organisations/{row.id}/verification")
    main(ada).locator(f"a[href$='/cases/new/{VERIFICATION}/{row.id}']").first.click()
    act(eve, file(ada, ada.url, what="It pumps water."), 1, finding="yes")
    run_jobs()
    entry = entry_of(ORGANISATIONS, organisation_id=row.id)
    page = f"/registers/{ORGANISATIONS}/{entry.number}"
    ada.goto(page)
    expect(main(ada)).to_contain_text("Valid")
    until = registers.last_event(entry.id).valid_until
    with monkeypatch.context() as later:
        later.setattr(clock, "db_now", lambda: until)
        later.setattr(clock, "now", lambda: until)
        assert register_jobs.expire(entry.id, until.isoformat()) == {"expired": 1}
        commit()
    ada, eve = enter(cast.ada, CHINESE), enter(cast.eve, CHINESE)
    ada.goto(page)
    expect(main(ada)).to_contain_text(zh("Expired"))
    ada.get_by_role("link", name=zh("Apply for renewal")).click()
    act(eve, file(ada, ada.url, what="As before."), 1, finding="yes")
    run_jobs()
    ada.goto(page)
    expect(main(ada)).to_contain_text(zh("Valid"))
    assert registers.last_event(entry.id).valid_until > until


def test_a_joint_case_is_decided_with_one_department_silent(cast: Cast, enter: Enter, zh: Say) -> None:
    assert cast.eve.id
    assert cast.nils.id
    cast.northlight.region_id = term_id(QINGDAO)
    officers: list[User] = [department(name, SHANDONG) for name in ("Sci", "Fin", "Mark")]
    commit()
    nils = enter(cast.nils)
    nils.goto(f"/organisations/{cast.northlight.id}")
    nils.get_by_role("link", name="Apply for recognition as a service platform").click()
    here = file(nils, nils.url, services="Tests of pumps", what="82 firms.")
    act(enter(cast.eve), here, 1, finding="yes")
    case = case_at(here)
    for officer in officers[:2]:
        page = enter(officer, CHINESE)
        page.goto("/cases/queue")
        page.get_by_role("link", name="Northlight Sensing").click()
        act(page, here, position_of(case, officer), finding="yes")
        expect(main(page)).to_contain_text(zh("Signature of the department"))
    commit()
    db.session.expire_all()
    time_passes(case)
    nils.goto(f"/language/zh_Hans_CN?next=/cases/{case.public_id}")
    silent = nils.locator(f"#step-{position_of(case, officers[2])}")
    expect(silent).to_contain_text(zh("Time over"))
    expect(silent).to_contain_text("Department of Mark")
    number = registers.entered_by(case.id)[0].number
    nils.get_by_role("link", name=number).click()
    expect(main(nils)).to_contain_text("Department of Fin, Department of Sci")
    expect(main(nils)).not_to_contain_text("Department of Mark")


def test_a_contract_is_registered_and_its_certificate_read_back(
    cast: Cast, enter: Enter, zh: Say, tmp_path: Path
) -> None:
    assert cast.eve.id
    assert cast.nils.id
    commit()
    nils = enter(cast.nils)
    path, there = tmp_path / "contract.pdf", f"/cases/new/{OF_ORGANISATION}/{cast.northlight.id}"
    path.write_bytes(b"%PDF-1.4 contract")
    typed = {
        "title": "Leak detection by two microphones", "kind": "development", "field": "leak-detection",
        "buyer": "Quellwasser Holding", "signed_on": "2026-03-02", "currency": "CNY", "contract_amount": "1200000",
        "technology_amount": "1000000.50", "summary": "A prototype.",
    }  # fmt: skip
    here = file(nils, there, path, **typed)
    act(enter(cast.eve, CHINESE), here, 1, finding="yes")
    run_jobs()
    (entry,) = registers.entered_by(case_at(here).id)
    nils.goto(f"/language/zh_Hans_CN?next=/registers/{entry.register}/{entry.number}")
    for language, word in ((ENGLISH, "Technology amount"), (CHINESE, zh("Technology amount"))):
        url = f"/registers/{entry.register}/{entry.number}/certificate-{language}.pdf"
        expect(nils.locator(f"a[href='{url}']")).to_be_visible()
        read = pypdf.PdfReader(io.BytesIO(nils.request.get(url).body()))
        text = " ".join(one.extract_text() for one in read.pages).replace("\n", " ")
        for expected in (entry.number, "1,000,000.50", word):
            assert expected in text
