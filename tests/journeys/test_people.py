"""Who is who, in which field, and what they want to hear of: five things that people do on one platform.

Two languages meet in each: in one run the park, the operator and the reader of the digest have the first and the
firm's people the second; in the long form it is the other way round, too.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask_babel import force_locale, gettext
from flask_security import hash_password

from crowd.accounts.models import MemberRole, Membership, Organisation, OrganisationKind, User
from crowd.db import commit, db
from crowd.languages import language_of
from crowd.taxonomy.vocabulary import current
from tests import factories
from tests.cast import Cast
from tests.crowd.accounts.test_personal_data import pay_out
from tests.journeys.actors import PASSWORD, Company, link_in
from tests.post_office import PostOffice, post_office
from tests.processes import Platform, platform_like
from tests.turns import all_but_first
from tests.visitor import Page, over_socket

pytestmark = pytest.mark.timeout(300)
PARK, FIRM, TITLE = "Luoyang Valley Park", "Luoyang Water Group", "Leaks in heating pipes"
LANGUAGES = [("en", "zh_Hans_CN"), ("zh_Hans_CN", "en")]


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """The server to which the platform's workers send all mail."""
    with post_office("no") as running:
        yield running


@pytest.fixture
def platform(committed: Flask, tmp_path: Path, office: PostOffice) -> Iterator[Platform]:
    """A platform that sends through a real server; no process runs yet."""
    url = f"smtp://127.0.0.1:{office.port}?tls=0"
    committed.config["CROWD"] = replace(committed.config["CROWD"], mail_url=url)
    with platform_like(committed, tmp_path, sign_in_per_minute=1000) as running:
        yield running


class Person:
    """Somebody with an account, in whose language the pages and the emails are."""

    def __init__(self, company: Company, number: int, name: str, email: str, locale: str) -> None:
        self.id, self.name, self.email, self.locale = number, name, email, locale
        self.company, self.browser = company, company.visitor()
        self.get = self.browser.get
        self.browser.press("/account/login", "Sign in", email=email, password=PASSWORD)

    def says(self, text: str, **values: str) -> str:
        """A text of the platform in this person's language."""
        with self.company.platform.app.app_context(), force_locale(self.locale):
            return str(gettext(text, **values))

    def press(
        self, page: str | Page, button: str, fields: dict[str, Any] | None = None,
        words: dict[str, str] | None = None, **more: Any,
    ) -> Page:  # fmt: skip
        """Press the button that has this text in English; `words` are those that stand in its gaps."""
        return self.browser.press(page, self.says(button, **words or {}), fields, **more)


class Village:
    """The people of the journey, and what happened before it: Bo has won an award of Ada's challenge and was paid."""

    def __init__(self, platform: Platform, office: PostOffice, first: str, second: str) -> None:
        self.platform, self.office, self.first, self.second = platform, office, first, second
        with platform.app.app_context():
            cast = Cast()
            cast.bo.name, cast.dee.name = "Boniface", "Deirdre"  # the frame of every page offers to act as Bo or Dee
            self.settled = factories.settled(cast).id
            pay_out(cast, cast.bo)
            self.firm = cast.luoyang.id
            self.park = factories.organisation(PARK, OrganisationKind.PARK).id
            pan = factories.user("Pan", role=MemberRole.OWNER)
            rows = {"pan": pan, "abe": factories.user("Abelard")}
            rows |= {name: getattr(cast, name) for name in ("ada", "bo", "adm", "dee", "bea")}
            db.session.add(Membership(user_id=pan.id, organisation_id=self.park, role=MemberRole.OWNER))
            secret = hash_password(PASSWORD)
            for name, row in rows.items():
                row.password, row.locale = secret, second if name in ("ada", "abe", "bo") else first
            commit()
            known = {name: (row.id, row.name, row.email, row.locale) for name, row in rows.items()}
            db.session.remove()
        platform.start_workers(1)
        platform.start_clock()
        self.company = Company(platform, over_socket(*platform.start_web()))
        self.people = {name: Person(self.company, *row) for name, row in known.items()}
        self.stranger = self.company.visitor()

    def __getattr__(self, name: str) -> Person:
        return self.people[name]

    def letter(self, to: Person, about: str) -> str:
        """The text of the email with these words in the subject, in the reader's language, once it has arrived."""

        def arrived() -> EmailMessage | None:
            theirs = (one for one in self.office.letters if one["To"] == to.email)
            return next((one for one in theirs if about in one["Subject"]), None)

        letter = self.platform.wait_until(
            arrived,
            f"a letter to {to.name} about {about!r}",
            more=lambda: [(str(one["To"]), str(one["Subject"])) for one in self.office.letters],
        )
        assert letter is not None
        assert letter["Content-Language"] == language_of(to.locale).tag
        return plain(letter)


def plain(letter: EmailMessage) -> str:
    """An email as text."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


@pytest.mark.parametrize("languages", list(all_but_first(LANGUAGES)), ids="-".join)
def test_a_park_a_successor_a_term_a_digest_and_a_farewell(
    platform: Platform, office: PostOffice, languages: tuple[str, str]
) -> None:
    village = Village(platform, office, *languages)
    a_park_invites_a_firm(village)
    a_term_is_renamed_and_merged(village)
    a_digest_is_read(village)
    an_owner_hands_over_and_leaves(village)
    an_account_is_exported_and_deleted(village)
    village.company.end_well()


def a_park_invites_a_firm(village: Village) -> None:
    """By its name; the firm is told by email, and appears on the park's page once it has agreed."""
    pan, ada, here = village.pan, village.ada, f"/organisations/{village.park}"
    pan.press(f"{here}/parks", "Invite", firm=FIRM)
    assert FIRM not in village.stranger.get(here).words
    invitation = village.letter(ada, ada.says("%(park)s invites %(firm)s", park=PARK, firm=FIRM))
    page = ada.get(link_in(invitation))
    assert village.bea.get(page.path, 403).status == 403, "the link is the firm's"
    assert FIRM in ada.press(page, "Accept for %(firm)s", words={"firm": FIRM}).words
    village.letter(pan, pan.says("%(firm)s is a member of %(park)s", park=PARK, firm=FIRM))
    assert FIRM in village.stranger.get(here).words
    assert PARK in village.stranger.get(f"/organisations/{village.firm}").words


def a_term_is_renamed_and_merged(village: Village) -> None:
    """While a challenge, a reader and a search use it: all of them go on under the name that it has."""
    adm, dee, list_of = village.adm, village.dee, "/challenges?tag=acoustics&filtered=1"
    challenge = f"/challenges/{village.settled}"
    dee.press(list_of, "Follow")
    with village.platform.app.app_context():
        old, new = (current().get("field", code) for code in ("acoustics", "signal-processing"))
        assert old
        assert new
    term = f"/admin/taxonomy/terms/{old.id}"
    assert old.names["en"] in village.stranger.get(challenge).words
    adm.press(term, "Save", name_en="Sound and hearing", name_zh_Hans_CN="声音与听觉")
    assert "Sound and hearing" in village.stranger.get(challenge).words
    assert challenge in village.stranger.get(list_of).links(r"/challenges/\d+")
    assert {"en": "Sound and hearing", "zh_Hans_CN": "声音与听觉"}[dee.locale] in dee.get("/account/following").words
    search = f"{term}/merge?q={quote(new.names[adm.locale])}"
    adm.press(search, "Merge into %(term)s", words={"term": new.names[adm.locale]})
    for name in ("acoustics", "Sound and hearing", "声学"):
        found = village.stranger.get(f"/challenges?tag={quote(name)}&filtered=1")
        assert challenge in found.links(r"/challenges/\d+"), name
    assert new.names["en"] in village.stranger.get(challenge).words
    assert new.names[dee.locale] in dee.get("/account/following").words


def a_digest_is_read(village: Village) -> None:
    """Its links open to its reader; another person and a visitor come to nothing of it."""
    dee, platform = village.dee, village.platform
    dee.press(f"/organisations/{village.firm}", "Follow")
    before = len(village.office.letters)
    with platform.app.app_context():
        cast = Cast()
        cast.ada = db.session.get_one(User, village.ada.id)
        cast.luoyang = db.session.get_one(Organisation, village.firm)
        opened = factories.funded(cast, title=TITLE, tags=["acoustics"], opens_at=None).id
        db.session.remove()
    wait = "SELECT id FROM notification WHERE user_id = :dee AND due_at > now() AND mailed_at IS NULL"
    ((number,),) = platform.wait_until(lambda: platform.as_owner(wait, dee=dee.id), "it waits for the digest")
    assert dee.email not in [one["To"] for one in village.office.letters[before:]]
    platform.as_owner("UPDATE notification SET due_at = now() WHERE id = :number", number=number)
    platform.let_slot_come("digests.write")
    text = village.letter(dee, TITLE)
    item, stop, preferences = (path for path in re.findall(r"http://127[\d.:]+(/\S+)", text) if path != "/")
    assert item == f"/inbox/{number}"
    assert village.bea.get(item, 404).status == 404
    assert dee.get(item).path == f"/challenges/{opened}"
    signs_in = "/account/login"
    assert village.stranger.get(item).path.startswith(signs_in)
    assert village.stranger.get(preferences).path.startswith(signs_in)
    assert dee.email in dee.get(preferences).words
    theirs = village.bea.get(preferences).words
    assert village.bea.email in theirs
    assert dee.email not in theirs
    for other in (village.bea, village.stranger):
        asked = other.get(stop)
        assert dee.name not in asked.words
        assert dee.email not in asked.words
    assert "never" not in choices(dee.get(preferences)), "looking stops nothing"
    village.stranger.press(stop, "Stop these emails")
    assert choices(dee.get(preferences)).count("never") == 1
    assert "never" not in choices(village.bea.get(preferences))


def choices(page: Page) -> list[str]:
    """How often each group is mailed, as the page of the preferences has it."""
    form, _button = next((form, form.buttons) for form in page.forms if "every_following" in form.names)
    return [value for name, value in form.values if name.startswith("every_")]


def buttons(page: Page) -> list[str]:
    """What stands on the buttons of a page."""
    return [button.text for form in page.forms for button in form.buttons]


def an_owner_hands_over_and_leaves(village: Village) -> None:
    """To somebody whom they have invited; from then on the organisation's pages are the successor's."""
    ada, abe, members = village.ada, village.abe, f"/organisations/{village.firm}/members"
    ada.press(members, "Invite", email=abe.email, role="member")
    invitation = village.letter(abe, abe.says("Invitation to %(organisation)s", organisation=FIRM))
    link = link_in(invitation)
    assert ada.says("Join") not in buttons(ada.get(link)), "who is not invited is not asked"
    abe.press(link, "Join")
    assert abe.says("Hand over and leave") not in buttons(abe.get(members))
    ada.press(members, "Hand over and leave", successor=str(abe.id))
    ada.get(members, 403)
    village.letter(abe, abe.says("%(organisation)s is handed over to you", organisation=FIRM))
    page = abe.get(members)
    assert abe.email in page.words
    assert ada.email not in page.words
    assert abe.says("Close the organisation") in page.words


def an_account_is_exported_and_deleted(village: Village) -> None:
    """The ledger and the results that name the account stay valid without its name."""
    bo, results = village.bo, f"/challenges/{village.settled}/results"
    before = village.stranger.get(results).words
    assert bo.name in before
    assert f"/people/{bo.id}" in village.stranger.get("/people").text
    bo.press("/account/data", "Request an export", password=PASSWORD)
    village.letter(bo, bo.says("Your data is ready"))
    (path,) = bo.get("/account/data").links(r"/account/data/exports/\d+\.zip")
    village.bea.get(path, 404)
    content = bo.browser.client.get(path).data
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        assert json.loads(found.read("account.json"))[0]["email"] == bo.email
        assert len(json.loads(found.read("proposals.json"))) == 1
    bo.press("/account/data", "Delete my account", {"ending-password": PASSWORD})
    village.letter(bo, bo.says("Your account is deleted"))
    after = village.stranger.get(results).words
    assert after.count("Erased person") >= 1
    assert bo.name not in after.replace(f"correlator, by {bo.name}", ""), "but for the title that they wrote"
    village.stranger.get(f"/people/{bo.id}", 404)
    village.stranger.press("/account/login", "Sign in", email=bo.email, password=PASSWORD, status=422)
    assert village.company.check() == []
