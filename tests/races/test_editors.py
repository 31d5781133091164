"""Two people write one draft at the same moment: on different steps nothing is lost, on the same one is told."""

from collections.abc import Callable

from flask import Flask

from challenges import services
from challenges.brief import Changes, PrizeLine, from_challenge, mark
from challenges.models import Challenge
from crowd.accounts.models import User
from crowd.db import db
from crowd.errors import Conflict
from tests import factories
from tests.cast import Cast
from tests.races.solvers import at_once

TRIES = 10


def save(user_id: int, challenge_id: int, changes: Changes) -> Callable[[], int]:
    """A step as it was when the page was opened, saved now."""
    base = mark(from_challenge(db.session.get_one(Challenge, challenge_id)), changes)

    def act() -> int:
        return services.edit(db.session.get_one(User, user_id), challenge_id, changes=changes, base=base).id

    return act


def test_two_editors_at_once(committed: Flask) -> None:
    with committed.app_context():
        cast = Cast()
        number, ada, abe = factories.challenge(cast.ada, cast.luoyang).id, cast.ada.id, cast.abe.id
    for turn in range(TRIES):
        amount = 1_000 + turn
        with committed.app_context():
            acts = [
                save(ada, number, {"prizes": [PrizeLine(title="One", amount=amount)], "currency": "CNY"}),
                save(abe, number, {"rights": f"Turn {turn}"}),
                save(ada, number, {"title": f"Ada's {turn}", "summary": "Ada's"}),
                save(abe, number, {"title": f"Abe's {turn}", "summary": "Abe's"}),
            ]
        prizes, rights, *titles = at_once(committed, acts)
        assert (prizes, rights) == (number, number)
        assert sorted(isinstance(one, Conflict) for one in titles) == [False, True]
        with committed.app_context():
            challenge = db.session.get_one(Challenge, number)
            assert (challenge.prize_total, challenge.rights) == (amount, f"Turn {turn}")
            assert challenge.title.removesuffix(f" {turn}") == challenge.summary, "one of the two, whole"
