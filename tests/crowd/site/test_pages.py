"""The pages that explain: they say what the code does, and lead on."""

from crowd.site import fees
from tests import factories
from tests.cast import Cast
from tests.client import Browser


def test_the_example_of_the_fee_is_what_a_challenge_would_do(cast: Cast, browser: Browser) -> None:
    """The same prizes, of which the same part is awarded, at the rate of the schedule in force."""
    challenge = factories.settled(cast)
    assert challenge.prize_total == fees.PRIZES
    page = browser.get("/fees").text
    for shown in ("¥300,000", "¥315,000", "¥200,000", "¥10,000", "¥105,000"):
        assert shown in page
    assert "5% of what is awarded" in page
    postings = browser.get(f"/challenges/{challenge.id}/transfers").text
    for shown in ("315,000", "200,000", "10,000", "105,000"):
        assert shown in postings


def test_the_pages_of_the_foot_lead_on(cast: Cast, browser: Browser) -> None:
    for path, target in (
        ("/how-it-works", "/statistics#decisions"),
        ("/fees", "/statistics#money"),
        ("/contact", "/how-it-works"),
        ("/", "/statistics"),
        ("/privacy", "/statistics"),
    ):
        page = browser.get(path)
        assert page.status_code == 200
        assert f'href="{target}"' in page.text, path


def test_the_preferences_say_where_mail_goes(cast: Cast, browser: Browser) -> None:
    assert cast.dee.email in browser.sign_in(cast.dee).get("/inbox/preferences").text
