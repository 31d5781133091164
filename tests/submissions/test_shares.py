"""Who gets what part: proposed by the author, agreed to by everybody, fixed while it is submitted."""

import pytest
import sqlalchemy as sa

from crowd.audit import AuditEvent
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.ledger.models import OwnerType
from crowd.notifications.models import Notification
from submissions import services
from submissions.models import Proposal, Share
from submissions.shares import services as shares
from submissions.shares.split import beneficiaries
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser


@pytest.fixture
def draft(cast: Cast) -> Proposal:
    return factories.proposal(cast.bo, factories.opened(cast), submitted=False)


def paid(proposal: Proposal) -> list[tuple[OwnerType, int, int]]:
    return [(one.owner, one.owner_id, one.basis_points) for one in beneficiaries(proposal)]


def told(kind: str) -> list[int]:
    query = sa.select(Notification.user_id).where(Notification.kind == kind).order_by(Notification.id)
    return list(db.session.scalars(query))


def offer(cast: Cast, draft: Proposal, own: int = 7000, bea: int = 3000) -> None:
    shares.set_shares(cast.bo, draft.id, own=own, others=[(cast.bea.email.upper(), bea)])


def test_nothing_is_final_before_everybody_has_agreed(cast: Cast, draft: Proposal) -> None:
    offer(cast, draft)
    with pytest.raises(Invalid) as refused:
        services.submit(cast.bo, draft.id)
    assert set(refused.value.fields) == {"shares"}
    shares.agree_share(cast.bea, draft.id)
    services.submit(cast.bo, draft.id)
    assert paid(draft) == [(OwnerType.USER, cast.bo.id, 7000), (OwnerType.USER, cast.bea.id, 3000)]


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
        services.submit(cast.bo, draft.id)
    shares.set_shares(cast.bo, draft.id, own=10_000, others=[])
    assert draft.shares == []
    services.submit(cast.bo, draft.id)
    assert paid(draft) == [(OwnerType.USER, cast.bo.id, 10_000)]


def test_they_are_fixed_while_it_is_submitted(cast: Cast, draft: Proposal) -> None:
    offer(cast, draft)
    shares.agree_share(cast.bea, draft.id)
    services.submit(cast.bo, draft.id)
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
        services.submit(cast.bea, draft.id)
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


def test_each_act_is_recorded_with_its_shares(cast: Cast, draft: Proposal) -> None:
    offer(cast, draft)
    shares.agree_share(cast.bea, draft.id)
    shares.agree_share(cast.bea, draft.id)  # changes nothing, and is not recorded
    shares.refuse_share(cast.bea, draft.id)
    query = sa.select(AuditEvent).where(AuditEvent.action.startswith("share")).order_by(AuditEvent.id)
    events = list(db.session.scalars(query))
    assert [(event.action, event.actor_id, event.subject_id) for event in events] == [
        ("shares.set", cast.bo.id, draft.id), ("share.agreed", cast.bea.id, draft.id),
        ("share.refused", cast.bea.id, draft.id),
    ]  # fmt: skip
    assert set(str(events[0].data["shares"])) >= set("73"), "who gets what stands in it"
    assert "3000" in str(events[1].data["points"])


SET = "The shares are set. Everybody named has to agree"


def said(cast: Cast, proposal: Proposal, browser: Browser, own: str, **others: str) -> str:
    """What the page says after the shares were set."""
    form = {"own": own} | {f"others-0-{name}": value for name, value in others.items()}
    assert browser.post(f"/proposals/{proposal.id}/shares", form).status_code == 303
    return browser.get(f"/proposals/{proposal.id}").text


def test_the_page_asks_for_nobodys_word_where_nobody_else_is_named(
    cast: Cast, draft: Proposal, browser: Browser
) -> None:
    browser.sign_in(cast.bo)
    assert SET not in said(cast, draft, browser, "100"), "set to what it was"
    assert SET in said(cast, draft, browser, "70", address=cast.bea.email, percent="30")
    assert SET not in said(cast, draft, browser, "100")


# ---- an agency's


@pytest.fixture
def agencys(cast: Cast) -> Proposal:
    """Bea's draft for Northlight, which Nils owns."""
    assert cast.nils.id
    join(cast.bea, cast.northlight)
    return factories.proposal(cast.bea, factories.opened(cast), submitted=False, organisation=cast.northlight)


def test_an_agencys_award_goes_to_the_agency(cast: Cast) -> None:
    row = factories.proposal(cast.nils, factories.opened(cast), organisation=cast.northlight)
    assert paid(row) == [(OwnerType.ORGANISATION, cast.northlight.id, 10_000)]


def test_the_agency_keeps_what_is_not_given_to_people(cast: Cast, agencys: Proposal) -> None:
    shares.set_shares(cast.nils, agencys.id, own=2500, others=[(cast.bo.email, 1500)])
    db.session.refresh(agencys)
    assert paid(agencys) == [
        (OwnerType.ORGANISATION, cast.northlight.id, 6000),
        (OwnerType.USER, cast.bea.id, 2500),
        (OwnerType.USER, cast.bo.id, 1500),
    ]
    assert [share.agreed_at is not None for share in agencys.shares] == [True, False, False], "its owner has set it"
    shares.agree_share(cast.bea, agencys.id)
    shares.agree_share(cast.bo, agencys.id)
    services.submit(cast.bea, agencys.id)
    assert sum(part for *_who, part in paid(agencys)) == 10_000


def test_a_member_does_not_give_away_what_is_the_agencys(cast: Cast, agencys: Proposal) -> None:
    """All to the author: an owner of the agency has to agree, and is told."""
    shares.set_shares(cast.bea, agencys.id, own=10_000, others=[])
    with pytest.raises(Invalid) as refused:
        services.submit(cast.bea, agencys.id)
    assert set(refused.value.fields) == {"shares"}
    assert told("submissions.agency_share") == [cast.nils.id]
    with pytest.raises(Forbidden):
        shares.agree_share(cast.bea, agencys.id, for_agency=True)
    shares.agree_share(cast.nils, agencys.id, for_agency=True)
    services.submit(cast.bea, agencys.id)
    assert paid(agencys) == [(OwnerType.USER, cast.bea.id, 10_000)]


def test_an_owner_finds_it_on_the_desk_and_an_insider_does_not(cast: Cast, agencys: Proposal, browser: Browser) -> None:
    shares.set_shares(cast.bea, agencys.id, own=10_000, others=[])
    task = f"/proposals/{agencys.id}"
    assert task in browser.sign_in(cast.nils).get("/dashboard").text
    assert "Respond to the share" in browser.get("/proposals").text
    db.session.refresh(cast.nils)
    join(cast.nils, cast.luoyang)
    assert task not in browser.sign_in(cast.nils).get("/dashboard").text
    assert browser.get(task).status_code == 404


def test_an_owner_who_refuses_has_them_set_again(cast: Cast, agencys: Proposal) -> None:
    shares.set_shares(cast.bea, agencys.id, own=10_000, others=[])
    shares.refuse_share(cast.nils, agencys.id, for_agency=True)
    with pytest.raises(Invalid):
        services.submit(cast.bea, agencys.id)
    shares.set_shares(cast.bea, agencys.id, own=0, others=[])
    assert agencys.shares == []
    services.submit(cast.bea, agencys.id)
    assert paid(agencys) == [(OwnerType.ORGANISATION, cast.northlight.id, 10_000)]


@pytest.mark.parametrize(("own", "bo"), [(9_000, 1_001), (-1, 100), (5_000, 0), (0, 10_001)])
def test_people_get_no_more_than_there_is(cast: Cast, agencys: Proposal, own: int, bo: int) -> None:
    with pytest.raises(Invalid):
        shares.set_shares(cast.nils, agencys.id, own=own, others=[(cast.bo.email, bo)])


def test_the_database_wants_exactly_one_party(cast: Cast, agencys: Proposal) -> None:
    for wrong in ({}, {"user_id": cast.bo.id, "organisation_id": cast.northlight.id}, {"user_id": cast.bo.id}):
        row = sa.insert(Share).values(proposal_id=agencys.id, basis_points=0, **wrong)
        with pytest.raises(sa.exc.IntegrityError), db.session.begin_nested():
            db.session.execute(row)


def test_an_agencys_split_on_its_pages(cast: Cast, agencys: Proposal, browser: Browser) -> None:
    here = f"/proposals/{agencys.id}"
    page = browser.sign_in(cast.bea).get(f"{here}/edit")
    assert "An award would go to Northlight Sensing." in page.text
    given = {"own": "25", "others-0-address": cast.bo.email, "others-0-percent": "15"}
    assert "Northlight Sensing gets 60%." in browser.post(f"{here}/shares", given | {"add": "1"}).text
    assert browser.post(f"{here}/shares", given).status_code == 303
    page = browser.sign_in(cast.nils).get(here)
    assert "The share of Northlight Sensing in an award would be 60%" in page.text
    assert browser.post(f"{here}/shares/agree", {"agency": "1"}).status_code == 303
    db.session.refresh(agencys)
    assert [share.agreed_at is not None for share in agencys.shares] == [True, True, False]


def test_the_page_asks_for_nobodys_word_where_all_of_it_is_the_agencys(
    cast: Cast, agencys: Proposal, browser: Browser
) -> None:
    browser.sign_in(cast.bea)
    assert SET in said(cast, agencys, browser, "40")
    assert SET not in said(cast, agencys, browser, "0")


def test_nor_where_who_sets_them_may_agree_to_all(cast: Cast, browser: Browser) -> None:
    entry = factories.proposal(cast.nils, factories.opened(cast), submitted=False, organisation=cast.northlight)
    browser.sign_in(cast.nils)
    assert SET not in said(cast, entry, browser, "40")
    assert entry.shares
