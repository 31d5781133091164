"""Profiles: each field in three steps, and nothing of a hidden one anywhere."""

from typing import Any

import pytest
import sqlalchemy as sa

from crowd.accounts import services
from crowd.accounts.models import User
from crowd.accounts.profiles import visibility
from crowd.accounts.profiles.visibility import USUAL, Audience
from crowd.accounts.services import ProfileDetails
from crowd.db import commit, db
from crowd.errors import OperationError
from crowd.taxonomy.models import FreeTerm
from crowd.taxonomy.schemes import REGION
from crowd.taxonomy.vocabulary import current
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser

CANARIES = {
    "bio": "canary-of-the-bio",
    "expertise": "canary-of-expertise",
    "organisations": "Canary Works",
    "region": "Liechtenstein",
    "languages": "Faroese",
    "links": "canary-link.example",
    "cv": "canary-of-the-cv",
    "availability": "canary-of-availability",
}
PLAIN: dict[str, Any] = {"name": "Bo", "locale": "en", "time_zone": "Asia/Shanghai"}


def fill(cast: Cast, audience: Audience) -> int:
    """Bo with something in every field, an award and points, seen by `audience`; the number of the challenge."""
    challenge = factories.settled(cast)
    join(cast.bo, factories.organisation(CANARIES["organisations"]))
    region = current().get(REGION, "LI")
    assert region
    details = ProfileDetails(
        languages=["fo"], region_id=region.id, links=[f"https://{CANARIES['links']}"], cv=CANARIES["cv"],
        availability=CANARIES["availability"], visibility=dict.fromkeys(USUAL, audience),
    )  # fmt: skip
    texts: dict[str, Any] = {"bio": CANARIES["bio"], "expertise": [CANARIES["expertise"]]}
    services.edit_profile(cast.bo, cast.bo.id, **PLAIN, **texts, details=details)
    commit()
    return challenge.id


def pages(person: int, challenge: int) -> list[str]:
    """Where something of a person may appear; a search repeats what is searched for and has a test of its own."""
    return [
        "/", "/results", "/challenges", f"/challenges/{challenge}", f"/challenges/{challenge}/results",
        "/people", "/people?list=reviewers", 
        f"/people/{person}", "/api/v1/challenges", "/api/v1/me", "/statistics",
    ]  # fmt: skip


def seen(browser: Browser, cast: Cast, challenge: int) -> set[str]:
    """The fields of Bo of which something is on one of the pages."""
    texts = [browser.get(path).text for path in pages(cast.bo.id, challenge)]
    return {name for name, canary in CANARIES.items() if any(canary in text for text in texts)}


@pytest.mark.parametrize(
    ("audience", "visitor", "person"),
    [
        (Audience.EVERYBODY, set(USUAL), set(USUAL)),
        (Audience.SIGNED_IN, set(), set(USUAL)),
        (Audience.NOBODY, set(), set()),
    ],
)
def test_nothing_of_a_hidden_field_is_on_any_page(
    cast: Cast, browser: Browser, audience: Audience, visitor: set[str], person: set[str]
) -> None:
    challenge = fill(cast, audience)
    assert seen(browser, cast, challenge) == visitor
    for reader in (cast.dee, cast.eve, cast.adm):
        assert seen(Browser(browser.app).sign_in(reader), cast, challenge) == person, reader.name
    assert seen(Browser(browser.app).sign_in(cast.bo), cast, challenge) == set(USUAL), "the person sees all of it"


@pytest.mark.parametrize("audience", Audience)
def test_a_hidden_field_does_not_find_its_person(cast: Cast, browser: Browser, audience: Audience) -> None:
    fill(cast, audience)
    path, link = f"/people?field={CANARIES['expertise']}", f"/people/{cast.bo.id}"
    assert (link in browser.get(path).text) is (audience == Audience.EVERYBODY)
    assert (link in Browser(browser.app).sign_in(cast.dee).get(path).text) is (audience != Audience.NOBODY)


@pytest.mark.parametrize("audience", Audience)
def test_only_what_everybody_sees_is_offered_to_the_operator_as_a_free_term(cast: Cast, audience: Audience) -> None:
    fill(cast, audience)
    names = list(db.session.scalars(sa.select(FreeTerm.name)))
    assert (CANARIES["expertise"] in names) is (audience == Audience.EVERYBODY)


@pytest.mark.parametrize("field", USUAL)
@pytest.mark.parametrize("audience", [None, *Audience])
def test_the_rule_in_python_and_in_sql_is_one(cast: Cast, field: str, audience: Audience | None) -> None:
    cast.bo.visibility = {} if audience is None else {field: audience}
    commit()
    for reader in (None, cast.bo, cast.dee):
        query = sa.select(User.id).where(User.id == cast.bo.id, visibility.visible_clause(reader, field))
        assert (db.session.scalar(query) is not None) is visibility.may_see(reader, cast.bo, field)


def test_the_form_keeps_what_was_typed_and_says_what_is_wrong(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.bo)
    good = PLAIN | {
        "bio": "I listen.", "expertise": "acoustics", "region": "青岛", "languages": "English, 中文, de",
        "links": "https://bo.example/papers\nhttps://code.example/bo", "cv": "Twelve years.", "availability": "May",
    }  # fmt: skip
    good |= {f"see_{name}": "nobody" for name in USUAL}
    for name, wrong in {
        "region": "Atlantis",
        "languages": "Klingonish",
        "links": "javascript:alert(1)",
        "see_cv": "friends",
    }.items():
        answer = browser.post("/account/profile", good | {name: wrong})
        assert answer.status_code == 422, name
        assert name == "see_cv" or wrong in answer.text
    assert browser.post("/account/profile", good).status_code == 303
    db.session.expire_all()
    region = current().by_id(cast.bo.region_id)
    assert region
    assert (region.code, cast.bo.languages, len(cast.bo.links)) == ("370200", ["en", "zh", "de"], 2)
    assert set(cast.bo.visibility) == set(USUAL)
    page = browser.get("/account/profile").text
    assert "Qingdao" in page
    assert "English, Chinese, German" in page
    assert browser.post("/account/profile", good | {"see_cv": "signed_in"}).status_code == 303
    db.session.expire_all()
    assert "cv" not in cast.bo.visibility, "what is as usual is not stored"


def test_another_person_changes_nothing(cast: Cast) -> None:
    with pytest.raises(OperationError):
        services.edit_profile(cast.dee, cast.bo.id, **PLAIN, bio="", expertise=[], details=ProfileDetails(cv="mine"))


@pytest.mark.parametrize(
    ("locale", "everybody", "said"),
    [("en", "Everybody", "Visitors can, once you have points"), ("zh_Hans_CN", "所有人（含未登录）", "未登录的访客")],
)
def test_the_form_says_who_sees_the_page(cast: Cast, browser: Browser, locale: str, everybody: str, said: str) -> None:
    cast.bo.locale = locale
    page = browser.sign_in(cast.bo).get("/account/profile").text
    assert f">{everybody}</option>" in page
    assert said in page


def test_a_cv_may_be_the_address_of_a_document(cast: Cast, browser: Browser) -> None:
    details = ProfileDetails(cv="https://www.example.com/cv.pdf <b>", visibility={"cv": Audience.SIGNED_IN})
    services.edit_profile(cast.bo, cast.bo.id, **PLAIN, bio="", expertise=[], details=details)
    commit()
    page = browser.sign_in(cast.dee).get(f"/people/{cast.bo.id}").text
    assert '<a href="https://www.example.com/cv.pdf" rel="' in page
    assert "&lt;b&gt;" in page
