"""Shares as the operation around them sees them, and what the page of a proposal is led to afterwards."""

import pytest
import sqlalchemy as sa

from crowd.audit import AuditEvent
from crowd.db import atomic, db
from crowd.errors import Invalid
from submissions.models import Proposal, Share
from submissions.shares import services
from submissions.shares.split import beneficiaries
from tests import factories
from tests.cast import Cast, join


@pytest.fixture
def draft(cast: Cast) -> Proposal:
    return factories.proposal(cast.bo, factories.opened(cast), submitted=False)


def parts(proposal: Proposal) -> list[tuple[int | None, int]]:
    return [(share.user_id, share.basis_points) for share in proposal.shares]


def test_an_operation_around_them_reads_what_was_set_and_what_is_left(cast: Cast, draft: Proposal) -> None:
    """A form's response is one transaction: what it shows after the operation is not what was there before."""
    bea = cast.bea

    @atomic
    def set_and_refuse() -> list[list[tuple[int | None, int]]]:
        seen = [parts(draft)]
        services.set_shares(cast.bo, draft.id, own=7000, others=[(bea.email, 3000)])
        seen.append(parts(draft))
        services.refuse_share(bea, draft.id)
        return [*seen, parts(draft)]

    assert set_and_refuse() == [[], [(cast.bo.id, 7000), (bea.id, 3000)], [(cast.bo.id, 7000)]]


def test_each_act_gives_the_shares_that_it_leaves(cast: Cast, draft: Proposal) -> None:
    others = [(cast.bea.email, 3000)]
    rows = services.set_shares(cast.bo, draft.id, own=7000, others=others)
    assert [(row.user_id, row.basis_points) for row in rows] == [(cast.bo.id, 7000), (cast.bea.id, 3000)]
    again = services.set_shares(cast.bo, draft.id, own=7000, others=others)
    assert [row.id for row in again] == [row.id for row in rows]
    agreed = services.agree_share(cast.bea, draft.id)
    assert isinstance(agreed, Share)
    assert (agreed.id, agreed.agreed_at is not None) == (rows[1].id, True)
    assert services.agree_share(cast.bea, draft.id).agreed_at == agreed.agreed_at, "as of the first time"


def test_the_shares_of_one_proposal_leave_those_of_others_alone(cast: Cast, draft: Proposal) -> None:
    other = factories.proposal(cast.dee, draft.challenge, submitted=False)
    services.set_shares(cast.dee, other.id, own=4000, others=[(cast.bea.email, 6000)])
    services.set_shares(cast.bo, draft.id, own=7000, others=[(cast.bea.email, 3000)])
    services.set_shares(cast.bo, draft.id, own=10_000, others=[])
    assert (parts(other), parts(draft)) == ([(cast.dee.id, 4000), (cast.bea.id, 6000)], [])


@pytest.mark.parametrize(("own", "bea", "total"), [(7000, 3001, "100.01"), (7000, 2999, "99.99"), (0, 10_000, "100")])
def test_a_sum_that_is_not_the_whole_is_said(cast: Cast, draft: Proposal, own: int, bea: int, total: str) -> None:
    with pytest.raises(Invalid) as refused:
        services.set_shares(cast.bo, draft.id, own=own, others=[(cast.bea.email, bea)])
    assert f"not {total}." in str(refused.value.fields["own"][0])
    assert draft.shares == []


@pytest.mark.parametrize("own", [0, 1, 9999, 10_000])
def test_an_agency_keeps_the_rest_down_to_nothing(cast: Cast, own: int) -> None:
    join(cast.bea, cast.northlight)
    assert cast.nils.id
    row = factories.proposal(cast.bea, factories.opened(cast), submitted=False, organisation=cast.northlight)
    services.set_shares(cast.nils, row.id, own=own, others=[])
    whole = {one.owner_id if one.party is cast.northlight else -1: one.basis_points for one in beneficiaries(row)}
    expected = {cast.northlight.id: 10_000 - own, -1: own}
    assert whole == {number: points for number, points in expected.items() if points}


def test_the_record_says_what_an_agency_keeps(cast: Cast) -> None:
    join(cast.bea, cast.northlight)
    assert cast.nils.id
    row = factories.proposal(cast.bea, factories.opened(cast), submitted=False, organisation=cast.northlight)
    services.set_shares(cast.nils, row.id, own=2500, others=[])
    services.set_shares(cast.nils, row.id, own=0, others=[])
    query = sa.select(AuditEvent.data).where(AuditEvent.action == "shares.set").order_by(AuditEvent.id)
    divided, whole = db.session.scalars(query)
    assert "7500" in str(divided["agency_points"])
    assert "2500" in str(divided["shares"])
    assert "agency_points" not in whole, "nothing is divided any more"


def test_a_closed_account_is_still_paid_and_has_no_page(cast: Cast, draft: Proposal) -> None:
    services.set_shares(cast.bo, draft.id, own=7000, others=[(cast.bea.email, 3000)])
    assert [one.has_page for one in beneficiaries(draft)] == [True, True]
    cast.bea.active = False
    assert [(one.owner_id, one.has_page) for one in beneficiaries(draft)] == [(cast.bo.id, True), (cast.bea.id, False)]
    agencys = factories.proposal(cast.nils, draft.challenge, organisation=cast.northlight)
    assert [one.has_page for one in beneficiaries(agencys)] == [True]
