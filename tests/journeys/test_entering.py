"""A challenge with an NDA, a question, a document and a condition over HTTP, in both languages: what a stranger, a
registrant and a signer get, what the sponsor sees, and the check at the award.
"""

import io
from typing import Any

import pytest
import sqlalchemy as sa
from babel.support import Translations

from challenges.models import Challenge
from crowd.accounts.models import Organisation, User
from crowd.audit import SYSTEM
from crowd.config import ROOT
from crowd.db import commit, db
from crowd.ledger import check
from scoring import services as scoring
from scoring.models import Award
from submissions import services as submissions
from submissions.models import Proposal
from tests import factories
from tests.cast import Cast
from tests.challenges.contract.test_views import fields
from tests.challenges.entry import gated
from tests.challenges.entry.gated import NDA, PUBLIC, QUESTION, REGISTERED, SECRET, SIGNED
from tests.client import Browser
from tests.submissions.test_pages import words

pytestmark = pytest.mark.timeout(300)


class Person:
    """Somebody who reads the pages in a language; nobody signed in where `user` is None."""

    def __init__(self, browser: Browser, language: str, user: User | None) -> None:
        self.browser, self.headers, self.user = browser, {"Accept-Language": language.replace("_", "-")}, user
        if user is not None:
            user.locale = language
            commit()

    def _here(self) -> Browser:
        return self.browser.sign_in(self.user) if self.user else self.browser.sign_out()

    def get(self, path: str) -> Any:
        return self._here().get(path, headers=self.headers)

    def says(self, path: str) -> str:
        return words(self.get(path).text)

    def send(self, path: str, **typed: Any) -> Any:
        """The form of the page, filled in."""
        form = {**fields(self.get(path).text), **typed}
        return self.browser.post(path, form, headers=self.headers, content_type="multipart/form-data")


def statuses(person: Person, challenge: Challenge) -> list[int]:
    """Of the three files and the full text."""
    files = [f"attachments/{gated.file_for(challenge, one)}" for one in (PUBLIC, REGISTERED, SIGNED)]
    return [person.get(f"/challenges/{challenge.id}/{path}").status_code for path in (*files, "full-text.md")]


@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
def test_stranger_registrant_signer_and_award(cast: Cast, browser: Browser, language: str) -> None:
    say = Translations.load(ROOT / "crowd" / "translations", [language]).gettext
    assert cast.reviewers()
    challenge = gated.opened(cast, entrants="organisations", verified_only=True)
    stranger, dee = Person(browser, language, None), Person(browser, language, cast.dee)
    nils, ada = Person(browser, language, cast.nils), Person(browser, language, cast.ada)
    here = f"/challenges/{challenge.id}"

    # Everybody sees the condition and the public file; who does not meet it learns that before they try.
    assert say("Only organisations") in stranger.says(here)
    assert statuses(stranger, challenge) == [200, 404, 404, 404]
    not_people = say("Only organisations may enter, not people for themselves.")
    assert not_people in dee.says(here)
    refused = dee.send(f"{here}/register", accepted="y", answer_0="One.", document_0=(io.BytesIO(b"x"), "x.txt"))
    assert refused.status_code == 422
    assert not_people in words(refused.text)
    assert statuses(dee, challenge) == [200, 404, 404, 404]

    # The registrant answers and gives; without that there is no registration.
    mine = {"organisation_id": str(cast.northlight.id), "accepted": "y"}
    assert nils.send(f"{here}/register", **mine, answer_0="Two.").status_code == 422
    assert nils.send(f"{here}/register", **mine, document_0=(io.BytesIO(b"May"), "证书.txt")).status_code == 422
    given = {"answer_0": "两台。", "document_0": (io.BytesIO(b"May"), "证书.txt")}
    assert nils.send(f"{here}/register", **mine, **given).status_code == 303
    assert statuses(nils, challenge) == [200, 200, 404, 404]
    assert nils.send(f"{here}/registration", answer_0="三台。").status_code == 303

    # The signer reads the rest.
    assert NDA in nils.says(f"{here}/nda")
    assert nils.send(f"{here}/nda", signature="尼尔斯", agreed="y").status_code == 303
    assert statuses(nils, challenge) == [200, 200, 200, 200]
    assert SECRET in nils.says(f"{here}/attachments")
    assert say("You have signed this NDA.") in nils.says(f"{here}/nda")

    # The sponsor and the centre see who has registered, and nobody else.
    for office in (ada, Person(browser, language, cast.eve)):
        table = office.says(f"{here}/registrants")
        for told in ("Nils", "Northlight Sensing", QUESTION, "三台。", "证书.txt"):
            assert told in table
    assert {person.get(f"{here}/registrants").status_code for person in (dee, nils)} == {404}

    # Northlight is not verified any more when the award is chosen.
    _judge(cast, challenge)
    form = fields(ada.get(f"{here}/awards").text)
    chosen = {"award-prize_id": challenge.prizes[0].id, "award-reason": "The best.", "award-proposal_id": _proposal()}
    answer = browser.post(f"{here}/awards", {**form, **chosen}, headers=ada.headers)
    assert answer.status_code == 422
    assert say("Only verified organisations may enter.") in words(answer.text)
    assert db.session.scalars(sa.select(Award)).all() == []
    assert check.errors(check.run_checks()) == []


def _judge(cast: Cast, challenge: Challenge) -> None:
    db.session.expire_all()
    row = submissions.start(cast.nils, challenge.id)
    submissions.save(cast.nils, row.id, title="Two geophones", abstract="Short.", body="Long.")
    submissions.submit(cast.nils, row.id)
    factories.closed(cast, challenge)
    scoring.form_panel(SYSTEM, challenge.id)
    for assignment in factories.assignments(challenge):
        factories.review(assignment)
    db.session.execute(sa.update(Organisation).where(Organisation.id == cast.northlight.id).values(verified_at=None))
    commit()


def _proposal() -> int:
    return db.session.scalars(sa.select(Proposal.id)).one()
