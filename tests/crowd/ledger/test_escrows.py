"""How the money of each challenge of an organisation was split, page by page."""

import pytest

from crowd.errors import Invalid
from crowd.ledger.escrows import queries
from tests import factories
from tests.cast import Cast


def test_where_the_money_of_each_challenge_went(cast: Cast) -> None:
    settled = factories.settled(cast)
    opened = factories.opened(cast)
    newest, oldest = queries.escrows(cast.luoyang.id)
    assert (newest.challenge_id, newest.paid_in, newest.held) == (opened.id, opened.cost, opened.cost)
    assert (newest.awarded, newest.fee, newest.back) == (0, 0, 0)
    assert (oldest.challenge_id, oldest.held, oldest.awarded) == (settled.id, 0, 20_000_000)
    assert oldest.paid_in == oldest.awarded + oldest.fee + oldest.back
    first = queries.escrows(cast.luoyang.id, size=1)
    second = queries.escrows(cast.luoyang.id, after=first.after, size=1)
    assert [row.challenge_id for page in (first, second) for row in page] == [opened.id, settled.id]
    assert second.after is None
    for wrong in ("x", "-1", "9" * 40, "１"):
        with pytest.raises(Invalid):
            queries.escrows(cast.luoyang.id, after=wrong)
