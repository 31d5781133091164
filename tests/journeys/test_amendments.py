"""A published challenge is changed in every way, in both languages: who is told, who must accept again, and what
happens to those who do not.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from babel.support import Translations

from crowd.config import ROOT
from submissions.status import NOTHING_MORE, ProposalStatus
from tests.journeys.actors import Company, address
from tests.processes import Platform
from tests.visitor import Page, Visitor

pytestmark = pytest.mark.timeout(300)
Say = Callable[[str], str]


def spoken(platform: Platform, language: str, *names: str) -> Say:
    """These people read the pages in this language from now on; what the buttons say in it."""
    for name in names:
        platform.as_owner(
            'UPDATE "user" SET locale = :locale WHERE email = :email RETURNING id',
            locale=language,
            email=address(name),
        )
    return Translations.load(ROOT / "crowd" / "translations", [language]).gettext


def amend(who: Visitor, challenge_id: int, say: Say, **changes: Any) -> Page:
    """Change the contract: look at what the change would be, then publish it."""
    edit = f"/challenges/{challenge_id}/contract/amend"
    planned = who.press(edit, say("See what it changes"), reason="It was asked.", **changes)
    return who.press(planned, say("Publish this version"))


def classes(platform: Platform, challenge_id: int) -> list[str]:
    rows = platform.as_owner(
        "SELECT v.change_class FROM contract_version v JOIN contract k ON k.id = v.contract_id "
        "WHERE k.kind = 'challenge' AND k.subject_id = :id AND v.in_force_at IS NOT NULL ORDER BY v.number",
        id=challenge_id,
    )
    return [str(row.change_class) for row in rows]


@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
def test_a_challenge_is_changed_in_every_way(platform: Platform, company: Company, language: str) -> None:
    platform.start_workers(1)
    platform.start_clock()
    challenge_id = company.opened()
    challenge = company.challenge(challenge_id)
    assert challenge.closes_at is not None
    submitted = company.answer(company.bo, challenge_id, "By the difference of arrival")
    company.register(company.bea, challenge_id)
    waits = company.write(company.bea, challenge_id, "By a model of the pipe")
    say = spoken(platform, language, "Ada", "Bo", "Bea", "Eve")
    contract = f"/challenges/{challenge_id}/contract"

    # Clerical and clarifying: everybody is told, nobody has to accept.
    amend(company.ada, challenge_id, say, tags="acoustics, water")
    amend(company.ada, challenge_id, say, summary=f"{challenge.summary} Any site will do.")
    later = challenge.closes_at + timedelta(days=3)
    amend(company.ada, challenge_id, say, closes_at=later.strftime("%Y-%m-%dT%H:%M"))
    assert classes(platform, challenge_id) == ["first", "clerical", "clarifying", "extension"]
    assert company.challenge(challenge_id).closes_at == later.replace(second=0, microsecond=0)
    company.letter("Bea", contract)

    # A question becomes a clarification.
    questions = f"/challenges/{challenge_id}/questions"
    company.bo.press(questions, say("Ask"), text="Are recordings of 2023 included?")
    company.eve.press(questions, say("Yes, publish"))
    company.ada.press(questions, say("Publish the answer"), answer="They are.", clarification="y")
    assert "They are." in company.visitor().get(f"/challenges/{challenge_id}").words

    # A raised prize is in force once its money has come, and by itself then.
    raised = amend(company.ada, challenge_id, say, **{"prizes-0-amount": "210,000"})
    assert company.challenge(challenge_id).prize_total == challenge.prize_total
    assert raised.links(rf"/challenges/{challenge_id}/funding")
    assert company.reference(company.ada, challenge_id)
    due = 1_000_000 * challenge.cost // challenge.prize_total
    company.pay_in(due, f"Raise {challenge.payment_reference}")
    company.do_jobs("contracts.fund_change")
    assert company.challenge(challenge_id).prize_total == challenge.prize_total + 1_000_000
    assert company.escrow(challenge_id) == company.challenge(challenge_id).cost

    # Material changes ask everybody registered: Bea cannot submit, Bo's proposal waits.
    amend(company.ada, challenge_id, say, rights="A transfer of all rights.")
    assert classes(platform, challenge_id)[4:] == ["clarifying", "material", "material"]
    for who, name in ((company.bo, "Bo"), (company.bea, "Bea")):
        assert contract in " ".join(who.get("/dashboard").links(r".*")), f"{name} is asked to accept"
    submit, button = f"/proposals/{waits}/submit", say("Submit version %(number)s") % {"number": 1}
    company.bea.press(submit, button, status=409)
    company.bea.press(contract, say("Yes, accept"))
    company.bea.press(submit, button)
    counted = say("Accepted by %(accepted)s of %(registered)s registered.") % {"accepted": 1, "registered": 2}
    assert counted in company.ada.get(contract).words

    # Who has not accepted by the close is set aside, unopened, and reads why.
    platform.let_close(challenge_id)
    company.wait_for_panel(challenge_id)
    states = dict(platform.as_owner("SELECT id, state FROM proposal WHERE challenge_id = :id", id=challenge_id))
    assert (states[submitted], states[waits]) == ("set_aside", "submitted")
    assert say(str(NOTHING_MORE[ProposalStatus.SET_ASIDE])) in company.bo.get(f"/proposals/{submitted}").words
    company.end_well()
