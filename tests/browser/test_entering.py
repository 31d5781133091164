"""A challenge with an NDA in the browser, in both languages: written, entered, signed, read; and the award check."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from babel.support import Translations
from playwright.sync_api import Page, expect

from challenges import services as drafts
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from crowd.accounts.models import Organisation
from crowd.audit import SYSTEM
from crowd.config import ROOT
from crowd.db import commit, db
from scoring import services as scoring
from submissions import services as submissions
from submissions.participation.queries import participation_of
from tests import factories
from tests.browser.addresses import PICTURE
from tests.browser.conftest import Enter
from tests.cast import Cast
from tests.challenges.entry.gated import ASKED, DOCUMENT, NDA, QUESTION, SECRET

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def _write(ada: Page, draft: Challenge, folder: Path) -> None:
    """Ada adds a file for each audience, the full text, the NDA and the condition."""
    ada.goto(f"/challenges/{draft.id}/edit/attachments")
    sent = (("public", "图.png", PICTURE), ("registration", "管网.csv", b"a,b\n"), ("nda", "泵.txt", b"x"))
    for audience, name, data in sent:
        (folder / name).write_bytes(data)
        ada.set_input_files("[name=uploads]", folder / name)
        ada.select_option("[name=upload_for]", audience)
        ada.locator("button[value=files]").click()
        expect(ada.locator("legend", has_text=name)).to_be_visible()
    ada.fill("[name=full_text]", SECRET)
    ada.select_option("[name=full_text_for]", "nda")
    ada.fill("[name=nda]", NDA)
    ada.locator("form button.btn-primary").last.click()
    ada.goto(f"/challenges/{draft.id}/edit/entry")
    ada.select_option("[name=entrants]", "organisations")
    ada.check("[name=verified_only]")
    ada.locator("form button.btn-primary").last.click()


@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
def test_from_the_draft_to_the_award(cast: Cast, enter: Enter, language: str, tmp_path: Path) -> None:
    say = Translations.load(ROOT / "crowd" / "translations", [language]).gettext
    draft = drafts.edit(cast.ada, factories.challenge(cast.ada, cast.luoyang).id, changes=ASKED)
    assert cast.reviewers()
    commit()
    ada, nils, dee = enter(cast.ada, language), enter(cast.nils, language), enter(cast.dee, language)
    _write(ada, draft, tmp_path)
    db.session.expire_all()
    challenge = lifecycle.submit(cast.ada, draft.id)
    factories.approve(cast.eve, challenge.id)
    factories.pay_in(cast, cast.luoyang, challenge.cost)
    lifecycle.fund(cast.ada, challenge.id)
    commit()

    dee.goto(f"/challenges/{challenge.id}")
    not_people = say("Only organisations may enter, not people for themselves.")
    expect(dee.locator("#who-may-enter")).to_contain_text(not_people)
    assert dee.locator("img.attached").evaluate("one => one.decode().then(() => one.naturalWidth)") == 1
    dee.goto(f"/challenges/{challenge.id}/attachments")
    expect(dee.locator("main")).to_contain_text(say("There is more than you may read now."))
    expect(dee.locator("main")).not_to_contain_text(SECRET)

    nils.goto(f"/challenges/{challenge.id}/register")
    nils.check(f"[name=organisation_id][value='{cast.northlight.id}']")
    nils.fill("[name=answer_0]", "两台水听器。")
    (tmp_path / "证书.txt").write_text("2026", "utf-8")
    nils.set_input_files("[name=document_0]", tmp_path / "证书.txt")
    nils.check("[name=accepted]")
    nils.get_by_role("button", name=say("Take part")).click()
    expect(nils.locator("main")).to_contain_text(say("Registered"))
    nils.goto(f"/challenges/{challenge.id}/attachments")
    expect(nils.locator("main")).to_contain_text("管网.csv")
    expect(nils.locator("main")).not_to_contain_text("泵.txt")
    nils.get_by_role("link", name=say("Read and sign the NDA")).click()
    expect(nils.locator("main")).to_contain_text(NDA)
    nils.fill("[name=signature]", "尼尔斯")
    nils.check("[name=agreed]")
    nils.get_by_role("button", name=say("Sign the NDA")).click()
    expect(nils.locator("main")).to_contain_text(say("You have signed this NDA."))
    nils.get_by_role("link", name=say("All attachments and the full text")).click()
    expect(nils.locator("main")).to_contain_text(SECRET)
    with nils.expect_download() as saved:
        nils.get_by_role("link", name=say("Everything as one ZIP")).click()
    assert Path(saved.value.path()).read_bytes().startswith(b"PK")

    ada.goto(f"/challenges/{challenge.id}/registrants")
    for told in ("Nils", "Northlight Sensing", QUESTION, "两台水听器。", DOCUMENT, "证书.txt"):
        expect(ada.locator("main")).to_contain_text(told)
    _judge(cast, challenge)
    ada.goto(f"/challenges/{challenge.id}/awards")
    ada.locator("[name=award-prize_id]").first.check()
    ada.locator("[name=award-proposal_id]").first.check()
    ada.fill("[name=award-reason]", "最好。")
    ada.get_by_role("button", name=say("Choose this award")).click()
    expect(ada.locator("main")).to_contain_text(say("Only verified organisations may enter."))


def _judge(cast: Cast, challenge: Challenge) -> None:
    """Nils proposes, everybody reviews; then Northlight is not verified any more."""
    db.session.expire_all()
    row = submissions.start(cast.nils, challenge.id)
    submissions.save(cast.nils, row.id, title="Two geophones", abstract="Short.", body="Long.")
    submissions.submit(cast.nils, row.id)
    assert participation_of(cast.nils, challenge.id).proposal is not None
    factories.closed(cast, challenge)
    scoring.form_panel(SYSTEM, challenge.id)
    for assignment in factories.assignments(challenge):
        factories.review(assignment)
    db.session.execute(sa.update(Organisation).where(Organisation.id == cast.northlight.id).values(verified_at=None))
    commit()
