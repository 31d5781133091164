"""Support in kind: who agrees, who gets a voucher, who redeems and confirms it; no money is posted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from challenges.contract import queries as contracts
from challenges.contract.document import read_document
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.support import policy, queries, services
from challenges.support.models import SupportLine, Voucher
from challenges.support.workflow import GrantedTo, VoucherState
from challenges.workflow import ChallengeState
from crowd.accounts.models import MemberRole, Organisation, OrganisationKind, User
from crowd.audit import SYSTEM, AuditEvent
from crowd.clock import now
from crowd.db import commit, db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound, OperationError
from crowd.ledger import check
from crowd.ledger.check import errors
from crowd.ledger.models import Transfer
from crowd.notifications.models import Notification
from submissions import services as submissions
from submissions.sealing import queries as sealing
from tests import factories
from tests.cast import Cast

HOURS: dict[str, Any] = {
    "title": "Rheometer", "quantity": 20, "unit": "hours", "conditions": "On weekdays.", "granted_to": "registered",
    "valid_days": 90,
}  # fmt: skip


def park() -> tuple[Organisation, User]:
    """A park that grants, and its owner."""
    row = factories.organisation("Dahe Science Park", OrganisationKind.PARK)
    return row, factories.user("Pan", member_of=row, role=MemberRole.OWNER)


def supported(cast: Cast, **changes: Any) -> tuple[Challenge, SupportLine, User]:
    """Ada's open challenge, to whose parties a park grants hours."""
    whose, pan = park()
    draft = factories.challenge(cast.ada, cast.luoyang)
    line = services.add(cast.ada, draft.id, **(HOURS | {"grantor": whose.name} | changes))
    services.agree(pan, draft.id, line.id)
    return opened(cast, draft), line, pan


def opened(cast: Cast, draft: Challenge) -> Challenge:
    lifecycle.submit(cast.ada, draft.id)
    factories.approve(cast.eve, draft.id)
    factories.pay_in(cast, cast.luoyang, draft.cost)
    return lifecycle.fund(cast.ada, draft.id)


def vouchers(challenge: Challenge) -> list[Voucher]:
    query = sa.select(Voucher).where(Voucher.challenge_id == challenge.id).order_by(Voucher.id)
    return list(db.session.scalars(query))


def told(kind: str) -> set[int]:
    query = sa.select(Notification.user_id).where(Notification.kind == f"challenges.{kind}")
    return set(db.session.scalars(query))


# ---- the draft


def test_another_grantor_agrees_before_the_challenge_is_submitted(cast: Cast) -> None:
    whose, pan = park()
    draft = factories.challenge(cast.ada, cast.luoyang)
    line = services.add(cast.ada, draft.id, grantor="dahe science park", **HOURS)
    assert (line.grantor_id, line.waits, told("support_asked")) == (whose.id, True, {pan.id})
    with pytest.raises(Conflict):
        lifecycle.submit(cast.ada, draft.id)
    services.decline(pan, draft.id, line.id)
    with pytest.raises(Conflict):
        lifecycle.submit(cast.ada, draft.id)
    services.agree(pan, draft.id, line.id)
    assert told("support_agreed") == told("support_declined") == {cast.ada.id}
    challenge = opened(cast, draft)
    (clause,) = read_document(contracts.in_force(challenge).document)["support"]
    assert clause == {
        "grantor": {"organisation": whose.id, "name": whose.name}, "title": "Rheometer", "quantity": 20,
        "unit": "hours", "conditions": "On weekdays.", "granted_to": "registered", "valid_days": 90,
    }  # fmt: skip


def test_the_sponsor_agrees_by_writing_it(cast: Cast) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang)
    line = services.add(cast.ada, draft.id, grantor="", **HOURS)
    assert (line.grantor_id, line.agreed_by) == (cast.luoyang.id, cast.ada.id)
    assert lifecycle.submit(cast.ada, draft.id).state == ChallengeState.SCREENING


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"grantor": "Nobody"}, "grantor"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": services.MAX_QUANTITY + 1}, "quantity"),
        ({"valid_days": 731}, "valid_days"),
    ],
)
def test_what_cannot_be_granted_says_so_at_its_field(cast: Cast, changes: dict[str, Any], field: str) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang)
    with pytest.raises(Invalid) as refused:
        services.add(cast.ada, draft.id, **({"grantor": ""} | HOURS | changes))
    assert set(refused.value.fields) == {field}


def test_only_in_a_draft(cast: Cast) -> None:
    challenge, line, pan = supported(cast)
    acts: list[Callable[[], object]] = [
        lambda: services.add(cast.ada, challenge.id, grantor="", **HOURS),
        lambda: services.remove(cast.ada, challenge.id, line.id),
        lambda: services.decline(pan, challenge.id, line.id),
    ]
    for act in acts:
        with pytest.raises(Conflict):
            act()


def test_who_may_write_and_who_may_answer(cast: Cast) -> None:
    """Every role of the sponsor, of the grantor and of strangers."""
    whose, pan = park()
    draft = factories.challenge(cast.ada, cast.luoyang)
    line = services.add(cast.ada, draft.id, grantor=whose.name, **HOURS)
    people = {role: factories.user(role.title(), member_of=whose, role=role) for role in MemberRole}
    roles: dict[str, User | None] = {str(role): person for role, person in people.items()}
    everybody = {**roles, "ada": cast.ada, "bo": cast.bo, "eve": cast.eve, "nobody": None}
    answers = {name for name, one in everybody.items() if policy.can_answer(one, line)}
    assert answers == {MemberRole.OWNER, MemberRole.MANAGER}
    assert {name for name, one in everybody.items() if policy.can_edit(one, draft)} == {"ada"}
    grantors = {line.grantor_id}
    sees = {name for name, one in everybody.items() if policy.can_view_support(one, draft, grantors)}
    assert sees == {MemberRole.OWNER, MemberRole.MANAGER, "ada"}
    with pytest.raises(NotFound):
        services.agree(cast.bo, draft.id, line.id)
    with pytest.raises(Forbidden):
        services.agree(cast.ada, draft.id, line.id)
    assert services.agree(pan, draft.id, line.id).agreed_by == pan.id


def test_a_row_that_differs_from_the_contract_is_found(cast: Cast) -> None:
    challenge, line, _pan = supported(cast)
    assert errors(check.run_checks()) == []
    db.session.execute(sa.text("UPDATE support_line SET quantity = 21 WHERE id = :id"), {"id": line.id})
    found = [(one.name, one.detail) for one in errors(check.run_checks())]
    assert found == [("contract_projection", "support")]
    assert challenge.id


# ---- vouchers


def test_whoever_registers_gets_one_redeems_it_and_the_grantor_confirms(cast: Cast) -> None:
    challenge, _line, pan = supported(cast)
    before = db.session.scalar(sa.select(sa.func.count()).select_from(Transfer))
    submissions.register(cast.bo, challenge.id, accepted=True)
    (voucher,) = vouchers(challenge)
    assert (voucher.user_id, voucher.state) == (cast.bo.id, VoucherState.GRANTED)
    assert voucher.expires_at == voucher.granted_at + timedelta(days=90)
    assert told("voucher_granted") == {cast.bo.id}
    assert queries.granted(pan) == []  # who takes part is not known before
    with pytest.raises(NotFound):
        services.confirm(pan, voucher.public_id)
    services.redeem(cast.bo, voucher.public_id, wish="Two days in the week of the 12th.")
    assert told("voucher_redeemed") == {pan.id}
    services.refuse(pan, voucher.public_id, reason="It is calibrated that week.")
    assert (voucher.state, told("voucher_handed_back")) == (VoucherState.GRANTED, {cast.bo.id})
    services.redeem(cast.bo, voucher.public_id, wish="The week after.")
    services.confirm(pan, voucher.public_id)
    assert (voucher.state, voucher.confirmed_by) == (VoucherState.CONFIRMED, pan.id)
    assert told("voucher_confirmed") == {cast.bo.id}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Transfer)) == before
    assert errors(check.run_checks()) == []


def test_an_agency_has_one_that_its_people_redeem(cast: Cast) -> None:
    challenge, _line, pan = supported(cast)
    submissions.register(cast.nils, challenge.id, organisation_id=cast.northlight.id, accepted=True)
    (voucher,) = vouchers(challenge)
    colleague = factories.user("Nora", member_of=cast.northlight)
    services.redeem(colleague, voucher.public_id, wish="A day.")
    assert [one.id for one in queries.granted(pan)] == [voucher.id]


def test_only_awarded_parties_get_what_is_granted_to_them(cast: Cast) -> None:
    challenge, _line, _pan = supported(cast, granted_to="awarded")
    for author in (cast.bo, cast.bea):
        factories.proposal(author, challenge)
    assert vouchers(challenge) == []
    factories.closed(cast, challenge)
    assert cast.reviewers()
    factories.scoring.form_panel(SYSTEM, challenge.id)
    factories.move_dates(challenge, reviews_due_at=now() - timedelta(minutes=1))
    first = factories.submission_queries.submitted(challenge.id)[0]
    factories.award_services.select_award(
        cast.ada, challenge.id, prize_id=challenge.prizes[0].id, proposal_id=first.id, reason="The best."
    )
    factories.award_services.decide(cast.ada, challenge.id)
    assert [one.user_id for one in vouchers(challenge)] == [first.user_id]


def test_whoever_leaves_has_a_void_one_and_a_new_one_after_coming_back(cast: Cast) -> None:
    challenge, _line, _pan = supported(cast)
    submissions.register(cast.bo, challenge.id, accepted=True)
    submissions.unregister(cast.bo, challenge.id)
    with pytest.raises(Conflict):
        services.redeem(cast.bo, vouchers(challenge)[0].public_id, wish="A day.")
    submissions.register(cast.bo, challenge.id, accepted=True)
    assert [one.state for one in vouchers(challenge)] == [VoucherState.VOID, VoucherState.GRANTED]


def test_it_expires_after_a_reminder_but_not_while_the_grantor_is_asked(cast: Cast) -> None:
    challenge, _line, pan = supported(cast)
    for person in (cast.bo, cast.bea):
        submissions.register(person, challenge.id, accepted=True)
    mine, other = vouchers(challenge)
    services.redeem(cast.bea, other.public_id, wish="A day.")
    for voucher in (mine, other):
        voucher.expires_at = now() + timedelta(days=6)
    commit()
    assert (services.remind(SYSTEM), services.remind(SYSTEM), services.expire(SYSTEM)) == (1, 1, 0)
    assert told("voucher_expires_soon") == {cast.bo.id}
    for voucher in (mine, other):
        voucher.expires_at = now() - timedelta(seconds=1)
    commit()
    with pytest.raises(Conflict):
        services.redeem(cast.bo, mine.public_id, wish="Now.")
    assert (services.expire(SYSTEM), services.expire(SYSTEM)) == (1, 0)
    assert (mine.state, other.state) == (VoucherState.EXPIRED, VoucherState.REDEEMED)
    assert told("voucher_expired") == {cast.bo.id}
    services.confirm(pan, other.public_id)


ACTS: dict[str, tuple[Callable[[Any, str], object], str, set[str]]] = {  # act, from the state, by whom
    "redeem": (lambda who, public_id: services.redeem(who, public_id, wish="A day."), "granted", {"bo"}),
    "confirm": (services.confirm, "redeemed", {"pan"}),
    "refuse": (lambda who, public_id: services.refuse(who, public_id, reason="No."), "redeemed", {"pan"}),
}


@pytest.mark.parametrize("state", VoucherState)
def test_every_role_at_every_act_in_every_state(cast: Cast, state: VoucherState) -> None:
    challenge, _line, pan = supported(cast)
    submissions.register(cast.bo, challenge.id, accepted=True)
    (voucher,) = vouchers(challenge)
    people = {"bo": cast.bo, "bea": cast.bea, "pan": pan, "ada": cast.ada, "eve": cast.eve, "fen": cast.fen}
    values = {"redeemed_at": now() if state in policy.TOLD else None}
    values["confirmed_at"] = now() if state == VoucherState.CONFIRMED else None
    for name, (act, begins, whose) in ACTS.items():
        done = set()
        for who, person in people.items():
            for column, value in ({"state": state} | values).items():
                setattr(voucher, column, value)
            commit()
            try:
                act(person, voucher.public_id)
                done.add(who)
            except OperationError:
                db.session.rollback()
        assert done == (whose if state == begins else set()), name


def test_who_takes_part_is_not_in_the_audit_trail_before_the_close(cast: Cast) -> None:
    challenge, _line, _pan = supported(cast)
    submissions.register(cast.bo, challenge.id, accepted=True)
    services.redeem(cast.bo, vouchers(challenge)[0].public_id, wish="A day.")

    def read() -> set[str]:
        query = sealing.trail(cast.aud).where(AuditEvent.subject_type == "voucher")
        return {event.action for event in db.session.scalars(query)}

    assert read() == set()
    factories.closed(cast, challenge)
    assert read() == {"voucher.redeemed"}


def test_no_two_vouchers_of_a_line_for_one_party(cast: Cast) -> None:
    challenge, line, _pan = supported(cast)
    submissions.register(cast.bo, challenge.id, accepted=True)
    with pytest.raises(Conflict):
        services.issue(challenge, GrantedTo.REGISTERED, cast.bo.id, None, now=now())
    assert line.id
