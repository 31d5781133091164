"""Foreign HTML: safe, in our outline, with every word kept and nothing evaluated."""

import re
import time

import pytest

from challenges.importing.richtext import understand_html

BASE = "https://www.challenge.gov/challenge/quiet-pumps/"
REL = ' rel="nofollow noopener noreferrer"'


def html(source):
    return understand_html(source, "description", BASE).html


def reasons(source):
    return [problem.reason.value for problem in understand_html(source, "description", BASE).problems]


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<p onclick=alert(1) style='position:fixed' class=x id=y>text</p>",
        "<a href='javascript:alert(1)'>a</a>",
        "<a href=' java\tscript:alert(1)'>a</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>a</a>",
        "<a href='vbscript:x'>a</a>",
        "<svg><script>alert(1)</script></svg><math><mi xlink:href='javascript:x'>m</mi></math>",
        "<iframe src='https://evil.example'></iframe>",
        "<form action='https://evil.example'><input name=password><button>Go</button></form>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
        "<style>@import 'https://evil.example'</style>",
        "<base href='https://evil.example'><meta http-equiv=refresh content='0;url=https://evil.example'>",
        "<a href='https://ok.example\" onmouseover=\"alert(1)'>a</a>",
        "<img alt='<script>alert(1)</script>' src='/a.png'>",
        "<img alt='a\" onload=\"alert(1)' src='/a\"onload=\"x.png'>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<<script>script>alert(1)<</script>/script>",
        "<table><td><a href=//evil.example/<b>x</b>>y",
    ],
)
def test_nothing_that_runs_comes_through(attack):
    made = html(attack)
    for tag in re.findall(r"<[^>]*>", made):
        assert re.fullmatch(
            r"</?(?:p|strong|em|table|tbody|tr|td|code|li|ul|b|br)>"
            r'|<a href="(?:https?://|mailto:)[^"<>]*" rel="nofollow noopener noreferrer">|</a>',
            tag,
        ), made


def test_headings_start_below_the_sections_own_and_leave_no_gap():
    made = html("<h4>A</h4><p>x</p><h6>B</h6><p>x</p><h5>C</h5><p>x</p><h1>D</h1><p>x</p><h2></h2>")
    assert re.findall(r"<(h\d)>(\w)", made) == [("h3", "A"), ("h4", "B"), ("h4", "C"), ("h3", "D")]


def test_placeholders_are_shown_and_never_filled():
    source = (
        '<p>{{ 7 * 7 }} and {% raw %}</p><p><a href="{{ page.files }}/assets/rules.pdf">Rules</a></p>'
        '<img src="{{page.files}}/a.png" alt="Map">'
    )
    made = understand_html(source, "description", BASE)
    assert made.html == (
        "<p>{{ 7 * 7 }} and {% raw %}</p><p>Rules <code>{{ page.files }}/assets/rules.pdf</code></p>"
        "<p>Map <code>{{page.files}}/a.png</code></p>"
    )
    assert [(problem.reason.value, problem.source) for problem in made.problems] == [
        ("placeholder", "{{ page.files }}/assets/rules.pdf"),
        ("placeholder", "{{page.files}}/a.png"),
    ]


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("https://example.gov/a?b=1&amp;c=2", "https://example.gov/a?b=1&amp;c=2"),
        ("/community/rules.pdf", "https://www.challenge.gov/community/rules.pdf"),
        ("//example.gov/x", "https://example.gov/x"),
        (" https://example.gov ", "https://example.gov"),
        ("* https://example.gov/x", "https://example.gov/x"),
        ("1. https://example.gov/x", "https://example.gov/x"),
        ("www.example.gov", "https://www.example.gov"),
        ("someone@example.gov", "mailto:someone@example.gov"),
        ("emailto:someone@example.gov", "mailto:someone@example.gov"),
        ("MAILTO:someone@example.gov?subject=x", "mailto:someone@example.gov"),
        ("https://example.gov/a b.pdf", "https://example.gov/a%20b.pdf"),
        ("https://example.gov/?u=https://example.org", "https://example.gov/?u=https://example.org"),
    ],
)
def test_links_become_absolute_and_slips_are_repaired(href, url):
    assert html(f'<p><a href="{href}">x</a></p>') == f'<p><a href="{url}"{REL}>x</a></p>'


@pytest.mark.parametrize(
    "href",
    ["blob:https://example.gov/1", "https://", "http://[", "https://a b/", "ftp://example.gov", "file:///etc/passwd"],
)
def test_a_link_that_leads_nowhere_keeps_its_words(href):
    assert html(f'<p>See <a href="{href}">the rules</a>.</p>') == "<p>See the rules.</p>"
    assert reasons(f'<p>See <a href="{href}">the rules</a>.</p>') == ["address_not_understood"]


def test_a_place_within_the_page_is_no_link_and_no_problem():
    made = understand_html('<p><a name="top"></a><a href="#top">Top</a></p>', "rules", BASE)
    assert (made.html, made.problems) == ("<p>Top</p>", ())


def test_images_become_links_with_their_description_or_name():
    assert html('<img src="/a/big%20map.png" alt="">') == (
        f'<p><a href="https://www.challenge.gov/a/big%20map.png"{REL}>big map.png</a></p>'
    )
    assert html('<a href="https://example.gov"><img src="/logo.png" alt="The &lt;logo&gt;"></a>') == (
        f'<p><a href="https://example.gov"{REL}>The &lt;logo&gt;</a></p>'
    )
    assert html('<p><img src="blob:x" alt="Time line"></p>') == "<p>Time line</p>"
    assert reasons('<p><img src="blob:x" alt="Time line"></p>') == ["image_left_out"]


def test_divisions_become_paragraphs_so_no_two_words_run_together():
    made = understand_html('<div class="x">One<div>two</div>three<br></div><div>four</div>', "rules", BASE)
    assert made.html == "<p>One</p><p>two</p><p>three</p><p>four</p>"
    assert made.text == "One\ntwo\nthree\nfour"


def test_lists_hold_items_only():
    assert html("<ul>a<li>b<ul><li>c</li></ul></li><ul><li>d</li></ul><p>e</p><li> </li></ul>") == (
        "<ul><li>a</li><li>b<ul><li>c</li></ul><ul><li>d</li></ul></li><li><p>e</p></li></ul>"
    )
    assert html("<li>alone</li>") == "<p>alone</p>"
    assert html('<ol start="3" type="a"><li>x</ol>') == '<ol start="3" type="a"><li>x</li></ol>'
    assert html('<ol start="-1e9" type="evil"><li>x</ol>') == "<ol><li>x</li></ol>"


def test_tables_keep_their_cells_and_lose_what_is_empty():
    source = (
        "<table border=1 class=x><caption>Dates</caption><tr><th scope=col width=9>Phase</th><th></th></tr>"
        "<tr><td colspan=2>One<p>two</p></td></tr><tr><td>&nbsp;</td></tr></table>"
    )
    assert html(source) == (
        '<table><caption>Dates</caption><tbody><tr><th scope="col">Phase</th><td></td></tr>'
        '<tr><td colspan="2">One<p>two</p></td></tr></tbody></table>'
    )


def test_empty_elements_and_forced_spaces_go():
    assert html("<p>&nbsp;</p><h3> </h3><p><strong></strong>a&nbsp;&nbsp;b</p><a href='https://example.gov'></a>") == (
        "<p>a  b</p>"
    )


def test_plain_text_becomes_paragraphs():
    assert html("First & last.\n\nSecond < third.") == "<p>First &amp; last.</p><p>Second &lt; third.</p>"


@pytest.mark.parametrize("source", ["", "\n", "<p></p>", "<!-- note -->", "<div><br></div>"])
def test_nothing_is_nothing(source):
    made = understand_html(source, "rules", BASE)
    assert (made.html, made.text, made.problems) == ("", "", ())


def test_a_leftover_of_a_template_is_no_text():
    assert html("<p>true</p>\n") == ""
    assert reasons("<p>true</p>\n") == ["not_text"]


def test_what_is_embedded_is_said():
    assert reasons("<p>See</p><iframe src='https://www.youtube.com/embed/x'></iframe>") == ["embed_left_out"]


def test_markup_that_was_written_as_text_stays_text():
    assert html("<p>one &lt;br&gt; two</p>") == "<p>one &lt;br&gt; two</p>"
    assert reasons("<p>one &lt;br&gt; two</p>") == ["escaped_markup"]


def test_writing_again_what_was_written_changes_only_the_outline():
    once = html("<h3>A</h3><ul><li>b <strong>c</strong></li></ul><p>d<br>e</p><table><tr><td>f</td></tr></table>")
    assert html(once) == once


@pytest.mark.parametrize(
    "source",
    [
        "<ul><li>" * 100_000,
        "<b>" * 100_000 + "x",
        "<a href=x><p>" * 20_000,
        "<table>" * 20_000 + "x",
        "<div>" * 400 + "deep" + "</div>" * 400,
        "<" * 300_000,
        "&lt;a " * 60_000,
        "<p " + "a=b " * 70_000 + ">x",
        "{{" * 100_000,
        "x" * 2_000_000,
        "".join(f"<b id=i{n}>" for n in range(400)) + "<p>x</p>" * 300,
        "\0\x01\ud800<p>\0x</p>",
    ],
)
def test_hostile_sizes_take_little_time_and_never_fail(source):
    started = time.process_time()
    understand_html(source, "rules", BASE)
    assert time.process_time() - started < 3


def test_deep_nesting_keeps_the_words():
    assert "deep" in html("<div>" * 400 + "<ul><li>" * 40 + "deep")
    assert "deep" in html("<blockquote>" * 400 + "deep")
