"""A challenge that is paid opens for a verified organisation alone: its opening waits, then goes on or is cancelled."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from challenges import jobs
from challenges.lifecycle import services
from challenges.models import Challenge
from challenges.next_steps import Phase, phase_of
from challenges.workflow import ChallengeState
from crowd.audit import SYSTEM, AuditEvent
from crowd.clock import now
from crowd.db import commit, db
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.ledger.models import LedgerAccountKind, OwnerType
from crowd.notifications.models import Notification
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.submissions.test_pages import words

EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
DAY = timedelta(days=1)


def unverified(cast: Cast) -> Challenge:
    """Ada's challenge is paid and opens in a day; the verification of her organisation ends, and the day comes."""
    challenge = factories.funded(cast, opens_at=now() + DAY)
    assert challenge.state == ChallengeState.FUNDED
    cast.luoyang.verified_at = None
    factories.move_dates(challenge, opens_at=now() - timedelta(minutes=1))
    return challenge


def told(kind: str) -> list[int]:
    return list(db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == kind)))


@EVERY_LANGUAGE
def test_it_waits_and_opens_once_the_organisation_is_verified_again(cast: Cast, browser: Browser, locale: str) -> None:
    cast.ada.locale = locale
    challenge = unverified(cast)
    for _turn in range(2):
        services.open(SYSTEM, challenge.id)
    assert (challenge.state, challenge.published_at) == (ChallengeState.FUNDED, None)
    assert told("challenges.opening_waits").count(cast.ada.id) == 1
    assert phase_of(challenge, now()) == Phase.UNOPENED
    page = words(browser.sign_in(cast.ada).get(f"/challenges/{challenge.id}").text)
    assert ("not verified any more" if locale == "en" else "已不再") in page
    assert browser.sign_in(cast.dee).get(f"/challenges/{challenge.id}").status_code == 404
    assert check.run_checks() == []
    cast.luoyang.verified_at = now()
    db.session.flush()
    services.open(SYSTEM, challenge.id)
    assert (challenge.state, challenge.unverified_at) == (ChallengeState.OPEN, None)
    assert check.run_checks() == []


def test_what_has_waited_too_long_is_cancelled_and_refunded(cast: Cast) -> None:
    challenge = unverified(cast)
    services.open(SYSTEM, challenge.id)
    cost = challenge.cost
    factories.move_dates(challenge, opens_at=now() - 31 * DAY)
    services.open(SYSTEM, challenge.id)
    assert (challenge.state, challenge.unverified_at) == (ChallengeState.CANCELLED, None)
    assert all(text in challenge.cancel_reason for text in ("verified again in time", "核验"))
    whose = cast.luoyang.id
    assert ledger.balance(LedgerAccountKind.SPONSOR, OwnerType.ORGANISATION, whose, "CNY") == cost
    assert ledger.in_escrow(challenge.id, "CNY") == 0
    assert cast.ada.id in told("challenges.cancelled")
    assert check.run_checks() == []


def test_it_does_not_wait_beyond_the_time_that_it_must_be_open(cast: Cast) -> None:
    challenge = unverified(cast)
    services.open(SYSTEM, challenge.id)
    factories.move_dates(challenge, closes_at=now() + timedelta(minutes=1))
    services.open(SYSTEM, challenge.id)
    assert challenge.state == ChallengeState.CANCELLED


def test_the_job_that_opens_what_is_due_looks_again(cast: Cast) -> None:
    challenge = unverified(cast)
    commit()
    jobs.open_and_close_due()
    db.session.expire_all()
    assert challenge.unverified_at is not None
    actions = sa.select(AuditEvent.action).where(AuditEvent.challenge_id == challenge.id)
    jobs.open_and_close_due()
    assert list(db.session.scalars(actions)).count("challenge.opening_waits") == 1
    cast.luoyang.verified_at = now()
    commit()
    jobs.open_and_close_due()
    db.session.expire_all()
    assert challenge.state == ChallengeState.OPEN
