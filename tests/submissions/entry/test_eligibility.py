"""Who may enter: each condition, before the registration, at it, when a change is accepted, and at the award."""

from dataclasses import asdict
from typing import Any

import pytest
import sqlalchemy as sa

from challenges.entry import clause
from challenges.entry.clause import Entrants, stored
from challenges.entry.eligibility import unmet, unmet_by_share
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from crowd.accounts.models import Organisation, OrganisationKind, User
from crowd.accounts.organisations import services as organisations
from crowd.audit import SYSTEM
from crowd.clock import now
from crowd.db import commit, db
from crowd.errors import Conflict, Invalid
from crowd.taxonomy.schemes import AGENCY_KIND, OWNERSHIP_KIND, REGION
from crowd.taxonomy.vocabulary import current
from scoring import services as scoring
from scoring.awards import services as awards
from submissions import services as submissions
from submissions.acceptance import services as acceptance
from submissions.entry import eligibility
from submissions.shares import services as shares
from tests import factories
from tests.cast import Cast
from tests.challenges.entry import gated

ORGANISATIONS, PEOPLE = Entrants.ORGANISATIONS, Entrants.PEOPLE


def term(scheme: str, code: str) -> int:
    entry = current().get(scheme, code)
    assert entry is not None
    return entry.id


def agency(**facts: Any) -> Organisation:
    whole = {"name": "Northlight", "kind": OrganisationKind.AGENCY, "country": "CN", "verified_at": now()}
    return Organisation(**(whole | facts))


def why(entrant: User | Organisation, **clauses: Any) -> list[str]:
    return [str(one) for one in unmet(stored(factories.brief(**clauses)), entrant)]


@pytest.mark.usefixtures("cast")
def test_each_condition_names_itself_and_only_itself() -> None:
    person = User(name="Bo", region_id=term(REGION, "370200"))
    assert why(person) == why(agency()) == []
    assert why(person, entrants=PEOPLE) == why(agency(), entrants=ORGANISATIONS) == []
    assert len(why(person, entrants=ORGANISATIONS)) == len(why(agency(), entrants=PEOPLE)) == 1
    assert why(agency(verified_at=None)) == why(person, verified_only=True) == []
    assert len(why(agency(verified_at=None), verified_only=True)) == 1


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize(
    ("kinds", "kind", "agency_kind", "may"),
    [
        (["agency"], OrganisationKind.AGENCY, None, True),
        (["agency"], OrganisationKind.AGENCY, "generic", True),
        (["university"], OrganisationKind.AGENCY, None, False),
        (["agency:generic"], OrganisationKind.AGENCY, "generic", True),
        (["agency:generic"], OrganisationKind.AGENCY, "specialised", False),
        (["agency:generic"], OrganisationKind.AGENCY, None, False),
        (["agency:generic", "institute"], OrganisationKind.INSTITUTE, None, True),
    ],
)
def test_kinds_of_organisations(kinds: list[str], kind: OrganisationKind, agency_kind: str | None, may: bool) -> None:
    row = agency(kind=kind, agency_kind_id=term(AGENCY_KIND, agency_kind) if agency_kind else None)
    assert (why(row, kinds=kinds) == []) is may
    assert why(User(name="Bo"), kinds=kinds) == [], "a person is of no kind"


@pytest.mark.usefixtures("cast")
def test_ownership_and_regions_with_what_lies_in_them() -> None:
    row = agency(ownership_kind_id=term(OWNERSHIP_KIND, "private"), region_id=term(REGION, "370200"))
    assert why(row, ownership=["private", "state"]) == []
    assert len(why(row, ownership=["state"])) == len(why(agency(), ownership=["state"])) == 1
    for region in ("CN", "370000", "370200"):
        assert why(row, regions=[region]) == []
    (told,) = why(row, regions=["320000", "DE"])
    assert "Jiangsu" in told
    assert "Germany" in told
    assert len(why(agency(), regions=["CN"])) == 1, "a region that nobody has given lies nowhere"
    assert len(why(agency(verified_at=None), regions=["DE"], ownership=["state"], verified_only=True)) == 3


def test_who_may_not_enter_does_not_register_and_is_told_why(cast: Cast) -> None:
    challenge = factories.opened(cast, entrants=ORGANISATIONS, kinds=["institute"])
    with pytest.raises(Invalid, match="Only organisations"):
        submissions.register(cast.bo, challenge.id, accepted=True)
    with pytest.raises(Invalid, match="Research institute"):
        submissions.register(cast.nils, challenge.id, organisation_id=cast.northlight.id, accepted=True)
    himself, for_agency = eligibility.chances(cast.nils, challenge)
    assert (himself.organisation, for_agency.organisation) == (None, cast.northlight)
    assert himself.reasons
    assert for_agency.reasons
    assert eligibility.chances(None, challenge) == []
    assert eligibility.chances(cast.nils, factories.opened(cast)) == [], "nothing to say where everybody may"
    assert not eligibility.may_enter(cast.bo, challenge)
    assert challenge.registrations_count == 0


def test_a_changed_condition_is_checked_when_the_contract_is_accepted_again(cast: Cast) -> None:
    challenge = factories.opened(cast)
    submissions.register(cast.bo, challenge.id, accepted=True)
    version = gated.amend(cast, challenge, entrants=ORGANISATIONS)
    with pytest.raises(Invalid, match="Only organisations"):
        acceptance.accept(cast.bo, challenge.id, contract=version.number)


def _judged(cast: Cast, challenge: Challenge) -> Any:
    """The challenge with all reviews in, and Northlight's proposal."""
    assert cast.reviewers()
    proposal = factories.proposal(cast.nils, challenge, organisation=cast.northlight)
    factories.closed(cast, challenge)
    scoring.form_panel(SYSTEM, challenge.id)
    for assignment in factories.assignments(challenge):
        factories.review(assignment)
    return proposal


def _select(cast: Cast, challenge: Challenge, proposal: Any) -> None:
    awards.select_award(
        cast.ada, challenge.id, prize_id=challenge.prizes[0].id, proposal_id=proposal.id, reason="The best."
    )


def test_an_entrant_that_no_longer_meets_the_contract_wins_nothing(cast: Cast) -> None:
    challenge = factories.opened(cast, verified_only=True)
    proposal = _judged(cast, challenge)
    _unverify(cast.northlight)
    with pytest.raises(Invalid) as refused:
        _select(cast, challenge, proposal)
    assert "Only verified organisations" in str(refused.value.fields["proposal_id"][0])


def test_it_is_checked_again_when_the_decision_is_published(cast: Cast) -> None:
    challenge = factories.opened(cast, verified_only=True)
    proposal = _judged(cast, challenge)
    _select(cast, challenge, proposal)
    _unverify(cast.northlight)
    with pytest.raises(Conflict, match="Only verified organisations"):
        awards.decide(cast.ada, challenge.id)


def test_the_version_of_the_submission_decides(cast: Cast) -> None:
    challenge = factories.opened(cast, verified_only=True)
    submissions.register(cast.nils, challenge.id, organisation_id=cast.northlight.id, accepted=True)
    gated.amend(cast, challenge, verified_only=False)
    acceptance.accept(cast.nils, challenge.id, contract=2)
    row = submissions.start(cast.nils, challenge.id)
    submissions.save(cast.nils, row.id, title="Two geophones", abstract="Short.", body="Long.")
    submissions.submit(cast.nils, row.id)
    _unverify(cast.northlight)
    assert eligibility.ineligible([row.id]) == {}, "it was submitted under a version without the condition"


def _share(cast: Cast, challenge: Challenge, person: User) -> Any:
    """A draft of Northlight in which the person has a share, to which they agree."""
    row = factories.proposal(cast.nils, challenge, submitted=False, organisation=cast.northlight)
    shares.set_shares(cast.nils, row.id, own=0, others=[(person.email, 1_000)])
    shares.agree_share(person, row.id)
    return row


def test_who_has_a_share_meets_what_is_asked_of_people_or_belongs_to_the_agency(cast: Cast) -> None:
    inside = factories.user("Nora", member_of=cast.northlight)
    challenge = factories.opened(cast, entrants=ORGANISATIONS)
    row = _share(cast, challenge, inside)
    submissions.submit(cast.nils, row.id)
    submissions.withdraw(cast.nils, row.id)
    submissions.resume(cast.nils, row.id)
    shares.set_shares(cast.nils, row.id, own=0, others=[(cast.bo.email, 1_000)])
    shares.agree_share(cast.bo, row.id)
    with pytest.raises(Invalid) as refused:
        submissions.submit(cast.nils, row.id)
    (said,) = refused.value.fields["shares"]
    assert "Bo has a share" in str(said)
    assert "Only organisations may enter" in str(said)


def test_the_regions_of_people_with_a_share(cast: Cast) -> None:
    challenge = factories.opened(cast, regions=["370000"])
    cast.northlight.region_id = cast.bo.region_id = term(REGION, "370200")
    row = _share(cast, challenge, cast.bo)
    submissions.submit(cast.nils, row.id)
    cast.bo.region_id = None
    commit()
    (why,) = eligibility.ineligible([row.id]).values()
    assert "Somebody with a share" in str(why)
    assert "Shandong" in str(why)
    assert cast.bo.name not in str(why).replace("Somebody", "")
    cast.bo.region_id = term(REGION, "370000")
    commit()
    assert eligibility.ineligible([row.id]) == {}


def test_who_belonged_to_the_agency_at_the_submission_keeps_the_share(cast: Cast) -> None:
    inside = factories.user("Nora", member_of=cast.northlight)
    challenge = factories.opened(cast, entrants=ORGANISATIONS)
    row = _share(cast, challenge, inside)
    submissions.submit(cast.nils, row.id)
    organisations.remove(cast.nils, cast.northlight.id, inside.id)
    commit()
    db.session.expire_all()
    assert eligibility.ineligible([row.id]) == {}


def test_a_contract_of_before_asks_nothing_of_shares() -> None:
    rule = {**clause.ELIGIBILITY, "entrants": "organisations", "shares": False}
    person, agency_row = User(id=1, name="Bo"), agency(id=2)
    assert list(unmet_by_share(rule, person, agency_row, now())) == []
    assert len(list(unmet_by_share(rule | {"shares": True}, person, agency_row, now()))) == 1


def _unverify(row: Organisation) -> None:
    db.session.execute(sa.update(Organisation).where(Organisation.id == row.id).values(verified_at=None))
    commit()
    db.session.expire_all()


def test_conditions_without_an_effect_do_not_go_to_screening(cast: Cast) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang, entrants=PEOPLE, verified_only=True)
    with pytest.raises(Invalid) as refused:
        lifecycle.submit(cast.ada, draft.id)
    assert refused.value.fields.keys() == {"entrants"}
    assert asdict(factories.brief(entrants=PEOPLE))["entrants"] == "people"
