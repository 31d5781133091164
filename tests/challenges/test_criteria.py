"""What a criterion is stands in one place: another kind, put there, is counted, entered and shown everywhere."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict
from wtforms import Field, SelectChoice, SelectField

from challenges import criteria
from challenges.criteria import CriterionLine, PointsKind, Scored, kind_of, passes, plain
from challenges.forms import CriterionForm
from challenges.rubric import CriterionKind, Number
from crowd.errors import Invalid
from crowd.limits import Limits
from scoring import queries
from scoring.awards import services as award_services
from scoring.reviews import services as review_services
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.scoring.test_pages import REASON, text, words


class Grades(PointsKind):
    """Poor, fair or good; fair counts a fifth."""

    mean_format = "0.00"
    names = ("Poor", "Fair", "Good")

    def scale_text(self, line: Scored) -> str:
        return "poor to good"

    def field(self, line: Scored) -> Field:
        choices = [SelectChoice("", "–"), *(SelectChoice(str(i), name) for i, name in enumerate(self.names))]
        return SelectField("Grade", choices=choices, coerce=lambda given: int(given) if given != "" else None)

    def suffix(self, line: Scored) -> str:
        return ""

    def wrong(self, line: Scored) -> str:
        return "There is no such grade."

    def missing(self, line: Scored) -> str:
        return f"Grade {line.title}."

    def accepts(self, line: Scored, points: Number) -> bool:
        return points in (0, 1, 2)

    def counted(self, line: Scored, points: Number) -> Fraction:
        return line.weight * (Fraction(0), Fraction(1, 5), Fraction(1))[int(points)]

    def shown(self, line: Scored, points: Number) -> str:
        return self.names[int(points)]

    def out_of(self, line: Scored) -> str:
        return ""


def test_another_kind_is_played_to_the_end(cast: Cast, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(criteria.KINDS, CriterionKind.POINTS, Grades())
    rubric = [
        CriterionLine(title="Offline", weight=40, scale=Decimal(2)),
        CriterionLine(title="Accuracy", weight=60, scale=Decimal(2)),
    ]
    challenge = factories.judging(cast, "bo", "bea", criteria=rubric)
    offline, accuracy = (line.id for line in challenge.criteria)
    first, *others = factories.assignments(challenge)
    best, path = first.proposal_id, f"/reviews/{first.id}"
    browser.sign_in(first.reviewer)

    # entered and validated
    assert "poor to good" in text(browser, f"/challenges/{challenge.id}/prizes")
    assert browser.post(f"{path}/autosave", {f"points_{offline}": "1", "comment": "so far"}).status_code == 200
    page = text(browser, path)
    assert f'<select class="form-select " data-scale="2" data-weight="40" id="points_{offline}"' in page
    assert "1 of 2 scored · total 20.0" in words(page)
    incomplete = browser.post(path, {f"points_{offline}": "1", f"points_{accuracy}": "", "comment": REASON})
    assert "Grade Accuracy." in incomplete.text
    with pytest.raises(Invalid) as refusal:
        review_services.save(first.reviewer, first.id, points={offline: 3}, comments={}, comment="")
    assert refusal.value.fields == {f"points_{offline}": ["There is no such grade."]}

    # counted
    whole = {f"points_{offline}": "1", f"points_{accuracy}": "2", "comment": REASON}
    assert browser.post(path, whole).status_code == 303
    for row in others:
        points = {offline: 2, accuracy: 2} if row.proposal_id == best else {offline: 1, accuracy: 1}
        review_services.submit(row.reviewer, row.id, points=points, comments={}, comment=REASON)
    [one, other] = queries.ranked(challenge.id)
    assert (one.ranked.proposal, one.ranked.low, one.ranked.high, other.ranked.mean) == (best, 68, 100, 20)

    # shown: to the sponsor, to the reviewer afterwards, to the author
    assert "1.67 (Fair to Good)" in words(text(browser.sign_in(cast.ada), f"/challenges/{challenge.id}/ranking"))
    award_services.decide(cast.ada, challenge.id, reason="None of them can be built.")
    assert "Offline 40% Fair Accuracy 60% Good" in words(text(browser.sign_in(first.reviewer), path))
    feedback = words(text(browser.sign_in(cast.bo), f"/proposals/{best}/reviews"))
    assert "Accuracy 60% Good Good Good 2.00" in feedback


POINTS = CriterionLine(title="Effect", weight=40, step=Decimal("0.5"), anchors=["Weak", "", "Strong"])
RATED = CriterionLine(title="Fit", weight=40, kind=CriterionKind.RATING, labels=["Poor", "Fair", "Good"])
SAFE = CriterionLine(title="Safe", weight=20, kind=CriterionKind.YES_NO)


@pytest.mark.parametrize(
    ("line", "good", "wrong"),
    [
        (POINTS, ["0", "0.5", "7.5", "10"], ["0.25", "10.5", "-0.5"]),
        (RATED, ["0", "1", "2"], ["3", "0.5", "-1"]),
        (SAFE, ["0", "1"], ["2", "0.5"]),
    ],
)
def test_what_a_score_may_be(line: CriterionLine, good: list[str], wrong: list[str]) -> None:
    kind = kind_of(line)
    assert all(kind.accepts(line, Decimal(points)) for points in good)
    assert not any(kind.accepts(line, Decimal(points)) for points in wrong)
    assert [kind.counted(line, Decimal(points)) for points in (good[0], good[-1])] == [0, line.weight]


def test_what_its_words_say() -> None:
    assert list(kind_of(POINTS).anchors(POINTS)) == [("3", "Weak"), ("8", "Strong")]
    assert [str(kind_of(RATED).shown(RATED, points)) for points in (0, 2)] == ["Poor", "Good"]
    assert kind_of(RATED).mean(RATED, 1.5) == 2.5
    assert [str(kind_of(SAFE).shown(SAFE, points)) for points in (0, 1)] == ["No", "Yes"]
    assert plain(Decimal("7.50")) == "7.5"
    assert plain(Decimal(100)) == "100"


@pytest.mark.parametrize(
    ("line", "percent", "reaches", "misses"),
    [(POINTS, "55", "5.5", "5.49"), (RATED, "50", "1", "0.99"), (SAFE, "60", "0.6", "0.59")],
)
def test_a_mean_that_is_enough(line: CriterionLine, percent: str, reaches: str, misses: str) -> None:
    asked = replace(line, passing=Decimal(percent))
    assert passes(asked, Fraction(reaches))
    assert not passes(asked, Fraction(misses))
    assert passes(line, Fraction(0))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"kind": CriterionKind.RATING, "labels": ["Only one"]}, "at least two labels"),
        ({"kind": CriterionKind.RATING, "labels": ["Good", "Good"]}, "cannot be the same"),
        ({"kind": CriterionKind.RATING, "labels": [str(n) for n in range(11)]}, "at most 10 labels"),
        ({"kind": CriterionKind.RATING, "labels": ["Good", "x" * 41]}, "at most 40 characters"),
        ({"step": Decimal("0.3")}, "must fit its scale"),
        ({"scale": Decimal(101)}, "from 1 to 100"),
        ({"passing": Decimal(101)}, "above 0 and at most 100"),
        ({"anchors": ["x" * 201, "", ""]}, "at most 200 characters"),
    ],
)
def test_what_no_rubric_may_have(shared_app: Flask, changes: dict[str, Any], says: str) -> None:
    with shared_app.test_request_context(), force_locale("en"):
        line = CriterionLine(**{"title": "Effect", "weight": 100, **changes})
        [message] = criteria.errors([line], Limits())
        assert says in str(message)
        assert list(criteria.errors([POINTS, RATED, SAFE], Limits())) == []


@pytest.mark.parametrize(("kind", "hidden"), [("points", "labels"), ("rating", "anchor_low"), ("yes_no", "labels")])
def test_what_the_kind_does_not_have_is_not_checked(shared_app: Flask, kind: str, hidden: str) -> None:
    filled = {"title": "Fit", "weight": "100", "kind": kind, "scale": "10", "step": "1", "labels": "Poor\nGood"}
    with shared_app.test_request_context():
        form = CriterionForm(MultiDict(filled | {hidden: "x" * 5000}))
        assert form.validate(), form.errors
        shown = CriterionForm(MultiDict(filled | {"kind": "rating", "labels": "x" * 5000}))
        assert not shown.validate()
        assert set(shown.errors) == {"labels"}
