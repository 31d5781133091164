"""Where terms are used: the operator sees it before free terms are joined, and before terms are merged."""

import html
import re

import pytest
from flask import current_app

from crowd.accounts import services as accounts
from crowd.accounts.models import Organisation, PlatformRole, User
from crowd.accounts.personal_data.services import erase_account
from crowd.accounts.profiles.visibility import Audience
from crowd.accounts.services import ProfileDetails
from crowd.taxonomy import queries, services, uses
from crowd.taxonomy.exchange import TermRecord
from crowd.taxonomy.vocabulary import Entry, current
from tests import factories
from tests.cast import Cast, commit
from tests.client import Browser
from tests.counting import statements


@pytest.fixture
def eve(cast: Cast, browser: Browser) -> Browser:
    """The service centre's browser."""
    return browser.sign_in(cast.eve)


def know(person: User, *fields: str, audience: Audience = Audience.EVERYBODY) -> None:
    """Let a person write these as their expertise."""
    details = ProfileDetails(visibility={"expertise": audience})
    accounts.edit_profile(
        person, person.id, name=person.name, locale="en", time_zone="UTC", bio="", expertise=fields, details=details,
    )  # fmt: skip
    commit()


def term(scheme: str, code: str) -> Entry:
    found = current().get(scheme, code)
    assert found is not None
    return found


def lines(entry: Entry) -> list[str]:
    """Where a term is used, in words."""
    with current_app.test_request_context(headers={"Accept-Language": "en"}):
        return [use.text for use in uses.of_terms([entry])[entry.id]]


def test_free_terms_are_listed_by_how_often_they_are_used_and_say_where(eve: Browser, cast: Cast) -> None:
    know(cast.cy, "glass blowing", "basket weaving")
    know(cast.cleo, "Glass-Blowing")
    know(cast.bo, "diving")
    factories.opened(cast, tags=["glass blowing"])
    page = eve.get("/admin/taxonomy/free").text
    names = re.findall(r"<h2>([^<]+)</h2>", page)
    assert names == ["glass blowing", "basket weaving", "diving"]
    row = page[page.index("<h2>glass blowing") : page.index("<h2>basket weaving")]
    assert 'href="/challenges?tag=glass+blowing&amp;filtered=1">1 challenge</a>' in row
    assert "2 people" in row  # in either spelling
    assert "Written as: glass blowing · Glass-Blowing" in row


def test_only_what_everybody_sees_is_counted(cast: Cast) -> None:
    know(cast.cy, "glass blowing")
    (free,) = queries.free_terms(after=None).rows
    assert free.uses == 1
    know(cast.cy, "glass blowing", audience=Audience.SIGNED_IN)
    (free,) = queries.free_terms(after=None).rows
    assert free.uses == 0
    assert uses.of_free([free]) == {"glassblowing": []}
    know(cast.cleo, "acoustics", audience=Audience.NOBODY)
    assert "1 person" not in lines(term("field", "acoustics"))
    know(cast.cleo, "acoustics")
    assert "1 person" in lines(term("field", "acoustics"))


def test_the_list_goes_on_behind_equal_numbers(eve: Browser, cast: Cast) -> None:
    know(cast.cy, *(f"craft {number}" for number in range(60)))
    found, path = [], "/admin/taxonomy/free"
    while path:
        page = eve.get(path).text
        found += re.findall(r"<h2>(craft \d+)</h2>", page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        path = html.unescape(following[1]) if following else ""
    assert found == sorted(f"craft {number}" for number in range(60))


def test_the_lists_of_uses_take_the_same_statements_for_any_number_of_terms(cast: Cast) -> None:
    know(cast.cy, "one craft")
    with statements() as few:
        uses.of_free(queries.free_terms(after=None))
        uses.of_terms([term("field", "acoustics")])
    know(cast.cy, *(f"craft {number}" for number in range(20)))
    with statements() as many:
        uses.of_free(queries.free_terms(after=None))
        uses.of_terms(list(current().all("field"))[:20])
    assert len(few) == len(many) == 3


def test_a_term_of_each_list_says_what_uses_it(cast: Cast, eve: Browser) -> None:
    factories.opened(cast, tags=["acoustics"], stage="10")
    row: Organisation = cast.luoyang
    row.region_id, row.ownership_kind_id = term("region", "370200").id, term("ownership_kind", "state").id
    cast.bo.region_id = row.region_id
    commit()
    know(cast.cy, "acoustics")
    for scheme, code, said in (
        ("field", "acoustics", ["1 challenge", "1 person"]),
        ("stage", "10", ["1 challenge"]),
        ("region", "370200", ["1 person", "1 organisation", "1 crowdsourcing centre"]),
        ("ownership_kind", "state", ["1 organisation"]),
    ):
        assert [one for one in lines(term(scheme, code)) if "linked" not in one and "below" not in one] == said, code
        page = eve.get(f"/admin/taxonomy/terms/{term(scheme, code).id}").text
        assert all(one in page for one in said), code
    assert [one for one in lines(term("region", "370000")) if "below" in one] == ["16 terms below it"]


def test_what_was_merged_into_a_term_counts_with_it(cast: Cast) -> None:
    row = cast.luoyang
    row.ownership_kind_id = term("ownership_kind", "collective").id
    commit()
    services.merge(cast.eve, row.ownership_kind_id, into="state")
    assert lines(term("ownership_kind", "state")) == ["1 organisation"]


def test_the_history_names_who_changed_a_term_until_their_data_is_erased(eve: Browser, cast: Cast) -> None:
    other = factories.user("Wanda", PlatformRole.SERVICE_CENTRE)
    number = other.id
    row = services.add(other, "field", TermRecord("tidal", {"en": "Tidal energy"}))
    page = eve.get(f"/admin/taxonomy/terms/{row.id}").text
    assert "Wanda" in page
    assert f"Account {number}" not in page
    erase_account(other, number)
    page = eve.get(f"/admin/taxonomy/terms/{row.id}").text
    assert f"Account {number}" in page
    assert "Wanda" not in page


def test_the_term_to_merge_into_is_searched_by_code_and_by_either_name(eve: Browser, cast: Cast) -> None:
    noise, control = term("field", "noise"), term("field", "noise-control")
    factories.opened(cast, tags=["noise control"])
    path = f"/admin/taxonomy/terms/{control.id}/merge"
    assert f'href="{path}"' in eve.get(f"/admin/taxonomy/terms/{control.id}").text
    for words in ("noise", "NOIS", noise.names["en"], noise.names["zh_Hans_CN"]):
        page = eve.get(path, query_string={"q": words}).text
        assert f'href="/admin/taxonomy/terms/{noise.id}"' in page, words
        assert f'name="into" value="{noise.code}"' in page, words
        assert f'name="into" value="{control.code}"' not in page, "a term is not merged into itself"
    question = page[page.index("confirm-box") :]
    assert f"{control.names['en']} (noise-control; 1 challenge · " in question  # both terms with their uses
    assert f"becomes {noise.names['en']} (noise; " in question
    assert "No such term" in eve.get(path, query_string={"q": "qwertz"}).text
    assert eve.post(path, {"into": "noise"}).status_code == 303
    assert eve.get(path).status_code == 404
    assert "1 challenge" in lines(noise)
