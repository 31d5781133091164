"""How a person gets a form wrong, and what is asked of the page that answers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from werkzeug.test import TestResponse

from tests.inputs.fuzz import forms_of
from tests.visible import unfit
from tests.visitor import FormOnPage

WRITTEN = (
    "text",
    "textarea",
    "decimal",
    "numeric",
    "email",
    "url",
    "tel",
    "date",
    "datetime-local",
    "number",
    "search",
)
LOST = ("password", "file")  # what a browser does not send back, and what no page should
WRONG = {
    "decimal": "Infinity", "numeric": "1e400", "number": "NaN", "date": "2026/11/29", "datetime-local": "2026/11/29",
    "email": "nobody", "url": "nowhere", "tel": "12",
}  # fmt: skip


@dataclass(frozen=True)
class Failing:
    """A form, where it goes, and what a person types into it: the fields of a request."""

    action: str
    form: FormOnPage
    way: str
    typed: tuple[tuple[str, str], ...]

    def fields(self) -> list[tuple[str, str]]:
        """What is sent: what was typed, and all else as the page has it."""
        typed = dict(self.typed)
        return [*((n, v) for n, v in self.form.values if n not in typed), *self.typed]


def ways_to_fail(action: str, form: FormOnPage) -> Iterator[Failing]:
    """The form empty, with 10,000 characters in each field, and with one wrong field."""
    written = [field for field, kind in form.kinds.items() if kind in WRITTEN or kind == "password"]
    if not form.posts or not {*written} | {field for field, kind in form.kinds.items() if kind in ("radio", "file")}:
        return
    for way, typed in (
        ("empty", dict.fromkeys(written, "")),
        ("10,000 characters", dict.fromkeys(written, "x" * 10000)),
        ("one wrong field", _one_wrong(form, written)),
    ):
        yield Failing(action, form, way, tuple(typed.items()))


def _one_wrong(form: FormOnPage, written: list[str]) -> dict[str, str]:
    """Something in every field, and in one of them what it cannot be."""
    has = dict(form.values)
    typed = {field: has.get(field) or "Something" for field in written}
    wrong = next((field for field in written if form.kinds[field] in WRONG), written[0] if written else "")
    return typed | ({wrong: WRONG.get(form.kinds[wrong], " ")} if wrong else {})


def judge(failing: Failing, answer: TestResponse, language: str) -> list[str]:
    """What is wrong with the answer to a form that was sent wrong; nothing where it was right after all."""
    html = answer.get_data(as_text=True)
    if answer.status_code in (302, 303):
        return []
    problems = unfit(html)
    if answer.status_code not in (200, 409, 422):
        return [*problems, f"status {answer.status_code}"]
    summary = re.search(r'(?s)<div class="summary" role="alert" tabindex="-1" data-focus>(.*?)</div>', html)
    if summary is None:
        return [*problems, "has no summary of what is wrong"]
    problems += [f"the summary leads to #{one}, which is not there" for one in _missing(summary.group(1), html)]
    if language != "en":
        said = re.findall(r"(?s)<li>(.*?)</li>", summary.group(1))
        problems += [f"not in Chinese: {one}" for one in said if not re.search("[一-鿿]", re.sub("<[^>]+>", "", one))]
    return problems + _lost(failing, answer)


def _missing(summary: str, html: str) -> list[str]:
    return [target for target in re.findall(r'href="#([^"]+)"', summary) if f'id="{target}"' not in html]


def _lost(failing: Failing, answer: TestResponse) -> list[str]:
    """The fields whose text is not on the page any more."""
    again = [form for form in forms_of(answer.get_data(as_text=True)) if form.posts and form.action in (failing.action, failing.form.action)]
    if not again:
        return ["the form is gone"]
    kept = dict(again[0].values)
    return [
        f"lost {name}: {typed[:30]!r}"
        for name, typed in failing.typed
        if failing.form.kinds[name] not in LOST and kept.get(name, "").strip() != typed.strip()
    ]
