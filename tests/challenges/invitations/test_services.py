"""Invitations through the services: whom they reach, what becomes of them, and what limits them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges import policy as challenge_policy
from challenges import queries as challenges
from challenges.contract import queries as contracts
from challenges.contract import services as contract
from challenges.invitations import answers, queries, services
from challenges.invitations.models import ChallengeInvitation, InvitationRefusal
from challenges.invitations.tokens import token_of
from challenges.invitations.workflow import InvitationState
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.personal_data import PERSONAL_DATA, erase
from crowd.accounts.models import MemberRole
from crowd.accounts.sign_up import services as sign_up
from crowd.accounts.sign_up.queries import digest
from crowd.audit import SYSTEM, AuditEvent
from crowd.clock import now
from crowd.config import limits
from crowd.db import commit, db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.notifications.models import Notification, OutgoingEmail
from submissions import services as submissions
from tests import factories
from tests.cast import Cast, join


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    return factories.opened(cast, visibility="invited")


def letters(address: str) -> list[OutgoingEmail]:
    return list(db.session.scalars(sa.select(OutgoingEmail).where(OutgoingEmail.recipient == address)))


def told(user_id: int) -> list[str]:
    return list(db.session.scalars(sa.select(Notification.kind).where(Notification.user_id == user_id)))


@pytest.fixture
def limited(isolated: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set limits for the test."""

    def to(**numbers: int) -> None:
        settings = isolated.config["CROWD"]
        monkeypatch.setitem(isolated.config, "CROWD", replace(settings, limits=replace(settings.limits, **numbers)))

    return to


def test_who_has_an_account_is_notified_and_others_get_an_email_in_both_languages(
    cast: Cast, challenge: Challenge
) -> None:
    people = (cast.bo, "Lin Wei <lin@people.example>")
    bo, lin = factories.invite(challenge, *people, message="We saw your paper.")
    assert bo.user_id == cast.bo.id
    assert "challenges.invited" in told(cast.bo.id)
    assert lin.user_id is None
    (letter,) = letters("lin@people.example")
    assert letter.text is not None
    assert challenge.title in letter.subject
    for part in ("We saw your paper.", "invites you to take part", "邀请您参加榜题", f"/invited/{token_of(lin)}"):
        assert part in letter.text
    assert letter.unsubscribe == f"/invited/{token_of(lin)}/stop"
    assert letter.html is not None
    assert {bo.state, lin.state} == {InvitationState.SENT}


def test_an_invitation_to_a_draft_goes_out_at_the_opening(cast: Cast) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang)
    services.invite(cast.ada, draft.id, people="lin@people.example")
    services.send_next(draft.id)
    assert letters("lin@people.example") == []
    lifecycle.submit(cast.ada, draft.id)
    factories.approve(cast.eve, draft.id)
    factories.pay_in(cast, cast.luoyang, draft.cost)
    lifecycle.fund(cast.ada, draft.id)
    assert draft.is_open
    assert letters("lin@people.example") == []
    assert factories.run_jobs("invitations.send") == 1
    assert len(letters("lin@people.example")) == 1
    assert factories.run_jobs("invitations.send") == 0


def test_from_the_link_to_the_registration_without_an_account(cast: Cast, challenge: Challenge) -> None:
    (row,) = factories.invite(challenge, "lin@people.example")
    answers.see(None, token_of(row))
    assert row.state == InvitationState.SEEN
    sign_up.begin(email="lin@people.example", name="Lin", locale="en", time_zone="Asia/Shanghai")
    db.session.execute(sa.text("UPDATE sign_up SET token_digest = :digest"), {"digest": digest("token")})
    lin = sign_up.complete("token", name="Lin", password_hash="none")
    commit()
    assert challenge_policy.can_view(lin, challenge), "it is theirs by the address that they have confirmed"
    submissions.register(lin, challenge.id, accepted=True)
    assert (row.state, row.user_id) == (InvitationState.REGISTERED, lin.id)
    with pytest.raises(Conflict):
        services.withdraw(cast.ada, challenge.id, row.public_id)
    submissions.unregister(lin, challenge.id)
    assert row.state == InvitationState.SEEN


def test_a_link_that_was_passed_on_is_whose_account_accepts_first(cast: Cast, challenge: Challenge) -> None:
    (row,) = factories.invite(challenge, "lin@people.example")
    assert not challenge_policy.can_view(cast.dee, challenge), "having the link is not enough"
    answers.accept(cast.dee, token_of(row))
    assert challenge_policy.can_view(cast.dee, challenge)
    assert "challenges.invitation_taken" in told(cast.ada.id)
    with pytest.raises(Forbidden):
        answers.accept(cast.bea, token_of(row))
    with pytest.raises(Forbidden):
        answers.decline(cast.bea, token_of(row))
    with pytest.raises(Forbidden):
        answers.decline(None, token_of(row))
    services.withdraw(cast.ada, challenge.id, row.public_id)
    assert not challenge_policy.can_view(cast.dee, challenge)
    with pytest.raises(NotFound):
        answers.see(cast.dee, token_of(row))


def test_the_invitation_of_an_account_is_that_accounts(cast: Cast, challenge: Challenge) -> None:
    (row,) = factories.invite(challenge, cast.bo)
    with pytest.raises(Forbidden):
        answers.accept(cast.dee, token_of(row))
    answers.accept(cast.bo, token_of(row))
    assert row.accepted_at is not None


def test_the_sponsors_own_people_accept_no_link(cast: Cast, challenge: Challenge) -> None:
    (row,) = factories.invite(challenge, "lin@people.example")
    with pytest.raises(Forbidden):
        answers.accept(cast.abe, token_of(row))


def test_declined_with_a_reason_and_taken_back(cast: Cast, challenge: Challenge) -> None:
    (row,) = factories.invite(challenge, cast.bo)
    answers.decline(None, token_of(row), reason=" No time this year. ")
    assert (row.state, row.reason) == (InvitationState.DECLINED, "No time this year.")
    assert "challenges.invitation_declined" in told(cast.ada.id)
    assert not challenge_policy.can_view(cast.bo, challenge)
    with pytest.raises(Conflict):
        answers.decline(None, token_of(row))
    answers.accept(cast.bo, token_of(row))
    assert (row.state, row.reason, row.declined_at) == (InvitationState.SEEN, "", None)
    assert challenge_policy.can_view(cast.bo, challenge)


def test_nobody_registers_uninvited(cast: Cast, challenge: Challenge) -> None:
    with pytest.raises(NotFound):
        submissions.register(cast.dee, challenge.id, accepted=True)
    assert "you are not invited" in str(queries.why_uninvited(cast.dee, challenge, None))
    factories.invite(challenge, cast.dee)
    submissions.register(cast.dee, challenge.id, accepted=True)


def test_an_organisation_is_invited_as_itself(cast: Cast, challenge: Challenge) -> None:
    (row,) = factories.invite(challenge, organisations=cast.northlight.name)
    nils = cast.nils
    assert "challenges.organisation_invited" not in told(nils.id), "who joins later is not mailed"
    assert challenge_policy.can_view(nils, challenge)
    with pytest.raises(Invalid, match="register for the organisation"):
        submissions.register(nils, challenge.id, accepted=True)
    submissions.register(nils, challenge.id, organisation_id=cast.northlight.id, accepted=True)
    assert row.state == InvitationState.REGISTERED
    accountant = factories.user("Kim", member_of=cast.northlight, role=MemberRole.FINANCE)
    assert not challenge_policy.can_view(accountant, challenge), "who may not answer for it"


def test_wrong_lines_stop_all_of_them(cast: Cast, challenge: Challenge) -> None:
    with pytest.raises(Invalid) as refusal:
        services.invite(cast.ada, challenge.id, people="lin@people.example\nnobody", organisations="No such firm")
    assert set(refusal.value.fields) == {"people", "organisations"}
    assert queries.count_of(challenge) == 0
    with pytest.raises(Invalid):
        services.invite(cast.ada, challenge.id)


def test_who_is_left_out_is_named(cast: Cast, challenge: Challenge) -> None:
    (lin, mo) = factories.invite(challenge, "lin@people.example", "mo@people.example")
    answers.refuse(None, token_of(mo))
    other = factories.opened(cast)
    result = services.invite(
        cast.ada, other.id, people=f"mo@people.example, {cast.abe.email}, wu@people.example; wu@people.example"
    )
    assert (result.added, result.repeated) == (1, 1)
    assert (result.refused, result.own) == (["mo@people.example"], [cast.abe.email])
    again = services.invite(cast.ada, challenge.id, people="lin@people.example")
    assert (again.added, again.known) == (0, ["lin@people.example"])
    services.withdraw(cast.ada, challenge.id, lin.public_id)
    assert services.invite(cast.ada, challenge.id, people="lin@people.example").added == 1
    assert lin.state == InvitationState.PREPARED


def test_no_more_invitations_also_to_what_was_prepared_and_no_reminder(
    limited: Callable[..., None], cast: Cast, challenge: Challenge
) -> None:
    limited(invitation_pause_hours=0)
    (row,) = factories.invite(challenge, "lin@people.example")
    draft = factories.challenge(cast.ada, cast.luoyang)
    services.invite(cast.ada, draft.id, people="lin@people.example")
    services.remind(cast.ada, challenge.id, row.public_id)
    answers.refuse(None, token_of(row))
    answers.refuse(None, token_of(row))
    assert db.session.scalar(sa.select(sa.func.count(InvitationRefusal.digest))) == 1
    with pytest.raises(Conflict, match="wants no invitations"):
        services.remind(cast.ada, challenge.id, row.public_id)
    lifecycle.submit(cast.ada, draft.id)
    factories.approve(cast.eve, draft.id)
    factories.pay_in(cast, cast.luoyang, draft.cost)
    lifecycle.fund(cast.ada, draft.id)
    services.send_next(draft.id)
    assert list(queries.counts(draft)) == [InvitationState.BLOCKED]
    assert len(letters("lin@people.example")) == 2


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("invitations_at_once", "At most 2 are invited at once"),
        ("invitations_per_challenge", "at most 2 invitations"),
        ("invitations_per_day", "at most 2 within a day; 2 are left"),
    ],
)
def test_no_more_than_the_limits_say(
    limited: Callable[..., None], cast: Cast, challenge: Challenge, limit: str, message: str
) -> None:
    limited(**{limit: 2})
    with pytest.raises(Invalid, match=message):
        services.invite(cast.ada, challenge.id, people="a@people.example b@people.example c@people.example")
    assert services.invite(cast.ada, challenge.id, people="a@people.example b@people.example").added == 2


def test_the_words_have_a_limit(limited: Callable[..., None], cast: Cast, challenge: Challenge) -> None:
    limited(max_invitation_length=5)
    with pytest.raises(Invalid):
        services.invite(cast.ada, challenge.id, people="a@people.example", message="123456")
    services.invite(cast.ada, challenge.id, people="a@people.example", message="12345")


def test_an_address_gets_few_a_day_and_the_others_wait(
    limited: Callable[..., None], cast: Cast, challenge: Challenge
) -> None:
    limited(invitations_per_address=1)
    other = factories.opened(cast)
    factories.invite(challenge, "lin@people.example")
    (waiting,) = factories.invite(other, "lin@people.example")
    assert waiting.state == InvitationState.PREPARED
    assert len(letters("lin@people.example")) == 1
    db.session.execute(sa.text("UPDATE challenge_invitation SET last_mail_at = last_mail_at - interval '25 hours'"))
    services.send_next(other.id)
    assert waiting.state == InvitationState.SENT


def test_a_reminder_is_rare(limited: Callable[..., None], cast: Cast, challenge: Challenge) -> None:
    limited(invitation_mails=2)
    (row,) = factories.invite(challenge, "lin@people.example")
    with pytest.raises(Conflict, match="Wait at least"):
        services.remind(cast.ada, challenge.id, row.public_id)
    row.last_mail_at = now() - timedelta(hours=limits().invitation_pause_hours, minutes=1)
    services.remind(cast.ada, challenge.id, row.public_id)
    row.last_mail_at = now() - timedelta(days=30)
    with pytest.raises(Conflict, match="at most 2 times"):
        services.remind(cast.ada, challenge.id, row.public_id)
    answers.see(None, token_of(row))
    with pytest.raises(Conflict, match="not opened"):
        services.remind(cast.ada, challenge.id, row.public_id)
    assert len(letters("lin@people.example")) == 2


def test_invitations_end_with_the_challenge(cast: Cast, challenge: Challenge) -> None:
    out, registered, declined = factories.invite(challenge, "lin@people.example", cast.bo, cast.bea)
    submissions.register(cast.bo, challenge.id, accepted=True)
    answers.decline(cast.bea, token_of(declined))
    services.invite(cast.ada, challenge.id, people="late@people.example")
    factories.closed(cast, challenge)
    db.session.expire_all()
    assert [one.state for one in (out, registered, declined)] == [
        InvitationState.EXPIRED, InvitationState.REGISTERED, InvitationState.DECLINED,
    ]  # fmt: skip
    assert queries.counts(challenge)[InvitationState.WITHDRAWN] == 1
    with pytest.raises(Conflict):
        services.invite(cast.ada, challenge.id, people="later@people.example")
    with pytest.raises(Conflict):
        answers.accept(cast.dee, token_of(out))
    assert services.send_next(challenge.id) == (0, False)


def test_what_was_never_sent_ends_with_a_cancelled_draft(cast: Cast) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang, visibility="invited")
    services.invite(cast.ada, draft.id, people=cast.bo.email)
    lifecycle.cancel(cast.ada, draft.id, reason="Not needed.")
    assert list(queries.counts(draft)) == [InvitationState.WITHDRAWN]
    assert not challenge_policy.can_view(cast.bo, draft)


def test_every_step_is_in_the_audit_trail_without_an_address(cast: Cast, challenge: Challenge) -> None:
    row, gone = factories.invite(challenge, "lin@people.example", "mo@people.example")
    answers.see(None, token_of(row))
    answers.refuse(None, token_of(row))
    answers.decline(None, token_of(row), reason="Secretly")
    answers.accept(cast.dee, token_of(row))
    services.withdraw(cast.ada, challenge.id, gone.public_id)
    query = sa.select(AuditEvent).where(AuditEvent.subject_type == "challenge_invitation")
    events = db.session.scalars(query.order_by(AuditEvent.id)).all()
    assert {event.action.partition(".")[2] for event in events} == {
        "prepared", "sent", "seen", "refused", "declined", "accepted", "withdrawn",
    }  # fmt: skip
    for event in events:
        assert "example" not in str(event.data)
        assert "Secretly" not in str(event.data)


def test_the_export_has_them_and_the_deletion_takes_them(cast: Cast, challenge: Challenge) -> None:
    (row,) = factories.invite(challenge, f"Bo the Solver <{cast.bo.email}>", message="Dear Bo")
    rows = db.session.execute(PERSONAL_DATA["invitations_received"](cast.bo.id)).all()
    assert [(one.challenge_id, one.address, one.message) for one in rows] == [(challenge.id, cast.bo.email, "Dear Bo")]
    assert len(db.session.execute(PERSONAL_DATA["invitations_given"](cast.ada.id)).all()) == 1
    erase(cast.bo.id, cast.bo.email)
    db.session.expire_all()
    assert (row.address, row.name, row.message, row.state) == (None, "", "", InvitationState.SENT)


def test_addresses_are_forgotten_after_the_end(cast: Cast, challenge: Challenge) -> None:
    (row,) = factories.invite(challenge, "Lin <lin@people.example>")
    answers.decline(None, token_of(row), reason="My mother is ill.")
    db.session.execute(sa.update(OutgoingEmail).values(sent_at=now()))
    lifecycle.cancel(cast.ada, challenge.id, reason="The mains are replaced.")
    assert services.forget() == 0
    factories.move_dates(challenge, cancelled_at=now() - timedelta(days=limits().invitation_days + 1))
    assert services.forget() == 1
    assert (row.address, row.name, row.reason) == (None, "", "")
    assert letters("lin@people.example") == []
    assert services.forget() == 0
    with pytest.raises(NotFound):
        answers.see(None, token_of(row))


def test_a_token_is_not_guessed(cast: Cast, challenge: Challenge) -> None:
    (row,) = factories.invite(challenge, "lin@people.example")
    for token in (row.public_id, f'"{row.public_id}"', f"{token_of(row)}x", token_of(row).swapcase(), ""):
        with pytest.raises(NotFound):
            answers.see(None, token)


# ---- the clause


def test_from_invited_to_everybody_by_a_version_only(cast: Cast, challenge: Challenge) -> None:
    brief = contracts.brief_in_force(challenge)
    assert brief.visibility == "invited"
    planned = contract.plan(challenge, replace(brief, visibility="public"))
    assert planned.change_class == "material"
    assert challenges.listed(challenges.Filters()).where(Challenge.id == challenge.id) is not None
    contract.amend(
        cast.ada, challenge.id, brief=replace(brief, visibility="public"), reason="More heads.", shown=planned.digest
    )
    assert challenge_policy.can_view(None, challenge)
    with pytest.raises(Invalid) as refusal:
        contract.plan(challenge, replace(brief, visibility="invited"))
    assert list(refusal.value.fields) == ["visibility"]


def test_a_member_who_joins_the_invited_agency_later_reads_it(cast: Cast, challenge: Challenge) -> None:
    factories.invite(challenge, organisations=cast.northlight.name)
    assert not challenge_policy.can_view(cast.dee, challenge)
    join(cast.dee, cast.northlight)
    assert challenge_policy.can_view(cast.dee, challenge)


def test_the_job_of_another_challenge_sends_nothing_here(cast: Cast, challenge: Challenge) -> None:
    services.invite(cast.ada, challenge.id, people="lin@people.example")
    services.send_next(factories.opened(cast).id)
    assert letters("lin@people.example") == []
    query = sa.select(ChallengeInvitation.state).where(ChallengeInvitation.challenge_id == challenge.id)
    assert db.session.scalar(query) == InvitationState.PREPARED
    assert lifecycle.close(
        SYSTEM,
        factories.move_dates(challenge, opens_at=now() - timedelta(days=2), closes_at=now() - timedelta(minutes=1)).id,
    )
