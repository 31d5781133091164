"""Pages, API and certificates of registers over HTTP, in both languages; and what they keep to themselves."""

import io
import re
from datetime import timedelta
from typing import Any

import pypdf
import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import background
from crowd.accounts import entries
from crowd.accounts import services as accounts
from crowd.accounts.models import PlatformRole
from crowd.accounts.organisations.terms import region_of
from crowd.accounts.personal_data import services as personal_data
from crowd.accounts.profiles.visibility import Audience
from crowd.audit import SYSTEM
from crowd.clock import db_now
from crowd.db import commit, db
from crowd.documents import PdfDocument
from crowd.notifications.models import Notification
from crowd.registers import keeping, numbers, queries, services
from crowd.web.templating import day
from scoring.profiles.models import ReputationTotal
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.counting import statements
from tests.crowd.registers.conftest import CANARY
from tests.crowd.registers.test_services import expert, verified
from tests.turns import by_turns, share

LANGUAGES = ({"Accept-Language": "en"}, {"Accept-Language": "zh"})


def run_jobs() -> None:
    """What was enqueued is done."""
    while background.run_next():
        pass


def text_of(pdf: bytes) -> str:
    """The text of a PDF, without the spaces that it has where a line was broken."""
    return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).replace("\n", " ")


@pytest.mark.parametrize("language", LANGUAGES, ids=["en", "zh"])
def test_a_number_is_verified(language: dict[str, str], cast: Cast, browser: Browser) -> None:
    row = expert(cast, cast.dee)
    english = language["Accept-Language"] == "en"
    said = {
        "valid": "counts now" if english else "目前有效", "suspend": "has been suspended" if english else "起中止",
        "expire": "expired on" if english else "过期", "revoke": "was revoked" if english else "撤销",
    }  # fmt: skip
    for operation, sentence in said.items():
        if operation != "valid":
            services.act(SYSTEM, row, operation)
            commit()
        page = browser.get(f"/verify/{row.number}", headers=language)
        assert page.status_code == 200
        assert sentence in page.text
        assert "Dee" in page.text
        if operation == "suspend":
            services.act(SYSTEM, row, "resume")
    other = numbers.draw("EX")
    for typed, sentence in (
        (other, "No entry has this number" if english else "没有这个编号的登记"),
        (row.number[:-1], "not a number of a register" if english else "不是登记编号"),
    ):
        page = browser.get(f"/verify/{typed}", headers=language)
        assert page.status_code == 404
        assert sentence in page.text
        assert f'value="{typed}"' in page.text, "it can be corrected"


def test_a_typed_number_leads_to_its_page(cast: Cast, browser: Browser) -> None:
    row = expert(cast, cast.dee)
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in row.number)
    for typed in (row.number, row.number.lower(), row.number.replace("-", " "), wide):
        found = browser.get("/verify", query_string={"number": typed})
        assert (found.status_code, found.location) == (303, f"/verify/{row.number}")
    assert browser.get("/verify", query_string={"number": "a/b"}).status_code == 404
    assert browser.get("/verify").status_code == 200
    moved = browser.get(f"/registers/experts/{row.number.lower()}")
    assert (moved.status_code, moved.location) == (301, f"/registers/experts/{row.number}")
    assert browser.get(f"/registers/organisations/{row.number}").status_code == 404
    assert browser.get("/registers/wasps").status_code == 404


@pytest.mark.parametrize("language", LANGUAGES, ids=["en", "zh"])
def test_a_certificate_says_what_is_entered(language: dict[str, str], cast: Cast, browser: Browser) -> None:
    row = verified(cast, cast.luoyang)
    run_jobs()
    locale, said = {
        "en": ("en", ["Certificate", "Verified organisations", "Enterprise", "Valid until", "Registration number"]),
        "zh": ("zh_Hans_CN", ["证书", "已核验机构", "企业", "有效期至", "登记簿", "编号"]),
    }[language["Accept-Language"]]
    page = browser.get(f"/registers/organisations/{row.number}", headers=language)
    link = f"/registers/organisations/{row.number}/certificate-{locale}.pdf"
    assert link in page.text
    sent = browser.get(link)
    assert sent.headers["Content-Type"] == "application/pdf"
    assert f"{row.number}-{locale}.pdf" in sent.headers["Content-Disposition"]
    told = text_of(sent.data)
    for part in (*said, "Luoyang Water Group", row.number, cast.luoyang.registration_number, row.digest,
                 f"http://127.0.0.1:8000/verify/{row.number}"):  # fmt: skip
        assert part in told
    root: Any = pypdf.PdfReader(io.BytesIO(sent.data)).trailer["/Root"]
    title = pypdf.PdfReader(io.BytesIO(sent.data)).metadata
    assert title is not None
    assert all(part in str(title.title) for part in (said[0], said[1], row.number))
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith(language["Accept-Language"])
    assert b"pdfuaid" in root["/Metadata"].get_data()


def test_a_renewal_has_a_new_certificate_and_a_job_makes_it_once(cast: Cast, browser: Browser) -> None:
    row = verified(cast, cast.luoyang)
    run_jobs()
    keeping.keep(cast.eve, entries.ORGANISATIONS, row.number, "renew", reason="Checked again.")
    run_jobs()
    until = queries.last_event(row.id).valid_until
    assert until is not None
    link = f"/registers/organisations/{row.number}/certificate-en.pdf"
    assert str(until.year) in text_of(browser.get(link).data)
    made = sa.select(PdfDocument.version, PdfDocument.locale).order_by(PdfDocument.version, PdfDocument.locale)
    expected = [(2, "en"), (2, "zh_Hans_CN")]
    assert db.session.execute(made).all() == expected, "the earlier ones are not kept"
    db.session.execute(sa.text("UPDATE job SET state = 'ready' WHERE kind = 'certificates.make'"))
    run_jobs()
    assert db.session.execute(made).all() == expected


def test_who_sees_what(bees: Flask, cast: Cast) -> None:
    """What a register does not publish is nowhere for others: pages, search, API, certificate."""
    row = services.grant(SYSTEM, "bees", cast.bo.id, {"hives": 4, "note": CANARY}, reason=f"reason-{CANARY}")
    commit()
    run_jobs()
    browser = Browser(bees)
    here, pdf = f"/registers/bees/{row.number}", f"/registers/bees/{row.number}/certificate-en.pdf"
    api = f"/api/v1{here}"
    public = (here, f"/verify/{row.number}", "/registers/bees", api, "/api/v1/registers/bees")
    for person, whole in ((None, False), (cast.dee, False), (cast.finn, False), (cast.cy, False), (cast.bo, True),
                          (cast.eve, True), (cast.adm, True), (cast.aud, True)):  # fmt: skip
        browser.sign_in(person) if person else browser.sign_out()
        for path in public:
            found = browser.get(path)
            assert found.status_code == 200
            assert (CANARY in found.text) == (whole and path == here), f"{path} for {person and person.name}"
        assert row.number not in browser.get(f"/registers/bees?q={CANARY}").text
        assert browser.get(pdf).status_code == (200 if whole else 404)
    browser.sign_in(cast.bo)
    assert CANARY not in text_of(browser.get(pdf).data), "a certificate is shown to others"
    assert browser.sign_out().get(api).get_json()["entry"]["fields"] == {"hives": 4}


OPERATIONS = {
    "valid": {"suspend", "renew", "revoke"},
    "suspended": {"resume", "revoke"},
    "expired": {"renew", "revoke"},
    "revoked": set(),
}
TRIED = ("suspend", "resume", "renew", "revoke")
STATES = {"valid": (), "suspended": ("suspend",), "expired": ("expire",), "revoked": ("revoke",)}


@pytest.mark.parametrize(("state", "turn"), by_turns(STATES, range(len(TRIED))))
def test_who_may_do_what_in_which_state(state: str, turn: int, bees: Flask, cast: Cast) -> None:
    """The keeper tries everything; the others, in the short form, one operation each, by turns."""
    browser = Browser(bees)
    for place, person in enumerate((cast.eve, cast.bo, cast.dee, cast.adm, cast.aud, cast.finn)):
        for operation in TRIED if person is cast.eve else share(TRIED, place + turn, len(TRIED)):
            row = services.grant(SYSTEM, "bees", cast.bo.id, {"hives": 1})
            for done in STATES[state]:
                services.act(SYSTEM, row, done)
            commit()
            here = f"/registers/bees/{row.number}"
            assert f"{here}/{operation}" not in browser.sign_out().get(here).text
            browser.sign_in(person)
            offered = f"{here}/{operation}" in browser.get(here).text
            keeper, open_ = person is cast.eve, operation in OPERATIONS[state]
            assert offered == (keeper and open_)
            sent = browser.post(f"{here}/{operation}", {f"{operation}-reason": "So it is decided."})
            expected = 403 if not keeper else 303 if open_ else 409
            assert sent.status_code == expected, f"{operation} of {state} by {person.name}"
            changed = queries.last_event(row.id).number > 1 + len(STATES[state])
            assert changed == (expected == 303)
            if queries.last_event(row.id).state != "revoked":
                services.act(SYSTEM, row, "revoke")


def test_a_reason_is_needed_and_nothing_typed_is_lost(bees: Flask, cast: Cast) -> None:
    row = services.grant(SYSTEM, "bees", cast.bo.id, {"hives": 1})
    browser = Browser(bees).sign_in(cast.eve)
    sent = browser.post(f"/registers/bees/{row.number}/suspend", {"suspend-reason": " "})
    assert sent.status_code == 422
    assert 'href="#suspend-reason"' in sent.text, "the summary leads to the field"
    assert 'id="suspend-reason"' in sent.text
    services.act(SYSTEM, row, "revoke")
    commit()
    sent = browser.post(f"/registers/bees/{row.number}/suspend", {"suspend-reason": "The hives are ill."})
    assert sent.status_code == 409
    assert "This entry is revoked" in sent.text
    assert "The hives are ill." in sent.text


def test_a_profile_says_who_sees_the_fields(cast: Cast, browser: Browser) -> None:
    row = expert(cast, cast.dee)
    details = accounts.ProfileDetails(visibility={"expertise": Audience.SIGNED_IN})

    def show(visible: accounts.ProfileDetails) -> None:
        accounts.edit_profile(cast.dee, cast.dee.id, name="Dee", locale="en", time_zone="Asia/Shanghai", bio="",
                              expertise=["acoustics"], details=visible)  # fmt: skip

    here = (f"/registers/experts/{row.number}", f"/verify/{row.number}", "/registers/experts",
            f"/api/v1/registers/experts/{row.number}")  # fmt: skip
    show(details)
    for path in here:
        assert "acoustics" not in browser.sign_in(cast.bo).get(path).text.lower()
    show(accounts.ProfileDetails())
    for path in here:
        assert "acoustics" in browser.sign_out().get(path).text.lower()


def test_a_deleted_account_leaves_an_entry_without_a_name(cast: Cast, browser: Browser) -> None:
    made = accounts.create_user(SYSTEM, email="zoe@crowd.example", name="Zoë Unusual", roles=[PlatformRole.EXPERT])
    ((row, _last),) = queries.of_holder(entries.EXPERTS, made.id)
    run_jobs()
    pdf = f"/registers/experts/{row.number}/certificate-en.pdf"
    assert "Zoë Unusual" in text_of(browser.sign_in(made).get(pdf).data)
    personal_data.erase_account(SYSTEM, made.id)
    for path in (f"/registers/experts/{row.number}", f"/verify/{row.number}", "/registers/experts",
                 "/registers/experts?q=Erased", f"/api/v1/registers/experts/{row.number}"):  # fmt: skip
        found = browser.sign_in(cast.adm).get(path)
        assert found.status_code == 200
        assert "Unusual" not in found.text
        assert "Erased person" not in found.text
    assert row.number not in browser.get("/registers/experts?q=Erased").text, "nobody is found by that name"
    for reader in (browser, Browser(browser.app)):
        assert reader.get(pdf).status_code == 404
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PdfDocument)) == 0
    db.session.execute(sa.text("UPDATE job SET state = 'ready' WHERE kind = 'certificates.make'"))
    run_jobs()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PdfDocument)) == 0, "none is made later either"


def test_deleting_an_account_ends_its_entries(bees: Flask, cast: Cast) -> None:
    """In every register, in whatever state; nobody else's, and the page says so before."""
    browser = Browser(bees)
    sentence = "Your entries of registers are revoked"
    assert sentence not in browser.sign_in(cast.bo).get("/account/data").text
    rows = [expert(cast, cast.bo), services.grant(SYSTEM, "bees", cast.bo.id, {"hives": 1})]
    services.act(SYSTEM, rows[1], "suspend")
    other = expert(cast, cast.dee)
    commit()
    assert sentence in browser.get("/account/data").text
    before = queries.counts()
    personal_data.erase_account(cast.bo, cast.bo.id)
    assert queries.counts() == before | {"experts": before["experts"] - 1}
    browser.sign_out()
    for row in rows:
        last = queries.last_event(row.id)
        assert (last.state, last.cause, last.acted_by) == ("revoked", entries.DELETED, cast.bo.id)
        assert "was revoked on" in browser.get(f"/verify/{row.number}").text
        assert "Revoked" in browser.get(f"/registers/{row.register}?q={row.number}").text
        told = browser.get(f"/api/v1/registers/{row.register}/{row.number}").get_json()["entry"]
        assert (told["state"], told["valid"]) == ("revoked", False)
    assert "The account was deleted." in browser.sign_in(cast.adm).get(f"/registers/experts/{rows[0].number}").text
    assert queries.view(other).is_valid
    heard = sa.select(Notification.id).where(Notification.user_id == cast.bo.id)
    assert db.session.scalars(heard).all() == [], "nobody hears of it who is no longer here"


def test_an_entry_gives_its_certificate_while_it_is_valid(cast: Cast, browser: Browser) -> None:
    row = verified(cast, cast.luoyang)
    run_jobs()
    here = f"/registers/organisations/{row.number}"
    pdf, again = f"{here}/certificate-en.pdf", "can be downloaded again once the entry is valid"
    for operation, status, said in (
        ("suspend", 409, again), ("resume", 200, ""), ("expire", 409, again), ("renew", 200, ""),
        ("revoke", 409, "A revoked entry has no certificate"),
    ):  # fmt: skip
        services.act(SYSTEM, row, operation)
        commit()
        run_jobs()
        browser.sign_in(cast.abe)
        page, sent = browser.get(here).text, browser.get(pdf)
        assert sent.status_code == status, operation
        assert (pdf in page) == (status == 200)
        if said:
            assert said in page
            assert said in sent.text
        for reader in (browser.sign_out(), browser.sign_in(cast.dee)):
            assert reader.get(pdf).status_code == (200 if status == 200 else 404), operation
            page = reader.get(here).text
            assert (pdf in page) == (status == 200)
            assert again not in page


def test_a_visitor_at_a_certificate_that_is_not_open_finds_none(cast: Cast, browser: Browser) -> None:
    row = expert(cast, cast.dee)
    run_jobs()
    for reader in (browser, browser.sign_in(cast.bo)):
        found = reader.get(f"/registers/experts/{row.number}/certificate-en.pdf")
        assert found.status_code == 404
        assert "You are signed in" not in found.text


@pytest.mark.parametrize(
    ("operation", "said"), [("", "until"), ("suspend", "ends"), ("expire", "on"), ("revoke", "on")]
)
def test_the_list_says_what_the_day_is(operation: str, said: str, cast: Cast, browser: Browser) -> None:
    row = verified(cast, cast.luoyang)
    if operation:
        services.act(SYSTEM, row, operation)
    commit()
    shown = queries.view(row)
    date = day(shown.valid_until if said in ("until", "ends") else shown.since)
    for person, path in ((None, "/registers/organisations"), (cast.abe, "/account/register-entries")):
        page = (browser.sign_in(person) if person else browser.sign_out()).get(path).text
        assert [line for line in ("until", "ends", "on") if f"{line} {date}" in page] == [said], path


def test_a_country_is_shown_once(cast: Cast, browser: Browser) -> None:
    cast.northlight.country, cast.northlight.region_id = "NO", region_of("NO", "")
    cast.northlight.register = "Foretaksregisteret"
    row = verified(cast, cast.northlight)
    page = browser.get(f"/registers/organisations/{row.number}").text
    assert page.count("<dd>Norway</dd>") == 1
    assert browser.get("/registers/organisations").text.count("Norway") == 1
    assert page.count("<dt>Register</dt>") == 1
    assert "<dt>Registered with</dt>" in page


def test_a_profile_is_linked_where_it_opens(cast: Cast, browser: Browser) -> None:
    """A visitor sees the profiles of people with points or an announced award; so it is with links to them."""
    anna, olga = factories.user("Anna"), factories.user("Olga")
    factories.decided(cast, anna)
    known, unknown, won = expert(cast, cast.bo), expert(cast, olga), expert(cast, anna)
    db.session.add(
        ReputationTotal(
            user_id=cast.bo.id, points=3, solving=3, reviewing=0, awarded=1, placed=0, reviewed=0, decided=1
        )
    )
    commit()
    for person in (None, cast.cy):
        browser.sign_in(person) if person else browser.sign_out()
        for row, who in ((known, cast.bo), (unknown, olga), (won, anna)):
            profile = f"/people/{who.id}"
            opens = browser.get(profile).status_code == 200
            assert opens == (person is not None or row is not unknown)
            for path in (f"/registers/experts/{row.number}", f"/verify/{row.number}"):
                assert (f'href="{profile}"' in browser.get(path).text) == opens
    for row, url in ((known, f"http://127.0.0.1:8000/people/{cast.bo.id}"), (unknown, None)):
        told = browser.get(f"/api/v1/registers/experts/{row.number}").get_json()["entry"]
        assert told["holder"]["url"] == url, "the API tells everybody the same"


def test_a_list_is_found_by_number_and_name_and_has_pages(cast: Cast, browser: Browser) -> None:
    people = [factories.user(f"Anna{number}") for number in range(23)]
    rows = [expert(cast, person) for person in people]
    first = browser.get("/registers/experts?q=anna")
    assert first.text.count('<a href="/registers/experts/EX-') == 20
    after = first.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert browser.get(after).text.count('<a href="/registers/experts/EX-') == 3
    for asked in ("Anna7", rows[7].number.lower()):
        found = browser.get("/registers/experts", query_string={"q": asked})
        assert found.text.count('<a href="/registers/experts/EX-') == 1
        assert rows[7].number in found.text
    assert "No entry found" in browser.get("/registers/experts?q=nobody").text
    pages = browser.get("/api/v1/registers/experts").get_json()
    assert len(pages["entries"]) == 20
    rest = browser.get("/api/v1/registers/experts", query_string={"after": pages["after"]}).get_json()
    assert (len(rest["entries"]), rest["after"]) == (3, None)
    assert browser.get("/api/v1/registers/experts?after=x").status_code == 422


def test_more_entries_cost_no_more_statements(cast: Cast, browser: Browser) -> None:
    def cost(path: str) -> int:
        browser.get(path)
        with statements() as sent:
            browser.get(path)
        return len(sent)

    expert(cast, factories.user("Anna"))
    paths = ("/registers", "/registers/experts", "/registers/experts?q=a", "/api/v1/registers/experts")
    few = [cost(path) for path in paths]
    for number in range(8):
        expert(cast, factories.user(f"Anna{number}"))
    assert [cost(path) for path in paths] == few
    assert max(few) <= 6


def test_own_entries_are_on_a_page_of_the_account(cast: Cast, browser: Browser) -> None:
    row, firm = expert(cast, cast.dee), verified(cast, cast.luoyang)
    assert row.number in browser.sign_in(cast.dee).get("/account/register-entries").text
    assert firm.number in browser.sign_in(cast.abe).get("/account/register-entries").text
    assert "EX-" not in browser.sign_in(cast.bo).get("/account/register-entries").text


def test_the_end_is_shown(bees: Flask, cast: Cast) -> None:
    until = db_now() + timedelta(days=40)
    row = services.grant(SYSTEM, "bees", cast.bo.id, {"hives": 1}, valid_until=until)
    commit()
    found = Browser(bees).get(f"/api/v1/registers/bees/{row.number}").get_json()["entry"]
    assert (found["state"], found["valid"]) == ("valid", True)
    assert found["valid_until"].startswith(until.date().isoformat())
    assert found["holder"] == {"kind": "person", "name": "Bo", "url": None}
    services.act(SYSTEM, row, "revoke")
    commit()
    for path in (f"/registers/bees/{row.number}", f"/verify/{row.number}"):
        page = Browser(bees).get(path).text
        assert "<dt>Valid until</dt>" not in page
        assert f"<dt>Revoked on</dt><dd>{day(queries.view(row).since)}" in re.sub(r"<time[^>]*>|</time>", "", page)
    assert Browser(bees).get(f"/api/v1/registers/bees/{row.number}").get_json()["entry"]["valid_until"] is None
