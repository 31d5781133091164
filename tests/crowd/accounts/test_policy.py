"""Who may do what to accounts and organisations: every policy, for everybody."""

from collections.abc import Callable
from typing import Any

import pytest

from crowd.accounts import policy
from crowd.accounts.models import Invitation, MemberRole, PlatformRole
from crowd.accounts.organisations import policy as organisations
from crowd.audit import SYSTEM
from crowd.clock import now
from crowd.rules import policy as rules
from tests.cast import Cast

EVERYBODY = ["nobody", "system", "ada", "abe", "nils", "bo", "dee", "cy", "eve", "fen", "gu", "pia", "aud", "adm"]


def actor(cast: Cast, name: str) -> Any:
    return {"nobody": None, "system": SYSTEM}.get(name) if name in ("nobody", "system") else getattr(cast, name)


def allowed(cast: Cast, rule: Callable[[Any], bool]) -> set[str]:
    return {name for name in EVERYBODY if rule(actor(cast, name))}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("can_administer", {"system", "adm"}),
        ("can_view", {"system", "adm", "bo"}),
        ("can_edit_profile", {"system", "bo"}),
        ("can_grant", {"system", "adm"}),
        ("can_close", {"system", "adm"}),
        ("can_reopen", {"system", "adm"}),
    ],
)
def test_what_may_be_done_to_bo(cast: Cast, rule: str, expected: set[str]) -> None:
    assert allowed(cast, lambda who: getattr(policy, rule)(who, cast.bo)) == expected


def test_administrators_keep_their_own_role(cast: Cast) -> None:
    assert not policy.can_close(cast.adm, cast.adm)
    assert not policy.can_revoke(cast.adm, cast.adm, PlatformRole.ADMINISTRATOR)
    assert policy.can_revoke(cast.adm, cast.adm, PlatformRole.EXPERT)
    assert policy.can_revoke(SYSTEM, cast.adm, PlatformRole.ADMINISTRATOR)
    assert allowed(cast, lambda who: policy.can_revoke(who, cast.cy, PlatformRole.EXPERT)) == {"system", "adm"}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("can_view", set(EVERYBODY)),
        ("can_view_members", {"system", "ada", "abe", "eve", "aud", "adm"}),
        ("can_describe", {"ada"}),
        ("can_manage_members", {"ada"}),
        ("can_hand_over", {"ada"}),
        ("can_leave", {"ada", "abe"}),
        ("can_verify", {"system", "eve"}),
        ("can_view_verification", {"ada", "eve", "aud", "adm"}),
    ],
)
def test_what_may_be_done_to_luoyang(cast: Cast, rule: str, expected: set[str]) -> None:
    assert cast.ada
    assert allowed(cast, lambda who: getattr(organisations, rule)(who, cast.luoyang)) == expected


def test_the_last_owner_is_the_one_whose_account_is_open(cast: Cast) -> None:
    members = [*cast.ada.memberships, *cast.abe.memberships]
    assert allowed(cast, lambda who: organisations.is_only_owner(who, members)) == {"ada"}
    members[1].role = MemberRole.OWNER
    assert allowed(cast, lambda who: organisations.is_only_owner(who, members)) == set()
    cast.ada.active = False
    assert allowed(cast, lambda who: organisations.is_only_owner(who, members)) == {"abe"}


def test_staff_compare_organisations_and_two_bodies_propose_rules(cast: Cast) -> None:
    assert allowed(cast, organisations.can_oversee) == {"eve", "aud", "adm"}
    assert allowed(cast, rules.can_propose) == {"eve", "gu"}


def test_everybody_with_an_open_account_may_found(cast: Cast) -> None:
    assert allowed(cast, organisations.can_found) == set(EVERYBODY) - {"nobody", "system"}
    cast.bo.active = False
    assert not organisations.can_found(cast.bo)


def test_only_the_invited_address_may_answer(cast: Cast) -> None:
    invitation = Invitation(organisation_id=cast.luoyang.id, email=cast.dee.email, role=MemberRole.MEMBER)
    assert allowed(cast, lambda who: organisations.can_answer(who, invitation)) == {"dee"}
    cast.dee.active = False
    assert not organisations.can_answer(cast.dee, invitation)


def test_owners_change_roles_and_remove_others_but_not_themselves(cast: Cast) -> None:
    (membership,) = cast.abe.memberships
    (own,) = cast.ada.memberships
    change = lambda who: organisations.can_change(who, membership, MemberRole.OWNER)  # noqa: E731
    remove = lambda who: organisations.can_change(who, membership, None)  # noqa: E731
    assert allowed(cast, change) == allowed(cast, remove) == {"ada"}
    assert organisations.can_change(cast.ada, own, MemberRole.MEMBER)
    assert not organisations.can_change(cast.ada, own, None)


def test_a_closed_account_may_nothing(cast: Cast) -> None:
    for person in (cast.adm, cast.ada, cast.eve):
        person.active = False
    assert not policy.can_administer(cast.adm)
    assert not organisations.can_manage_members(cast.ada, cast.luoyang)
    assert not organisations.can_verify(cast.eve, cast.luoyang)
    cast.bo.confirmed_at = now()
