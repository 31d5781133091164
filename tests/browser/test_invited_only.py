"""A challenge for invited people only in a real browser, in both languages, from the draft to the payment; a stranger
gets the answer of an absent page all along.
"""

import email
import email.policy
import re
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser import loop
from tests.browser.running import Platform

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
MARK = uuid4().hex[:6]  # a platform that is kept between runs has the emails of earlier ones
TITLE, PROPOSAL = f"Freeze nothing in a hydrant that nobody has seen ({MARK})", f"A valve seat that sheds ice ({MARK})"
LIN, WU, SUN, TAN = (f"{name}.{MARK}@visitors.example" for name in ("lin", "wu", "sun", "tan"))


def letter(platform: Platform, address: str, about: str) -> str:
    """The text of the email to an address whose subject or text has these words, once it is sent."""

    def arrived() -> str:
        for path in (platform.settings.data_dir / "mail").glob("*.eml"):
            read = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            body = read.get_body(("plain",))
            text = str(body.get_content()) if body else ""
            if read["To"] == address and about in f"{read['Subject']} {text}":
                return text
        return ""

    return str(platform.until(arrived, f"an email to {address} about {about}", loop.ANSWERED_WITHIN))


def link_in(text: str, pattern: str) -> str:
    found = re.search(rf"https?://[^/\s]+({pattern}\S*)", text)
    assert found is not None, text
    return found[1]


def in_chinese(page: Page, path: str) -> None:
    page.goto(f"/language/zh_Hans_CN?next={path}")


def test_nobody_else_sees_it_in_a_browser(platform: Platform, person: Callable[..., Page], tmp_path: Path) -> None:
    attachment = tmp_path / "measurements.csv"
    attachment.write_text("degrees,seconds\n-25,31\n")
    ada, eve, fen, finn, bo = (person(key) for key in ("ada", "eve", "fen", "finn", "bo"))
    stranger, anna, wu, lin = person(), person("anna"), person(), person()

    # The draft, and five who will be told when it opens.
    number = loop.draft(ada, TITLE, scripts=True)
    here = f"/challenges/{number}"
    ada.goto(f"{here}/edit/entry")
    ada.select_option("[name=visibility]", "invited")
    loop.button(ada, "Save and continue").click()
    expect(ada.locator("main")).to_contain_text("The draft is saved.")
    ada.goto(f"{here}/edit/check")
    loop.send_to_screening(ada)
    ada.goto(f"{here}/invitations")
    pasted = f"姓名\t邮箱\n林雪\t{LIN}\n吴越\t{WU}\n{SUN}；{TAN}，Bo <{platform.email('bo')}>"
    loop.fill(ada, people=pasted, message="Please keep it to yourself.")
    loop.button(ada, "Invite").click()
    expect(ada.locator("main table")).to_contain_text("林雪")
    expect(ada.locator("main")).to_contain_text("Not sent yet 5")

    turns = cycle((("en", "zh_Hans_CN"), ("zh_Hans_CN", "en")))

    def hidden() -> None:
        """Each of the two in one language, and the next time in the other."""
        for who, locale in zip((stranger, anna), next(turns), strict=True):
            who.goto(f"/language/{locale}?next=/challenges")
            expect(who.locator("main")).not_to_contain_text(TITLE)
            for page in ("", "/contract", "/results"):
                answer = who.goto(here + page)
                assert answer is not None
                assert answer.status == 404

    hidden()
    loop.approve(eve, TITLE)
    loop.pay(platform, number, ada, fen, finn)

    # One reads it in Chinese and declines, with a reason and without an account.
    in_chinese(wu, link_in(letter(platform, WU, TITLE), "/invited/"))
    expect(wu.locator("h1")).to_contain_text(TITLE)
    expect(wu.locator("main")).to_contain_text("邀请您参加这项榜题")
    wu.locator("main details summary").click()
    loop.fill(wu, reason="今年的任务已经排满。")
    loop.button(wu, "谢绝").click()
    expect(wu.locator("main")).to_contain_text("您已谢绝")

    # One signs up from the email, in Chinese, and registers.
    invitation = link_in(letter(platform, LIN, TITLE), "/invited/")
    in_chinese(lin, invitation)
    loop.link(lin, "创建账号").click()
    loop.fill(lin, name="林雪", email=LIN)
    lin.locator("[name=terms]").check()
    lin.locator("main form button").first.click()
    lin.goto(link_in(letter(platform, LIN, "/account/register/"), "/account/register/"))
    loop.fill(lin, password=platform.password, password_confirm=platform.password)
    lin.locator("main form button").first.click()
    lin.wait_for_url(f"**{invitation}")
    loop.link(lin, "阅读榜题").click()
    expect(lin.locator("h1")).to_contain_text(TITLE)
    expect(lin.locator("main")).to_contain_text("仅限受邀者")
    lin.goto(f"{here}/register")
    lin.locator("[name=accepted]").check()
    lin.locator("main form button[class*=btn-primary]").first.click()
    lin.wait_for_load_state()

    # One is withdrawn, and one who has an account finds it on the dashboard and answers.
    ada.goto(f"{here}/invitations")
    row = ada.locator("main tr").filter(has_text=SUN)
    row.locator("details.confirm summary").click()
    row.get_by_role("button", name="Withdraw", exact=True).click()
    expect(ada.locator("main")).to_contain_text("The invitation is withdrawn")
    answer = stranger.goto(link_in(letter(platform, SUN, TITLE), "/invited/"))
    assert answer is not None
    assert answer.status == 404
    bo.goto("/dashboard")
    expect(bo.locator("main")).to_contain_text("Answer an invitation")
    bo.goto("/account/invitations")
    loop.link(bo, TITLE).click()
    expect(bo.locator("h1")).to_contain_text(TITLE)
    loop.link(bo, "Read the challenge").click()
    loop.answer(bo, number, PROPOSAL, attachment, scripts=True)
    ada.goto(f"{here}/invitations")
    for words in ("Registered 2", "Declined 1", "Withdrawn 1", "Sent, not opened 1", "今年的任务已经排满。"):
        expect(ada.locator("main")).to_contain_text(words)
    hidden()

    # It is judged, decided and paid as every other one.
    loop.close(platform, number)
    hidden()
    for points, address in zip((8, 7, 9), loop.reviewers(platform, number), strict=True):
        loop.review(person(address), PROPOSAL, points)
    loop.award(ada, number, PROPOSAL)
    loop.let_appeals_pass(platform, number)
    hidden()
    bo.goto(f"{here}/results")
    expect(bo.locator("main")).to_contain_text(PROPOSAL)
    for path in ("/results", "/", f"/people/{platform.id_of('bo')}", "/statistics"):
        stranger.goto(path)
        expect(stranger.locator("body")).not_to_contain_text(TITLE)
    loop.check_the_books(platform, fen)
