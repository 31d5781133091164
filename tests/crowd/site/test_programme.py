"""The programme officer's page: the bureau's decisions by due date, its challenges, and where its money is."""

import html
import re
from datetime import timedelta

import pytest

from challenges import next_steps
from crowd.accounts.models import OrganisationKind
from crowd.clock import now
from crowd.db import db
from crowd.site.programme import programmes_of
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser


@pytest.fixture
def bureau(cast: Cast) -> Cast:
    """Luoyang Water Group is a government body, for which Pia acts."""
    cast.luoyang.kind = OrganisationKind.GOVERNMENT
    join(cast.pia, cast.luoyang)
    db.session.refresh(cast.pia)
    return cast


def test_the_page_adds_up_what_the_ledger_has(bureau: Cast, browser: Browser) -> None:
    settled, opened = factories.settled(bureau), factories.opened(bureau)
    (programme,) = programmes_of(bureau.pia)
    (total,) = programme.escrows
    assert total.held == opened.cost
    assert total.paid_in == settled.cost + opened.cost
    assert total.paid_in == total.held + total.awarded + total.fee + total.back
    assert (total.awarded, total.fee) == (20_000_000, 1_000_000)
    page = browser.sign_in(bureau.pia).get("/programme").text
    for shown in ("¥630,000", "¥315,000", "¥200,000", "¥10,000", "¥105,000"):
        assert shown in page
    for row in (settled, opened):
        assert f"/challenges/{row.id}" in page
    bureau.pia.locale = "zh_Hans_CN"
    chinese = browser.get("/programme").text
    for exact, large in (("¥630,000", "63万元"), ("¥315,000", "31.5万元"), ("¥10,000", "1万元")):
        assert re.search(rf"{exact}</span>\s*<span[^>]*>（{large}）", chinese)


def test_decisions_come_by_due_date_and_say_who_may_take_them(bureau: Cast, browser: Browser) -> None:
    late, later = factories.closed(bureau), factories.closed(bureau)
    late.reviews_due_at, late.decision_due_at = now() - timedelta(days=9), now() - timedelta(days=2)
    later.decision_due_at = now() + timedelta(days=2)
    (programme,) = programmes_of(bureau.pia)
    assert [row.id for row in programme.decisions] == [late.id, later.id]
    page = browser.sign_in(bureau.pia).get("/programme").text
    first, second = page.split("<tbody>")[1].split("</tbody>")[0].split("</tr>")[:2]
    assert ("Overdue" in first, "Overdue" in second) == (True, False)
    for row, shown in ((late, first), (later, second)):
        step = next_steps.next_of(row, now())
        assert step is not None
        assert str(step.what) in html.unescape(shown)


def test_only_bodies_of_government_are_a_programme(cast: Cast, browser: Browser) -> None:
    join(cast.pia, cast.luoyang)
    db.session.refresh(cast.pia)
    assert programmes_of(cast.pia) == []
    assert "/account/organisations" in browser.sign_in(cast.pia).get("/programme").text
    assert browser.sign_in(cast.ada).get("/programme").status_code == 403
    assert browser.sign_out().get("/programme").status_code == 302
