"""The layout of every page, over HTTP: language, theme, skip link, security, and error pages."""

import re

from tests.cast import Cast
from tests.client import Browser

PAGE = "/how-it-works"


def test_the_front_page_speaks_the_language_of_the_browser(browser: Browser) -> None:
    english = browser.get(PAGE).get_data(as_text=True)
    chinese = browser.get(PAGE, headers={"Accept-Language": "zh-CN"}).get_data(as_text=True)
    assert '<html lang="en"' in english
    assert '<html lang="zh-CN"' in chinese
    assert 'href="#main"' in english
    assert english.count("<h1") == 1


def test_a_chosen_theme_is_in_the_page_and_not_in_a_script(browser: Browser) -> None:
    assert 'data-bs-theme="auto"' in browser.get(PAGE).get_data(as_text=True)
    browser.client.set_cookie("theme", "dark")
    assert 'data-bs-theme="dark"' in browser.get(PAGE).get_data(as_text=True)


def test_no_page_of_the_frame_carries_a_style_or_handler(browser: Browser) -> None:
    page = browser.get(PAGE).get_data(as_text=True)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)
    assert all("nonce=" in script for script in re.findall(r"<script[^>]*>", page))


def test_a_first_visit_stays_within_its_budget(browser: Browser) -> None:
    answer = browser.get(PAGE, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    page = browser.get(PAGE).get_data(as_text=True)
    files = {address.split("#")[0] for address in re.findall(r'/static/[^"]+', page)}
    sizes = [len(browser.get(address, headers={"Accept-Encoding": "gzip"}).data) for address in files]
    assert len(files) >= 4
    assert len(answer.data) + sum(sizes) < 120_000


def test_a_page_that_does_not_exist_says_what_to_do(browser: Browser) -> None:
    answer = browser.get("/no/such/page")
    assert answer.status_code == 404
    page = answer.get_data(as_text=True)
    assert "What you can do" in page
    assert "What was saved" not in page  # nothing was sent
    assert f"Request ID: {answer.headers['X-Request-ID']}" in page
    assert '<a class="btn btn-primary" href="/challenges">' in page


def test_an_absent_page_and_an_absent_thing_are_told_alike(cast: Cast, browser: Browser) -> None:
    """A signed-in person gets a link to the dashboard, and learns whether the submitted data was saved."""

    def lede(page: str) -> str:
        return page.partition('<p class="lede" data-message>')[2].partition("</p>")[0]

    browser.sign_in(cast.dee)
    absent = browser.get("/no/such/page").text
    for address in ("/challenges/999999", "/people/999999", "/organisations/999999", "/proposals/999999"):
        answer = browser.get(address)
        assert answer.status_code == 404
        assert lede(answer.text) == lede(absent) != ""
    assert '<a class="btn btn-primary" href="/dashboard">' in absent
    assert "What was saved" in browser.post("/demo/as/nobody").text


def test_a_forbidden_page_says_for_whom_it_is(cast: Cast, browser: Browser) -> None:
    english = browser.sign_in(cast.dee).get("/admin/jobs").text
    assert "Service centre, Administrator, Auditor, or Council" in english
    browser.client.set_cookie("locale", "zh_Hans_CN")
    assert "此页面仅限服务中心、管理员、审计员或理事会访问。" in browser.get("/admin/jobs").text
