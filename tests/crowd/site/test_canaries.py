"""What is not for everybody is nowhere: a word in each private place, and every address that an outsider may ask for.

An outsider is a visitor, or a person who belongs to nothing (Dee). The body and the headers of every answer are looked
at, whatever its kind: pages, feeds, calendars, CSV, JSON. So are emails, and other people's notifications. What logs
may say is held by `tests/crowd/test_logs.py`.
"""

import email
import email.policy
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Rule

from challenges.lifecycle import services as lifecycle
from challenges.searches import services as searches
from challenges.searches.models import SavedSearch
from crowd.accounts import services as accounts
from crowd.accounts.models import Organisation, OrganisationKind, User
from crowd.accounts.organisations import closing
from crowd.accounts.organisations import services as organisations
from crowd.accounts.profiles.visibility import USUAL, Audience
from crowd.accounts.units import services as units
from crowd.accounts.verification import services as verification
from crowd.background import Job, JobState
from crowd.clock import now
from crowd.db import db
from crowd.feeds import queries as calendars
from crowd.feeds import services as calendar_links
from crowd.ledger.models import OwnerType
from crowd.ledger.payouts import services as payouts
from crowd.notifications.models import Notification
from crowd.notifications.services import notify
from crowd.taxonomy.schemes import REGION, SCHEMES
from crowd.taxonomy.vocabulary import current
from tests import factories
from tests.cast import Cast
from tests.client import Browser

PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"
# The word in each place: none is a part of another, and no page has one by itself.
SECRETS = {
    "bio": "zq-biography",
    "expertise": "zq-expertise",
    "cv": "zq-curriculum",
    "links": "zq-link.example",
    "availability": "zq-availability",
    "address": "zq-address@crowd.example",
    "contact": "zq-contact",
    "contact address": "zq-accountant@works.example",
    "number": "ZQ 700411",
    "document": "zq-document",
    "invited": "zq-invited@people.example",
    "note of a handover": "zq-handover",
    "reason of a closing": "zq-closing",
    "title of a draft": "zq-draft",
    "tag of a draft": "zq-tag",
    "text of a draft": "zq-problem",
    "remark of the screening": "zq-remark",
    "name of a search": "zq-search",
    "words of a search": "zq-words",
    "notification": "zq-notified",
    "holder": "zq-holder",
    "bank account": "6222000011112223",
}


@dataclass
class Scene:
    """Bo with a hidden profile, the unverified Works of Wilma, and Ada's draft; `token` is of Bo's calendar."""

    bo: int
    works: int
    closed: int
    settled: int
    draft: int
    token: str
    people: dict[str, User]  # those who may know something of it


@pytest.fixture
def scene(cast: Cast) -> Scene:
    settled = factories.settled(cast)
    _hide_bo(cast)
    wilma = factories.user("Wilma")
    works, gone = (
        organisations.create_organisation(wilma, name=name, kind=OrganisationKind.ENTERPRISE, country="LI")
        for name in ("Quiet Works", "Gone Works")
    )
    _show_papers(wilma, works)
    units.hand_over_organisation(cast.eve, works.id, unit_id=_unit(cast), note=SECRETS["note of a handover"])
    closing.close(wilma, gone.id, reason=SECRETS["reason of a closing"])
    draft = factories.screened(
        cast, title=f"About {SECRETS['title of a draft']}", tags=[SECRETS["tag of a draft"]],
        problem_statement=f"## What we have\n\n{SECRETS['text of a draft']}" + " and more" * 20,
    )  # fmt: skip
    lifecycle.return_for_changes(cast.eve, draft.id, reason=SECRETS["remark of the screening"])
    people = {"bo": cast.bo, "ada": cast.ada, "abe": cast.abe, "eve": cast.eve, "wilma": wilma}
    token = calendars.token_of(calendar_links.create_link(cast.bo))
    return Scene(cast.bo.id, works.id, gone.id, settled.id, draft.id, token, people)


def _hide_bo(cast: Cast) -> None:
    details = accounts.ProfileDetails(
        languages=["fo"], region_id=current().get(REGION, "LI").id, links=[f"https://{SECRETS['links']}"],
        cv=SECRETS["cv"], availability=SECRETS["availability"], visibility=dict.fromkeys(USUAL, Audience.NOBODY),
    )  # fmt: skip
    plain: dict[str, Any] = {"name": "Bo", "locale": "en", "time_zone": "Asia/Shanghai"}
    texts: dict[str, Any] = {"bio": SECRETS["bio"], "expertise": [SECRETS["expertise"]]}
    accounts.edit_profile(cast.bo, cast.bo.id, **plain, **texts, details=details)
    cast.bo.email = SECRETS["address"]
    searches.save(cast.bo, name=SECRETS["name of a search"], arguments={"q": SECRETS["words of a search"]})
    notify(cast.bo.id, kind="accounts.left", key="told", path="/",
           params={"person": SECRETS["notification"], "organisation": "One"})  # fmt: skip
    payouts.set_account(cast.bo, OwnerType.USER, cast.bo.id, currency="CNY", holder=SECRETS["holder"], bank="A bank",
                        number=SECRETS["bank account"])  # fmt: skip


def _show_papers(wilma: Any, works: Organisation) -> None:
    verification.register(
        wilma, works.id, registration_number=SECRETS["number"], register="Vaduz", contact_name=SECRETS["contact"],
        contact_email=SECRETS["contact address"],
    )  # fmt: skip
    verification.add_document(wilma, works.id, io.BytesIO(PDF), f"{SECRETS['document']}.pdf")
    organisations.invite(wilma, works.id, email=SECRETS["invited"])


def _unit(cast: Cast) -> int:
    unit = units.queries.list_units()[0]
    units.add_member(cast.adm, unit.id, user_id=cast.eve.id)
    return unit.id


def paths(scene: Scene, rules: Iterator[Rule]) -> Iterator[str]:
    """Every URL that takes GET, with the ids of the scene; no other page has such a word."""
    numbers = [str(n) for n in (scene.bo, scene.works, scene.closed, scene.settled, scene.draft)]
    known = {
        "challenge_id": (scene.settled, scene.draft), "organisation_id": (scene.works, scene.closed),
        "user_id": (scene.bo,), "code": ("LI", "water", "CN"), "scheme": SCHEMES, "other": ("industry",),
        "owner": ("user", "organisation"), "owner_id": (scene.bo, scene.works), "currency": ("CNY",),
        "kind": ("payable",), "locale": ("zh_Hans_CN", "en"), "theme": ("dark",), "name": ("a",),
        "filename": ("crowd.css",), "step": ("problem", "rights"), "token": ("forged",), "number": (1,),
    }  # fmt: skip
    for rule in rules:
        if "GET" in (rule.methods or ()) and rule.endpoint != "security.logout":
            names = sorted(rule.arguments)
            for values in product(*(known.get(name, numbers) for name in names)):
                built = rule.build(dict(zip(names, values, strict=True)), append_unknown=False)
                assert built
                yield built[1]


def more(scene: Scene) -> list[str]:
    """The same places by their filters, where the answer does not repeat the question."""
    asked = [f"?{name}={quote(word)}&filtered=1" for name in ("q", "tag") for word in SECRETS.values()]
    return [
        *(f"/api/v1/challenges{one}" for one in asked), f"/challenges.atom?organisation={scene.works}",
        "/challenges?filtered=1", "/challenges?filtered=1&state=draft", "/challenges?region=LI", "/challenges?sort=new",
        "/people?list=reviewers", "/people?list=agencies", "/results?page=1",
    ]  # fmt: skip


@pytest.mark.parametrize("reader", ["visitor", "dee"])
def test_no_address_tells_an_outsider(scene: Scene, cast: Cast, browser: Browser, reader: str) -> None:
    if reader == "dee":
        browser.sign_in(cast.dee)
    told, answered = [], 0
    for path in [*paths(scene, browser.app.url_map.iter_rules()), *more(scene)]:
        answer = browser.get(path)
        answered += answer.status_code == 200
        whole = f"{answer.headers} {answer.get_data(as_text=True)}"
        for place, word in {**SECRETS, "calendar": scene.token}.items():
            if word in whole and word not in path and quote(word) not in path:
                told.append((path, place))
    assert told == []
    assert answered > 60, "most of it is open to an outsider, so something was looked at"


def test_each_word_stands_where_its_people_see_it(scene: Scene, browser: Browser) -> None:
    """Otherwise its absence elsewhere would show nothing. Of a bank account no page has more than the last digits."""
    search = db.session.scalars(sa.select(SavedSearch.id)).one()
    works, draft = f"/organisations/{scene.works}", f"/challenges/{scene.draft}"
    pages = {
        "bo": ("/account/profile", "/account/searches", "/inbox", f"/balance/payout-accounts/user/{scene.bo}"),
        "wilma": (f"{works}/verification", f"{works}/members", "/inbox"),
        "ada": (draft, f"{draft}/edit", f"{draft}/history"),
        "eve": (f"{works}/verification",),
    }
    seen = ""
    for name, some in pages.items():
        reader = Browser(browser.app).sign_in(scene.people[name])
        seen += "".join(reader.get(path).text for path in some)
    followed = Browser(browser.app).sign_in(scene.people["bo"]).get(f"/account/searches/{search}")
    seen += followed.headers["Location"]
    assert [place for place, word in SECRETS.items() if word not in seen] == ["holder", "bank account"]


def test_no_email_and_no_inbox_tells_an_outsider(scene: Scene, cast: Cast, isolated: Flask) -> None:
    folder = isolated.config["CROWD"].data_dir / "mail"
    waiting = sa.select(Job.kind).where(Job.state == JobState.READY, Job.run_at <= now()).distinct()
    while kinds := set(db.session.scalars(waiting)):
        assert sum(factories.run_jobs(kind) for kind in kinds), kinds
    insiders = {person.email for person in scene.people.values()} | {SECRETS["invited"]}
    letters = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in folder.iterdir()]
    outside = [one for one in letters if one["To"] not in insiders]
    assert outside, "outsiders were written to"
    texts = [str(one[name]) for one in outside for name in ("Subject", "To")]
    texts += [
        str(part.get_content()) for one in outside for part in one.walk() if part.get_content_maintype() == "text"
    ]
    known = [person.id for person in scene.people.values()]
    told = sa.select(Notification).where(Notification.user_id.not_in(known))
    texts += [f"{one.params} {one.path} {one.key}" for one in db.session.scalars(told)]
    assert [place for place, word in SECRETS.items() if any(word in text for text in texts)] == []
