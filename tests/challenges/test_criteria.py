"""What a criterion is stands in one place: another kind, put there, is counted, entered and shown everywhere."""

import pytest
from wtforms import Field, SelectField

from challenges import criteria
from challenges.criteria import CriterionLine, PointsKind
from challenges.models import Criterion
from crowd.errors import Invalid
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

    def scale_text(self, line: Criterion) -> str:
        return "poor to good"

    def field(self, line: Criterion) -> Field:
        choices = [("", "–"), *((str(i), name) for i, name in enumerate(self.names))]
        return SelectField("Grade", choices=choices, coerce=lambda given: int(given) if given != "" else None)

    def suffix(self, line: Criterion) -> str:
        return ""

    def wrong(self, line: Criterion) -> str:
        return "There is no such grade."

    def missing(self, line: Criterion) -> str:
        return f"Grade {line.title}."

    def accepts(self, line: Criterion, points: int) -> bool:
        return points in (0, 1, 2)

    def counted(self, line: Criterion, points: int) -> float:
        return line.weight * (0, 0.2, 1)[points]

    def shown(self, points: int) -> str:
        return self.names[points]

    def out_of(self, line: Criterion) -> str:
        return ""


def test_another_kind_is_played_to_the_end(cast: Cast, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(criteria, "_POINTS", Grades())
    rubric = [CriterionLine(title="Offline", weight=40, scale=2), CriterionLine(title="Accuracy", weight=60, scale=2)]
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
