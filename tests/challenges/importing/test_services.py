"""A feed comes in once, keeps its source beside what was understood, and never touches the platform's own figures."""

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.importing.models import ExternalRecord
from challenges.importing.services import Report, import_feed
from challenges.models import Challenge, Origin
from challenges.workflow import ChallengeState
from crowd.audit import SYSTEM
from crowd.db import db
from crowd.errors import Invalid
from tests.cast import Cast

ROW = {
    "challenge-id": "77",
    "challenge-title": "Clean water from air",
    "permalink": "https://www.challenge.gov/challenge/clean-water/",
    "tagline": "Water where there is none",
    "type-of-challenge": "Ideas",
    "total-prize-offered-cash": "$425,000",
    "challenge_status": "closed",
    "agency": "Bureau of Wells",
    "submission-start": "03/18/2019 12:00 AM",
    "submission-end": "04/22/2019 11:59 PM",
    "description": "<p>See {{ site.baseurl }} and <script>alert(1)</script><b>drink</b>.</p>",
    "prizes": "",
    "rules": "",
    "judging": "",
    "how-to-enter": "",
}
LATER = {**ROW, "challenge-id": "78", "submission-end": "04/22/2099 11:59 PM", "challenge_status": "open"}


def feed_of(folder: Path, *rows: Any) -> Path:
    path = folder / "feed.json"
    path.write_text(json.dumps({"origin": "test", "challenges": list(rows)}))
    return path


def take(folder: Path, *rows: Any) -> Report:
    return import_feed(SYSTEM, feed_of(folder, *rows))


def imported(foreign_id: str) -> tuple[Challenge, ExternalRecord]:
    source = db.session.scalars(sa.select(ExternalRecord).where(ExternalRecord.foreign_id == foreign_id)).one()
    return db.session.get_one(Challenge, source.challenge_id), source


def test_a_record_of_another_platform_says_so(cast: Cast, tmp_path: Path) -> None:
    report = take(tmp_path, ROW, LATER)
    assert (report.read, report.created) == (2, 2)
    past, source = imported("77")
    running, _ = imported("78")
    assert (past.origin, past.state, running.state) == (Origin.EXTERNAL, ChallengeState.ARCHIVED, ChallengeState.LISTED)
    assert (past.currency, past.prize_total) == ("USD", 42_500_000)
    assert past.organisation.name == "Bureau of Wells"
    assert past.organisation.verified_at is None
    assert source.row == ROW
    assert source.url == ROW["permalink"]


def test_braces_stay_literal_and_markup_is_safe(cast: Cast, tmp_path: Path) -> None:
    take(tmp_path, ROW)
    _, source = imported("77")
    need = source.mapped["sections"]["need"]
    assert "{{ site.baseurl }}" in need
    assert "script" not in need
    assert "drink" in need


def test_a_second_run_changes_nothing_and_a_changed_row_is_brought_up_to_date(cast: Cast, tmp_path: Path) -> None:
    take(tmp_path, ROW)
    assert take(tmp_path, ROW).unchanged == 1
    changed = copy.deepcopy(ROW) | {"challenge-title": "Cleaner water from air"}
    assert take(tmp_path, changed).updated == 1
    assert imported("77")[0].title == "Cleaner water from air"
    assert db.session.scalar(sa.select(sa.func.count(Challenge.id))) == 1


def test_what_cannot_be_understood_is_reported_and_costs_no_other_row(cast: Cast, tmp_path: Path) -> None:
    odd = {**ROW, "challenge-id": "79", "submission-end": "when it is done", "total-prize-offered-cash": "a handshake"}
    report = take(tmp_path, odd, "not a row", ROW)
    assert report.created == 2
    reasons = {str(problem.reason) for _, _, problem in report.problems}
    assert {"date_not_understood", "prize_not_understood", "not_an_object"} <= reasons


def test_a_file_that_is_no_feed_is_refused(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "no.json"
    path.write_text("<html>")
    with pytest.raises(Invalid):
        import_feed(SYSTEM, path)


@pytest.mark.parametrize("limit", [{"import_bytes": 100}, {"import_rows": 1}])
def test_the_limits_of_an_import_are_settings(
    limit: dict[str, int], cast: Cast, isolated: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = isolated.config["CROWD"]
    monkeypatch.setitem(isolated.config, "CROWD", replace(settings, limits=replace(settings.limits, **limit)))
    with pytest.raises(Invalid):
        take(tmp_path, ROW, LATER)
    monkeypatch.undo()
    assert take(tmp_path, ROW, LATER).created == 2
