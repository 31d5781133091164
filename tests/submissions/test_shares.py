"""Who gets what part: proposed by the author, agreed to by everybody, fixed while it is submitted."""

import pytest
import sqlalchemy as sa

from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.ledger.models import Owner
from crowd.notifications.models import Notification
from submissions import queries, services
from submissions.models import Proposal
from submissions.shares import services as shares
from tests import factories
from tests.cast import Cast


@pytest.fixture
def draft(cast: Cast) -> Proposal:
    return factories.proposal(cast.bo, factories.opened(cast), submitted=False)


def offer(cast: Cast, draft: Proposal, own: int = 7000, bea: int = 3000) -> None:
    shares.set_shares(cast.bo, draft.id, own=own, others=[(cast.bea.email.upper(), bea)])


def test_nothing_is_final_before_everybody_has_agreed(cast: Cast, draft: Proposal) -> None:
    offer(cast, draft)
    with pytest.raises(Invalid) as refused:
        services.finalise(cast.bo, draft.id)
    assert set(refused.value.fields) == {"shares"}
    shares.agree_share(cast.bea, draft.id)
    services.finalise(cast.bo, draft.id)
    assert queries.beneficiaries(draft) == [(Owner.USER, cast.bo.id, 7000), (Owner.USER, cast.bea.id, 3000)]


def test_setting_them_again_asks_again_and_the_same_again_does_not(cast: Cast, draft: Proposal) -> None:
    offer(cast, draft)
    shares.agree_share(cast.bea, draft.id)
    offer(cast, draft)
    assert all(share.agreed_at for share in draft.shares)
    offer(cast, draft, 6000, 4000)
    assert [share.agreed_at is None for share in draft.shares] == [False, True]


def test_who_refuses_leaves_and_the_shares_have_to_be_set_again(cast: Cast, draft: Proposal) -> None:
    offer(cast, draft)
    shares.refuse_share(cast.bea, draft.id)
    with pytest.raises(Invalid):
        services.finalise(cast.bo, draft.id)
    shares.set_shares(cast.bo, draft.id, own=10_000, others=[])
    assert draft.shares == []
    services.finalise(cast.bo, draft.id)
    assert queries.beneficiaries(draft) == [(Owner.USER, cast.bo.id, 10_000)]


def test_they_are_fixed_while_it_is_submitted(cast: Cast, draft: Proposal) -> None:
    offer(cast, draft)
    shares.agree_share(cast.bea, draft.id)
    services.finalise(cast.bo, draft.id)
    for act in (lambda: offer(cast, draft, 1, 9999), lambda: shares.refuse_share(cast.bea, draft.id)):
        with pytest.raises(Conflict):
            act()
    services.withdraw(cast.bo, draft.id)
    services.resume(cast.bo, draft.id)
    offer(cast, draft, 5000, 5000)


@pytest.mark.parametrize(("own", "bea"), [(7000, 3001), (7000, 2999), (0, 10_000), (10_000, 0), (20_000, -10_000)])
def test_they_add_up_to_the_whole(cast: Cast, draft: Proposal, own: int, bea: int) -> None:
    with pytest.raises(Invalid):
        offer(cast, draft, own, bea)


def test_only_people_who_can_take_part_have_a_share(cast: Cast, draft: Proposal) -> None:
    for address in ("nobody@crowd.example", cast.ada.email, cast.bo.email):
        with pytest.raises(Invalid):
            shares.set_shares(cast.bo, draft.id, own=5000, others=[(address, 5000)])
    twice = [(cast.bea.email, 2500), (cast.bea.email.title(), 2500)]
    with pytest.raises(Invalid):
        shares.set_shares(cast.bo, draft.id, own=5000, others=twice)


def test_who_shares_writes_after_agreeing_but_does_not_decide(cast: Cast, draft: Proposal) -> None:
    offer(cast, draft)
    texts = {"title": "a", "abstract": "b", "body": "c"}
    with pytest.raises(Forbidden):
        services.save(cast.bea, draft.id, **texts)
    shares.agree_share(cast.bea, draft.id)
    services.save(cast.bea, draft.id, **texts)
    with pytest.raises(Forbidden):
        services.finalise(cast.bea, draft.id)
    with pytest.raises(Forbidden):
        shares.set_shares(cast.bea, draft.id, own=1, others=[(cast.bea.email, 9999)])


def test_everybody_concerned_is_told(cast: Cast, draft: Proposal) -> None:
    offer(cast, draft)
    shares.agree_share(cast.bea, draft.id)
    shares.set_shares(cast.bo, draft.id, own=10_000, others=[])
    told = db.session.execute(sa.select(Notification.user_id, Notification.kind).order_by(Notification.id)).all()
    assert [(who, kind) for who, kind in told if kind.startswith("submissions.share")] == [
        (cast.bea.id, "submissions.share_proposed"),
        (cast.bo.id, "submissions.share_agreed"),
        (cast.bea.id, "submissions.share_removed"),
    ]


def test_an_agencys_award_goes_to_the_agency(cast: Cast) -> None:
    row = factories.proposal(cast.nils, factories.opened(cast), organisation=cast.northlight)
    assert queries.beneficiaries(row) == [(Owner.ORGANISATION, cast.northlight.id, 10_000)]
