"""A park grants instrument hours to each party: it agrees, a solver redeems the voucher, the park confirms."""

import pytest
import sqlalchemy as sa

from challenges.support.models import Voucher
from crowd.accounts.models import MemberRole, Membership, Organisation, OrganisationKind, User
from crowd.clock import now
from crowd.db import commit, db
from tests.journeys.actors import Company
from tests.processes import Platform

pytestmark = pytest.mark.timeout(300)


def a_park(company: Company, platform: Platform) -> None:
    """A verified park whose owner is Pan."""
    with platform.app.app_context():
        park = Organisation(name="Dahe Science Park", kind=OrganisationKind.PARK, country="CN", verified_at=now())
        db.session.add(park)
        db.session.flush()
        pan = db.session.scalars(sa.select(User).where(User.name == "Pan")).one()
        db.session.add(Membership(user_id=pan.id, organisation_id=park.id, role=MemberRole.OWNER))
        commit()
        db.session.remove()


def test_a_voucher_is_granted_redeemed_and_confirmed(platform: Platform, company: Company) -> None:
    platform.start_workers(1)
    platform.start_clock()
    pan = company.staff("Pan")
    a_park(company, platform)
    company.found(company.ada)
    challenge_id = company.draft(company.ada)
    here = f"/challenges/{challenge_id}/support"
    support = {"title": "Rheometer", "quantity": "20", "unit": "hours", "grantor": "Dahe Science Park"}
    support |= {"granted_to": "registered", "valid_days": "90", "conditions": "On weekdays."}
    company.ada.press(here, "Add support", support)
    refused = company.ada.press(f"/challenges/{challenge_id}/edit/check", "Agree and submit for screening", status=409)
    assert "has not agreed to grant" in refused.words
    assert company.letter("Pan", "Do you grant this?")
    pan.press(here, "Agree to grant it")
    company.submit(company.ada, challenge_id)
    company.approve(challenge_id)
    company.pay_in(company.challenge(challenge_id).cost, company.reference(company.ada, challenge_id))
    company.wait_for_state(challenge_id, "open")
    contract = company.visitor().get(f"/challenges/{challenge_id}/contract").words
    assert "20 hours, granted by Dahe Science Park" in contract

    company.register(company.bo, challenge_id)
    assert company.letter("Bo", "A voucher for you")
    assert "Rheometer" not in pan.get("/vouchers").words
    company.bo.press("/vouchers", "Redeem the voucher", wish="Two days in the week of the 12th.")
    assert company.letter("Pan", "A voucher is redeemed")
    assert "Two days in the week of the 12th." in pan.get("/vouchers").words
    pan.press("/vouchers", "Yes, confirm")
    assert company.letter("Bo", "Voucher used")
    with platform.app.app_context():
        assert db.session.scalars(sa.select(Voucher.state)).all() == ["confirmed"]
        db.session.remove()
    company.end_well()
