"""Sealed content: who sees a proposal, every role, before and after the close, by page, file, version and list."""

import io
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.http import parse_options_header

from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from crowd.accounts.models import User
from crowd.audit import SYSTEM, AuditEvent
from crowd.db import db
from crowd.errors import NotFound
from crowd.file_names import clean_name
from submissions import policy, queries, services
from submissions.models import Proposal
from submissions.shares import services as shares
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser
from tests.turns import by_turns, share
from tests.worlds import remembered

PEOPLE = (
    "ada", "abe", "bo", "bea", "nils", "cy", "dee", "eve", "fen", "gu", "pia", "aud", "adm", "sharer", "owner",
)  # fmt: skip
INSIDE = {"bea", "sharer", "owner"}  # the author, who shares in it, and the owner of the author's agency
OPENED_TO = INSIDE | {"ada", "abe", "eve", "gu", "aud"}


@remembered
def written(cast: Cast) -> Proposal:
    sharer = factories.user("Sharon")
    join(cast.bea, cast.northlight)
    assert cast.nils.id
    challenge = factories.opened(cast)
    row = factories.proposal(cast.bea, challenge, submitted=False, organisation=cast.northlight)
    services.attach(cast.bea, row.id, stream=io.BytesIO(b"%PDF-1.7 canary"), filename="canary.pdf")
    shares.set_shares(cast.bea, row.id, own=6000, others=[(sharer.email, 4000)])
    shares.agree_share(sharer, row.id)
    shares.agree_share(cast.nils, row.id, for_agency=True)
    factories.proposal(cast.bo, challenge, submitted=False)  # Bo is a rival
    return row


class Scene:
    """Bea answers for an agency with an owner, and shares with somebody."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.proposal: Proposal = written(cast)
        self.challenge: Challenge = self.proposal.challenge
        self.owner, self.sharer = cast.nils, db.session.scalars(sa.select(User).where(User.name == "Sharon")).one()
        self.file_id = queries.working_version(self.proposal).files[0].file_id

    def person(self, name: str) -> Any:
        if name in ("owner", "sharer"):
            return getattr(self, name)
        return factories.user("Niels") if name == "nils" else getattr(self.cast, name)

    def finalise(self) -> None:
        services.submit(self.cast.bea, self.proposal.id)

    def close(self) -> None:
        factories.closed(self.cast, self.challenge)
        db.session.refresh(self.proposal)

    def seen_by(self) -> set[str]:
        """Who sees it: by the policy, and, which must say the same, by its SQL twin."""
        pure = {name for name in PEOPLE if policy.can_view(self.person(name), self.proposal)}
        listed = sa.select(Proposal.id).where(Proposal.id == self.proposal.id)
        twin = {n for n in PEOPLE if db.session.scalar(listed.where(policy.visible_to(self.person(n))))}
        assert pure == twin
        return pure


@pytest.fixture
def scene(cast: Cast) -> Scene:
    return Scene(cast)


def test_before_the_close_only_the_people_behind_it_see_it(scene: Scene) -> None:
    assert scene.seen_by() == INSIDE
    scene.finalise()
    assert scene.seen_by() == INSIDE


def test_after_the_close_the_sponsors_and_the_operators_people_see_it_too(scene: Scene) -> None:
    scene.finalise()
    scene.close()
    assert scene.seen_by() == OPENED_TO
    assert not policy.can_view(None, scene.proposal)


def test_drafts_and_withdrawn_proposals_stay_hidden_for_ever(scene: Scene) -> None:
    scene.close()
    assert scene.seen_by() == INSIDE


def test_a_withdrawn_one_too(scene: Scene) -> None:
    scene.finalise()
    services.withdraw(scene.cast.bea, scene.proposal.id)
    scene.close()
    assert scene.seen_by() == INSIDE


def test_the_proposals_of_a_cancelled_challenge_stay_hidden(scene: Scene) -> None:
    scene.finalise()
    lifecycle.cancel(scene.cast.eve, scene.challenge.id, reason="The works were sold.")
    db.session.refresh(scene.proposal)
    assert scene.seen_by() == INSIDE


def test_a_removed_share_holder_no_longer_sees_it(scene: Scene) -> None:
    shares.set_shares(scene.cast.bea, scene.proposal.id, own=10_000, others=[])
    assert scene.seen_by() == INSIDE - {"sharer"}
    with pytest.raises(NotFound):
        services.save(scene.sharer, scene.proposal.id, title="x", abstract="x", body="x")


def addresses(scene: Scene) -> list[str]:
    here = f"/proposals/{scene.proposal.id}"
    return [
        here, f"{here}?draft=1", f"{here}/edit", f"{here}/submit", f"{here}/shares", f"{here}/versions/1",
        f"{here}/versions/1/receipt.json", f"{here}/files/{scene.file_id}",
    ]  # fmt: skip


ACTS = ("edit", "autosave", "submit", "withdraw", "resume", "shares", "shares/agree", "shares/refuse")


@pytest.mark.parametrize(("name", "turn"), by_turns(sorted(set(PEOPLE) - INSIDE), range(3)))
def test_every_address_of_a_sealed_proposal_answers_like_an_absent_one(
    scene: Scene, browser: Browser, name: str, turn: int
) -> None:
    """To everybody else: a third of the addresses and of the acts at a time, by turns in the short form."""
    scene.finalise()
    person, proposal_id, sealed = scene.person(name), scene.proposal.id, share(addresses(scene), turn, of=3)
    acts = share(ACTS, turn, of=3)
    browser.sign_in(person)
    absent = browser.get("/proposals/999999999")
    for address in sealed:
        answer = browser.get(address)
        assert answer.status_code == 404, address
        assert "canary" not in answer.text
        assert _plain(answer.text) == _plain(absent.text)
    for act in acts:
        assert browser.post(f"/proposals/{proposal_id}/{act}", {"title": "x"}).status_code == 404, act
    tries = sa.select(sa.func.count()).where(
        AuditEvent.action == "proposal.access_denied", AuditEvent.actor_id == person.id
    )
    db.session.rollback()
    assert db.session.scalar(tries.where(AuditEvent.subject_id == proposal_id)) == len(sealed) + len(acts)


def _plain(page: str) -> str:
    """A page without what differs between any two requests: nonces, tokens, the clock, the page's own address."""
    import re

    page = re.sub(r'(nonce|value)="[^"]*"', "", page)
    page = re.sub(r"next=[^\"&]*|Request ID: \w+", "", page)
    return re.sub(r"<time.*?</time>", "", page, flags=re.S)


def test_the_anonymous_are_asked_to_sign_in_and_learn_nothing(scene: Scene, browser: Browser) -> None:
    scene.finalise()
    for address in addresses(scene):
        there, absent = browser.get(address), browser.get("/proposals/999999999")
        assert there.status_code == absent.status_code
        assert there.status_code in (302, 401)


def test_after_the_close_others_see_the_final_version_only(scene: Scene, browser: Browser) -> None:
    scene.finalise()
    services.save(scene.cast.bea, scene.proposal.id, title="later-canary", abstract="a", body="b")
    late = services.attach(
        scene.cast.bea, scene.proposal.id, stream=io.BytesIO(b"%PDF-1.7 later"), filename="later-canary.pdf"
    ).file_id
    scene.close()
    here = f"/proposals/{scene.proposal.id}"
    browser.sign_in(scene.cast.ada)
    page = browser.get(f"{here}?draft=1")
    assert page.status_code == 200
    assert "later-canary" not in page.text
    assert browser.get(f"{here}/versions/2").status_code == 404
    assert browser.get(f"{here}/files/{late}").status_code == 404
    assert browser.get(f"{here}/files/{scene.file_id}").data == b"%PDF-1.7 canary"
    assert browser.get(f"{here}/edit").status_code == 403


def test_a_download_is_an_attachment_that_nothing_runs(scene: Scene, browser: Browser) -> None:
    browser.sign_in(scene.cast.bea)
    answer = browser.get(f"/proposals/{scene.proposal.id}/files/{scene.file_id}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert browser.get(f"/proposals/{scene.proposal.id}/files/{scene.file_id + 1000}").status_code == 404


@pytest.mark.parametrize("name", ["技术方案（终稿）.pdf", "Prüfbericht für Müller.pdf", "📈 " + "長" * 200 + ".pdf"])
def test_a_file_comes_back_under_its_name(scene: Scene, browser: Browser, name: str) -> None:
    browser.sign_in(scene.cast.bea)
    kept = services.attach(scene.cast.bea, scene.proposal.id, stream=io.BytesIO(b"%PDF-1.7 x"), filename=name).file_id
    answer = browser.get(f"/proposals/{scene.proposal.id}/files/{kept}")
    assert answer.status_code == 200
    assert parse_options_header(answer.headers["Content-Disposition"])[1]["filename"] == clean_name(name)


def test_the_platform_itself_sees_all(scene: Scene) -> None:
    assert queries.access(SYSTEM, scene.proposal.id).id == scene.proposal.id
