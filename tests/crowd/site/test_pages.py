"""The pages that explain: they say what the code does, and lead on."""

from tests.cast import Cast
from tests.client import Browser


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
