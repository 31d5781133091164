"""A rubric of all kinds, from the form of the draft to the decision; a proposal below a passing score cannot win."""

from decimal import Decimal

import pytest
import sqlalchemy as sa

from challenges.brief import PrizeLine
from challenges.criteria import CriterionLine
from challenges.models import Challenge
from challenges.rubric import CriterionKind, Number
from crowd.audit import SYSTEM
from crowd.db import db
from crowd.errors import Conflict, Invalid
from crowd.ledger import check
from scoring.awards import services as awards
from scoring.models import Assignment, Score
from scoring.reviews import services as reviews
from scoring.settlement import services as settlement
from tests import factories
from tests.cast import Cast
from tests.challenges.test_views import fields
from tests.client import Browser
from tests.scoring.test_pages import REASON, text, words

LABELS = ["Not usable", "Weak", "Usable", "Good", "Excellent"]
RUBRIC = [
    CriterionLine(
        title="Effect", weight=40, step=Decimal("0.5"), anchors=["In a laboratory", "On one site", "On all sites"],
        comment_required=True,
    ),
    CriterionLine(title="Fit", weight=40, kind=CriterionKind.RATING, labels=LABELS, passing=Decimal(50)),
    CriterionLine(title="Safe", weight=20, kind=CriterionKind.YES_NO),
]  # fmt: skip


def many() -> list[PrizeLine]:
    return [PrizeLine(title="Idea", amount=100_000, award_count=3)]


def judged(cast: Cast, *points: tuple[str, int, int], score: str | None = "60") -> Challenge:
    """Ada's challenge with this rubric: all reviews of the first proposal give the first points, and so on."""
    challenge = factories.judging(cast, "bo", "bea", criteria=RUBRIC, passing_score=Decimal(score) if score else None)
    proposals = sorted({one.proposal_id for one in factories.assignments(challenge)})
    for one in factories.assignments(challenge):
        review(one, points[proposals.index(one.proposal_id)])
    return challenge


def review(one: Assignment, given: tuple[str, int, int]) -> None:
    effect, fit, safe = (line.id for line in one.proposal.challenge.criteria)
    marks: dict[int, Number] = {effect: Decimal(given[0]), fit: given[1], safe: given[2]}
    reviews.submit(one.reviewer, one.id, points=marks, comments={effect: "Shown on ten sites."}, comment=REASON)


def choose(cast: Cast, challenge: Challenge, proposal_id: int) -> None:
    prize = challenge.prizes[0]
    awards.select_award(cast.ada, challenge.id, prize_id=prize.id, proposal_id=proposal_id, reason="It is the best.")


def proposals(challenge: Challenge) -> list[int]:
    return sorted({one.proposal_id for one in factories.assignments(challenge)})


def test_one_proposal_misses_the_label_that_is_asked_for(cast: Cast, browser: Browser) -> None:
    challenge = judged(cast, ("7.5", 3, 1), ("9.5", 1, 1))
    good, short = proposals(challenge)
    page = words(text(browser.sign_in(cast.ada), f"/challenges/{challenge.id}/ranking"))
    assert "cannot win “Fit” is below its passing score: at least 3 of 5." in page
    assert page.count("cannot win “Fit”") == 1
    page = text(browser, f"/challenges/{challenge.id}/awards")
    assert f'value="{short}" disabled' in page
    assert "A proposal whose mean is below 60 of 100 cannot win." in words(page)
    form = {"award-prize_id": str(challenge.prizes[0].id), "award-proposal_id": str(short), "award-reason": REASON}
    refused = browser.post(f"/challenges/{challenge.id}/awards", form)
    assert (refused.status_code, "This proposal cannot win." in refused.text) == (422, True)
    chosen = browser.post(f"/challenges/{challenge.id}/awards", form | {"award-proposal_id": str(good)})
    assert chosen.status_code == 303
    awards.decide(cast.ada, challenge.id)
    factories.move_dates(challenge, appeals_until=challenge.decided_at)
    settlement.settle(SYSTEM, challenge.id)
    assert check.run_checks() == []


def test_the_mean_of_the_whole_is_asked_for_too(cast: Cast) -> None:
    challenge = judged(cast, ("6.5", 2, 0), ("7", 4, 1))
    short, good = proposals(challenge)
    with pytest.raises(Invalid) as refusal:
        choose(cast, challenge, short)
    assert "below 60 of 100" in str(refusal.value.fields["proposal_id"][0])
    choose(cast, challenge, good)


def test_without_a_passing_score_the_same_proposals_win(cast: Cast) -> None:
    challenge = judged(cast, ("0", 2, 0), ("7", 4, 1), score=None)
    choose(cast, challenge, proposals(challenge)[0])


def test_a_review_that_is_changed_after_the_choice_is_seen_by_the_decision(cast: Cast) -> None:
    challenge = judged(cast, ("7.5", 3, 1), ("9.5", 4, 1))
    best = proposals(challenge)[0]
    choose(cast, challenge, best)
    for one in factories.assignments(challenge):
        if one.proposal_id == best:
            review(one, ("2.5", 2, 0))
    with pytest.raises(Conflict, match="below 60 of 100"):
        awards.decide(cast.ada, challenge.id)


def test_a_reviewer_fills_in_all_kinds(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast, "bo", "bea", criteria=RUBRIC)
    first = factories.assignments(challenge)[0]
    effect, fit, safe = (line.id for line in challenge.criteria)
    path = f"/reviews/{first.id}"
    page = text(browser.sign_in(first.reviewer), path)
    assert "3 In a laboratory 5 On one site 8 On all sites" in words(page)
    assert [f">{label}</option>" in page for label in LABELS] == [True] * 5
    saved = browser.post(f"{path}/autosave", {f"points_{effect}": "7.5", f"points_{fit}": "3", "comment": ""})
    assert saved.status_code == 200
    assert "2 of 3 scored · total 75.0" in words(text(browser, path))
    whole = {
        f"points_{effect}": "7.5", f"points_{fit}": "4", f"points_{safe}": "1", f"comment_{effect}": "On ten sites.",
        "comment": REASON,
    }  # fmt: skip
    page = words(browser.post(path, whole | {f"points_{effect}": "7.25"}).text)
    assert "Give 0 to 10 points, in steps of 0.5." in page
    page = words(browser.post(path, whole | {f"points_{safe}": "", f"comment_{effect}": ""}).text)
    assert "Choose yes or no for “Safe”." in page
    assert "Say why, for “Effect”." in page
    assert browser.post(path, whole).status_code == 303
    given = dict(db.session.execute(sa.select(Score.criterion_id, Score.points)).all())
    assert given == {effect: Decimal("7.5"), fit: 4, safe: 1}


def test_the_panel_and_the_authors_read_each_kind_in_its_own_words(cast: Cast, browser: Browser) -> None:
    challenge = judged(cast, ("7.5", 3, 1), ("9.5", 4, 0))
    best = proposals(challenge)[0]
    awards.decide(cast.ada, challenge.id, reason="None of them can be built.")
    page = words(text(browser.sign_in(cast.bo), f"/proposals/{best}/reviews"))
    assert "Effect of 10 40% 7.5 7.5 7.5 7.5" in page
    assert "Fit of 5 40% Good Good Good 4.0" in page
    assert "Safe 20% Yes Yes Yes 100%" in page
    page = words(text(browser.sign_in(cast.bea), f"/challenges/{challenge.id}/prizes"))
    assert "Not usable · Weak · Usable · Good · Excellent" in page
    assert "To win: at least 3 of 5" in page
    page = words(text(browser, f"/challenges/{challenge.id}/contract"))
    assert "A rating with labels: Not usable · Weak · Usable · Good · Excellent; weight 40%" in page
    assert "Passing score of the whole at least 60 of 100" in page
    found = browser.get(f"/api/v1/challenges/{challenge.id}").get_json()["challenge"]
    assert found["passing_score"] == "60"
    assert [(one["kind"], one["scale"], one["step"], one["passing"]) for one in found["criteria"]] == [
        ("points", "10", "0.5", None), ("rating", "4", "1", "50"), ("yes_no", "1", "1", None),
    ]  # fmt: skip


def test_the_form_of_the_draft_keeps_every_kind(cast: Cast, browser: Browser) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang, criteria=RUBRIC, passing_score=Decimal("62.5"))
    page = fields(text(browser.sign_in(cast.ada), f"/challenges/{draft.id}/edit/rubric"))
    assert page["criteria-1-labels"].strip() == "\n".join(LABELS)
    assert (page["criteria-0-step"], page["criteria-0-anchor_low"]) == ("0.5", "In a laboratory")
    assert browser.post(f"/challenges/{draft.id}/edit/rubric", page | {"save": "1"}).status_code == 303
    db.session.refresh(draft)
    assert [(one.kind, one.labels, one.comment_required) for one in draft.criteria] == [
        (line.kind, line.labels, line.comment_required) for line in RUBRIC
    ]
    assert (draft.criteria[1].passing, draft.passing_score) == (50, Decimal("62.5"))
    page = fields(text(browser, f"/challenges/{draft.id}/edit/rubric"))
    wrong = page | {"criteria-1-labels": "Only one"}
    refused = browser.post(f"/challenges/{draft.id}/edit/rubric", wrong)
    assert (refused.status_code, "A rating needs at least two labels" in refused.text) == (422, True)


def test_the_first_of_the_ranking_win_together(cast: Cast) -> None:
    challenge = factories.judged(cast, "bo", "bea", "nils", "dee", prizes=many())
    prize = challenge.prizes[0].id
    for number, says in ((0, "from 1 to 3"), (4, "from 1 to 3")):
        with pytest.raises(Invalid, match=says):
            awards.select_first(cast.ada, challenge.id, prize_id=prize, number=number, reason=REASON)
    given = awards.select_first(cast.ada, challenge.id, prize_id=prize, number=2, reason=REASON)
    assert [(one.position, one.proposal_id) for one in given] == list(enumerate(proposals(challenge)[:2], 1))
    [third] = awards.select_first(cast.ada, challenge.id, prize_id=prize, number=1, reason=REASON)
    assert (third.position, third.proposal_id) == (3, proposals(challenge)[2])
    assert awards.deselect_all(cast.ada, challenge.id) == 3
    assert awards.select_first(cast.ada, challenge.id, prize_id=prize, number=3, reason=REASON)


def test_no_number_ends_within_a_tie(cast: Cast) -> None:
    challenge = factories.judging(cast, "bo", "bea", "nils", prizes=many())
    order = proposals(challenge)
    for one in factories.assignments(challenge):
        factories.review(one, points=9 if one.proposal_id == order[0] else 7)
    prize = challenge.prizes[0].id
    with pytest.raises(Invalid, match="share rank 2"):
        awards.select_first(cast.ada, challenge.id, prize_id=prize, number=2, reason=REASON)
    assert len(awards.select_first(cast.ada, challenge.id, prize_id=prize, number=3, reason=REASON)) == 3


def test_who_is_below_a_passing_score_is_left_out(cast: Cast) -> None:
    challenge = judged(cast, ("9.5", 1, 1), ("7.5", 3, 1))
    prize = challenge.prizes[0].id
    [given] = awards.select_first(cast.ada, challenge.id, prize_id=prize, number=1, reason=REASON)
    assert given.proposal_id == proposals(challenge)[1]
