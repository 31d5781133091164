"""How a person gets a form wrong, and what is asked of the page that answers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from werkzeug.test import TestResponse

from tests.inputs.fuzz import forms_of
from tests.visible import unfit
from tests.visitor import FormOnPage

WRITTEN = (
    "text", "textarea", "decimal", "numeric", "email", "url", "tel", "date", "datetime-local", "number", "search",
)  # fmt: skip
CHOSEN = ("select", "radio", "checkbox")
LOST = ("password", "file")  # what a browser does not send back, and what no page should
FITTING = {
    "decimal": "100", "numeric": "3", "number": "3", "date": "2027-01-15", "datetime-local": "2027-01-15T12:00",
    "email": "somebody@people.example", "url": "https://people.example/", "tel": "+86 10 5555 0100",
}  # fmt: skip
WRONG = {
    "decimal": "Infinity", "numeric": "1e400", "number": "NaN", "date": "2026/11/29", "datetime-local": "2026/11/29",
    "email": "nobody", "url": "nowhere", "tel": "12", "select": "none of these", "radio": "none of these",
}  # fmt: skip


@dataclass(frozen=True)
class Failing:
    """A form, where it goes, and what a person types and chooses in it: the fields of a request."""

    action: str
    form: FormOnPage
    way: str
    typed: tuple[tuple[str, str], ...]

    def fields(self) -> list[tuple[str, str]]:
        """What is sent: what was typed and chosen, and all else as the page has it."""
        typed = dict(self.typed)
        return [*((n, v) for n, v in self.form.values if n not in typed), *self.typed]

    def stays(self) -> list[tuple[str, str]]:
        """What the answer must still have."""
        kinds, offers = self.form.kinds, self.form.offers
        return [(n, v) for n, v in self.typed if v and kinds[n] not in LOST and v in offers.get(n, [v])]


def fields_of(form: FormOnPage) -> dict[str, str]:
    """What a person can fill in, with its kind."""
    return {name: kind for name, kind in form.kinds.items() if kind != "hidden"}


def ways_to_fail(action: str, form: FormOnPage) -> Iterator[Failing]:
    """The form empty, with 10,000 characters in each field, and with one wrong field among right ones."""
    kinds = fields_of(form)
    written = [field for field, kind in kinds.items() if kind in (*WRITTEN, "password")]
    if not form.posts or not kinds:
        return
    ways = {
        "empty": dict.fromkeys(written, ""),
        "10,000 characters": dict.fromkeys(written, "x" * 10000),
        "one wrong field": _one_wrong(form, kinds, written),
    }
    for way, typed in ways.items():
        if typed or way == "empty":
            yield Failing(action, form, way, tuple(typed.items()))


def _one_wrong(form: FormOnPage, kinds: dict[str, str], written: list[str]) -> dict[str, str]:
    """Something in every field, the last of what is offered, and in one field what it cannot be.

    That is the first which can be wrong by its kind; else the first is left empty.
    """
    has = dict(form.values)
    typed = {field: has.get(field) or FITTING.get(kinds[field], "Something") for field in written}
    if not {*written} | {field for field, kind in kinds.items() if kind in WRONG}:
        return {}  # boxes and files alone: wrong while nothing is chosen
    chosen = {field: offers[-1] for field, offers in form.offers.items() if offers}
    wrong = next((field for field in (*written, *kinds) if kinds[field] in WRONG), None)
    return typed | chosen | ({wrong: WRONG[kinds[wrong]]} if wrong else {written[0]: " "})


def judge(failing: Failing, answer: TestResponse, language: str) -> list[str]:
    """What is wrong with the answer to a form that was sent wrong; nothing where it was right after all."""
    html = answer.get_data(as_text=True)
    if answer.status_code in (302, 303):
        return []
    problems = unfit(html)
    if answer.status_code not in (409, 422):
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
    """The fields whose text or choice is not on the page any more."""
    pages = forms_of(answer.get_data(as_text=True))
    again = [form for form in pages if form.action in (failing.action, failing.form.action)]
    if not again:
        return ["the form is gone"]
    same = max(again, key=lambda form: len(form.names & failing.form.names))
    kept = {(name, value.strip()) for name, value in same.values}
    return [f"lost {name}: {value[:30]!r}" for name, value in failing.stays() if (name, value.strip()) not in kept]
