"""A challenge for invited people only with an NDA and attachments: an invitation opens the page, a registration and a
signature the rest; for everybody else there is nothing.
"""

import pytest

from challenges.models import Challenge
from crowd.accounts.models import User
from crowd.ledger import check
from tests import factories
from tests.cast import Cast
from tests.challenges.entry import gated
from tests.challenges.entry.gated import PUBLIC, REGISTERED, SIGNED
from tests.client import Browser


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    row = gated.opened(cast, visibility="invited")
    factories.invite(row, cast.bo)
    return row


def statuses(browser: Browser, person: User | None, challenge: Challenge) -> list[int]:
    """Of the page, the three files, the full text and the ZIP of all."""
    if person is None:
        browser.sign_out()
    else:
        browser.sign_in(person)
    files = [f"/attachments/{gated.file_for(challenge, one)}" for one in (PUBLIC, REGISTERED, SIGNED)]
    here = f"/challenges/{challenge.id}"
    return [browser.get(here + path).status_code for path in ("", *files, "/full-text.md", "/attachments.zip")]


def test_each_door_opens_in_turn(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    nothing = [404] * 6
    assert statuses(browser, None, challenge) == statuses(browser, cast.bea, challenge) == nothing
    assert statuses(browser, cast.bo, challenge) == [200, 200, 404, 404, 404, 200]
    gated.register(cast.bo, challenge)
    assert statuses(browser, cast.bo, challenge) == [200, 200, 200, 404, 404, 200]
    gated.sign(cast.bo, challenge)
    assert statuses(browser, cast.bo, challenge) == [200] * 6
    assert statuses(browser, None, challenge) == statuses(browser, cast.bea, challenge) == nothing
    for absent in ("/attachments/none", "/nda", "/registrants"):
        mine = browser.get(f"/challenges/{challenge.id}{absent}")
        other = browser.get(f"/challenges/{challenge.id + 1}{absent}")
        assert (mine.status_code, len(mine.text)) == (other.status_code, len(other.text)), absent
    assert check.errors(check.run_checks()) == []
