"""Every act that has the deadline is decided by the instant at which it arrived, and by nothing that came after it."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge, ChallengeCount
from challenges.queries import access as access_challenge
from crowd import clock
from crowd.audit import SYSTEM
from crowd.db import db
from crowd.errors import Conflict, NotFound
from crowd.ledger import check
from submissions import policy, queries, services
from submissions.models import Proposal
from submissions.shares import services as shares
from tests import factories
from tests.arrivals import arriving
from tests.cast import Cast
from tests.turns import in_turn
from tests.worlds import remembered

MILLISECOND = timedelta(milliseconds=1)
TEXT = {"title": "Three geophones", "abstract": "Short.", "body": "Long.", "language": "en"}


@dataclass
class Stage:
    """Bo has a draft with a file, in which Bea has agreed to a share; Dee takes part and has begun nothing."""

    cast: Cast
    challenge: Challenge
    draft: Proposal
    file_id: int

    def final(self) -> None:
        """Bea's share is settled and the proposal submitted."""
        shares.agree_share(self.cast.bea, self.draft.id)
        services.submit(self.cast.bo, self.draft.id)

    def withdrawn(self) -> None:
        """Submitted, and withdrawn."""
        self.final()
        services.withdraw(self.cast.bo, self.draft.id)

    def agreed(self) -> None:
        """All that is left to do is to submit."""
        shares.agree_share(self.cast.bea, self.draft.id)


@pytest.fixture
def stage(cast: Cast) -> Stage:
    draft = begun(cast)
    return Stage(cast, draft.challenge, draft, queries.working_version(draft).files[0].file_id)


@remembered
def begun(cast: Cast) -> Proposal:
    challenge = factories.opened(cast)
    draft = factories.proposal(cast.bo, challenge, submitted=False)
    stream = io.BytesIO(b"%PDF-1.7\n" + b"x" * 100)
    services.attach(cast.bo, draft.id, stream=stream, filename="plan.pdf")
    shares.set_shares(cast.bo, draft.id, own=7000, others=[(cast.bea.email, 3000)])
    services.register(cast.dee, challenge.id, accepted=True)
    return draft


def _attach(s: Stage) -> Any:
    stream = io.BytesIO(b"%PDF-1.7\n" + b"y" * 100)
    return services.attach(s.cast.bo, s.draft.id, stream=stream, filename="more.pdf")


Act = Callable[[Stage], Any]
ACTS: dict[str, tuple[Act | None, Act]] = {  # what must have happened before, and the act
    "register": (None, lambda s: services.register(s.cast.bea, s.challenge.id, accepted=True)),
    "unregister": (None, lambda s: services.unregister(s.cast.dee, s.challenge.id)),
    "start": (None, lambda s: services.start(s.cast.dee, s.challenge.id)),
    "save": (None, lambda s: services.save(s.cast.bo, s.draft.id, **TEXT)),
    "attach": (None, _attach),
    "detach": (None, lambda s: services.detach(s.cast.bo, s.draft.id, s.file_id)),
    "submit": (Stage.agreed, lambda s: services.submit(s.cast.bo, s.draft.id)),
    "withdraw": (Stage.final, lambda s: services.withdraw(s.cast.bo, s.draft.id)),
    "resume": (Stage.withdrawn, lambda s: services.resume(s.cast.bo, s.draft.id)),
    "set shares": (
        None,
        lambda s: shares.set_shares(s.cast.bo, s.draft.id, own=6000, others=[(s.cast.bea.email, 4000)]),
    ),
    "agree": (None, lambda s: shares.agree_share(s.cast.bea, s.draft.id)),
    "refuse": (None, lambda s: shares.refuse_share(s.cast.bea, s.draft.id)),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    in_turn(metafunc, "act", ACTS, number=3)


@pytest.fixture
def act(request: pytest.FixtureRequest, stage: Stage) -> Callable[[], Any]:
    before, function = ACTS[request.param]
    if before:
        before(stage)
    past(stage.challenge)
    return lambda: function(stage)


def past(challenge: Challenge) -> None:
    """The closing date has passed by a second; its grace has not."""
    now = clock.db_now()
    factories.move_dates(challenge, opens_at=now - timedelta(days=9), closes_at=now - timedelta(seconds=1))


def test_what_arrived_a_millisecond_before_the_close_is_taken_a_second_after_it(
    isolated: Flask, stage: Stage, act: Callable[[], Any]
) -> None:
    with arriving(isolated, stage.challenge.closes_at - MILLISECOND):
        act()


@pytest.mark.parametrize("late", [timedelta(0), MILLISECOND, timedelta(milliseconds=100)])
def test_what_arrived_at_the_close_or_later_is_refused_and_says_by_how_much(
    isolated: Flask, stage: Stage, act: Callable[[], Any], late: timedelta
) -> None:
    with arriving(isolated, stage.challenge.closes_at + late), pytest.raises(Conflict) as refused:
        act()
    assert f"this came {max(late, MILLISECOND).total_seconds():g} seconds later" in str(refused.value.message)


def test_what_arrived_in_time_is_refused_once_the_challenge_has_closed(
    isolated: Flask, stage: Stage, act: Callable[[], Any]
) -> None:
    """And is not told that it was late: it was not."""
    factories.closed(stage.cast, stage.challenge)
    with arriving(isolated, stage.challenge.closes_at - MILLISECOND), pytest.raises(Conflict) as refused:
        act()
    assert "10 seconds after its closing date" in str(refused.value.message)


def test_of_a_cancelled_challenge_it_is_said_that_it_was_cancelled(
    isolated: Flask, stage: Stage, act: Callable[[], Any]
) -> None:
    """Whether its closing date has passed meanwhile or not."""
    lifecycle.cancel(stage.cast.eve, stage.challenge.id, reason="The mains are replaced.")
    for offset in (-MILLISECOND, MILLISECOND):
        with arriving(isolated, stage.challenge.closes_at + offset), pytest.raises(Conflict) as refused:
            act()
        assert "The challenge was cancelled. What you wrote was kept" in str(refused.value.message)


def test_a_challenge_that_has_not_opened_takes_no_registration(cast: Cast) -> None:
    """Not even of the operator's people, who see it before."""
    challenge = factories.funded(cast)
    with pytest.raises(Conflict, match="does not take proposals at present"):
        services.register(cast.eve, challenge.id, accepted=True)
    with pytest.raises(NotFound):
        services.register(cast.bo, challenge.id, accepted=True)


def test_a_final_version_bears_the_instant_at_which_it_arrived(isolated: Flask, stage: Stage) -> None:
    stage.agreed()
    past(stage.challenge)
    at = stage.challenge.closes_at - MILLISECOND
    with arriving(isolated, at):
        version = services.submit(stage.cast.bo, stage.draft.id)
    assert version.submitted_at == at
    db.session.refresh(stage.draft)
    assert stage.draft.submitted_at == at


def test_a_stranger_is_told_nothing_of_a_deadline(isolated: Flask, stage: Stage) -> None:
    """Late or not, for who is not behind it there is no such proposal."""
    past(stage.challenge)
    for offset in (-MILLISECOND, MILLISECOND):
        with arriving(isolated, stage.challenge.closes_at + offset), pytest.raises(NotFound):
            services.submit(stage.cast.dee, stage.draft.id)


def test_nobody_opens_a_proposal_before_the_grace_has_ended(isolated: Flask, stage: Stage) -> None:
    stage.final()
    past(stage.challenge)
    sponsor_and_staff = (stage.cast.ada, stage.cast.eve, stage.cast.gu, stage.cast.aud)
    with pytest.raises(Conflict):
        lifecycle.close(SYSTEM, stage.challenge.id)
    for person in sponsor_and_staff:
        with pytest.raises(NotFound):
            queries.access(person, stage.draft.id)
        assert queries.visible_among(person, [stage.draft.id]) == set()
    factories.closed(stage.cast, stage.challenge)
    for person in sponsor_and_staff:
        assert queries.access(person, stage.draft.id, to=policy.can_view)


def test_without_a_request_the_present_instant_decides(cast: Cast, stage: Stage) -> None:
    past(stage.challenge)
    with pytest.raises(Conflict):
        services.save(cast.bo, stage.draft.id, **TEXT)


# ---- what is counted


def test_submissions_change_neither_the_challenges_row_nor_its_version(cast: Cast, stage: Stage) -> None:
    before = access_challenge(SYSTEM, stage.challenge.id).row_version, stage.challenge.changed_at
    stage.final()
    services.register(cast.bea, stage.challenge.id, accepted=True)
    db.session.expire_all()
    row = access_challenge(SYSTEM, stage.challenge.id)
    assert (row.row_version, row.changed_at) == before
    assert (row.proposals_count, row.registrations_count) == (1, 3)


def test_a_full_challenge_takes_no_registration(cast: Cast, stage: Stage) -> None:
    db.session.get_one(ChallengeCount, stage.challenge.id).registrations_limit = 2
    with pytest.raises(Conflict, match="no more registrations"):
        services.register(cast.bea, stage.challenge.id, accepted=True)
    assert stage.challenge.registrations_count == 2


def test_the_grace_and_the_limits_are_those_of_the_opening(stage: Stage) -> None:
    counts = db.session.get_one(ChallengeCount, stage.challenge.id)
    assert (counts.proposals_limit, counts.registrations_limit) == (stage.challenge.proposals_limit, 5000)
    assert stage.challenge.to_close_at == stage.challenge.closes_at + timedelta(seconds=10)


@pytest.mark.parametrize("column", ["proposals", "registrations"])
def test_the_check_of_the_books_warns_of_a_wrong_count(stage: Stage, column: str) -> None:
    assert "count_wrong" not in {finding.name for finding in check.run_checks()}
    db.session.execute(sa.text(f"UPDATE challenge_count SET {column} = {column} + 1"))
    (found,) = [finding for finding in check.run_checks() if finding.name == "count_wrong"]
    assert (found.subject, found.warning) == (f"challenge {stage.challenge.id}", True)


def test_submitting_is_few_statements_and_counts_last(isolated: Flask, stage: Stage) -> None:
    """The busiest minute of a challenge pays for each; whoever comes next waits for the count alone."""
    stage.agreed()
    author, draft_id = stage.cast.bo, stage.draft.id
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE")):
            sent.append(" ".join(statement.split()[:2]))

    with arriving(isolated, clock.db_now()):
        assert author.organisation_ids is not None  # who asks is known by then
        sa.event.listen(sa.Engine, "before_cursor_execute", note)
        try:
            services.submit(author, draft_id)
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert sent[-1] == "UPDATE challenge_count"
    assert len(sent) <= 13, sent  # with the receipts of two people
