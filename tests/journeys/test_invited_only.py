"""A challenge for invited people only, from the draft to the payment; a stranger gets the answer of an absent page at
every step.
"""

import re

import pytest
from werkzeug.datastructures import MultiDict

from tests.journeys.actors import PASSWORD, Company, address, link_in
from tests.processes import Platform
from tests.visitor import Visitor

pytestmark = pytest.mark.timeout(300)


def invitation_in(letter: str) -> str:
    """The path of the page behind an invitation."""
    found = re.search(r"https?://[^/\s]+(/invited/\S+)", letter)
    assert found is not None
    return found[1]


def accept_by_signing_up(company: Company, path: str, name: str) -> Visitor:
    """From the email to the account and back: who has none signs up on the way."""
    who = company.visitor()
    (sign_up,) = who.get(path).links(r"/account/register\?next=.*")
    who.press(sign_up.replace("&amp;", "&"), "Send me the link", name=name, email=address(name), locale="en", terms="y")
    page = who.get(link_in(company.letter(name, "Choose your password")))
    back = who.press(page, "Create the account", password=PASSWORD, password_confirm=PASSWORD)
    assert back.path == path
    return who


def test_nobody_else_sees_it_from_the_draft_to_the_payment(platform: Platform, company: Company) -> None:
    platform.start_workers(1)
    platform.start_clock()
    assert company.reviewers
    ada, stranger, dee = company.ada, company.visitor(), company.staff("Dee")
    company.found(ada)
    number = company.draft(ada, visibility="invited")
    title, here = company.challenge(number).title, f"/challenges/{number}"

    def hidden() -> None:
        for who in (stranger, dee):
            for page in ("", "/contract", "/contract.json", "/questions", "/history", "/results", "/transfers"):
                who.get(here + page, 404)
            assert title not in who.get("/challenges?q=hydrants").words
            assert title not in who.get("/results").words
            assert title not in who.get("/").words

    # Five are invited while it is a draft: nothing is sent before the opening.
    names = ("Lin", "Wu", "Sun", "Tan")
    people = "\n".join([f"Bo the Solver <{address('Bo')}>", *(address(name) for name in names)])
    bo = company.bo
    told = ada.press(f"{here}/invitations", "Invite", people=people, message="Please keep it to yourself.")
    assert "5 invitations more." in told.words
    assert told.words.count("Not sent yet") >= 5
    company.submit(ada, number)
    company.approve(number)
    hidden()
    assert [company.letters(name) for name in names] == [[], [], [], []]
    company.pay_in(company.challenge(number).cost, f"Prize {company.reference(ada, number)}")
    company.wait_for_state(number, "open")
    hidden()

    # Who has no account reads it in both languages, signs up from the email, and takes part.
    letter = company.letter("Lin", title)
    assert "Please keep it to yourself." in letter
    assert "邀请您参加榜题" in letter
    chinese = company.visitor()
    chinese.language = "zh-CN"
    page = chinese.get(invitation_in(letter)).words
    assert "邀请您参加这项榜题" in page
    assert title in page
    lin = accept_by_signing_up(company, invitation_in(letter), "Lin")
    assert title in lin.get(here).words
    best = company.answer(lin, number, "Two geophones and a correlator")

    # One declines without an account, one is withdrawn, one wants no more invitations; one has an account.
    declined = company.visitor().press(
        invitation_in(company.letter("Wu", title)), "Decline", reason="No time this year."
    )
    assert "You have declined" in declined.words
    sun = invitation_in(company.letter("Sun", title))
    table = ada.get(f"{here}/invitations")
    assert "No time this year." in table.words
    withdraw = f"{here}/invitations/{public_id(company, number, 'Sun')}/withdraw"
    (form,) = (one for one in table.forms if one.action == withdraw)
    ada.client.post(form.action, data=MultiDict(form.values))
    company.visitor().get(sun, 404)
    tan = invitation_in(company.letter("Tan", title))
    assert "No more invitations are sent" in company.visitor().press(f"{tan}/stop", "Stop invitations").words
    good = company.answer(bo, number, "A fibre along the main")
    states = ada.get(f"{here}/invitations").words
    for words in ("Registered 2", "Declined 1", "Withdrawn 1"):
        assert words in states
    hidden()

    # It is judged, decided and paid as every other one.
    platform.let_close(number)
    company.wait_for_panel(number)
    hidden()
    assert company.review_all(number, {"geophones": 9, "fibre": 7}) == 6
    company.award(ada, number, 1, best)
    company.award(ada, number, 2, good)
    company.decide(ada, number)
    hidden()
    platform.let_appeals_pass(number)
    company.wait_for_state(number, "settled")
    hidden()
    assert "Two geophones" in lin.get(f"{here}/results").words
    assert "200,000.00" in lin.get("/balance").words
    organisation = company.challenge(number).organisation_id
    public = stranger.get("/statistics").words + stranger.get(f"/organisations/{organisation}").words
    assert title not in public
    assert "200,000" not in public
    company.end_well()


def public_id(company: Company, number: int, name: str) -> str:
    """The public id of somebody's invitation."""
    ((found,),) = company.platform.as_owner(
        f"SELECT public_id FROM challenge_invitation WHERE challenge_id = {number} AND address = '{address(name)}'"
    )
    return str(found)
