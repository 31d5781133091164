"""Who may be behind a proposal: the sponsor's people may not, at no stage, by no agency, and leaving does not help."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from challenges.models import Challenge
from crowd.accounts.models import MemberRole, MembershipPeriod, Organisation, OrganisationKind, PlatformRole, User
from crowd.accounts.organisations import services as organisations
from crowd.audit import SYSTEM
from crowd.db import commit, db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from scoring.awards import services as award_services
from submissions import parties, policy, queries, services
from submissions.models import Proposal
from submissions.shares import services as shares
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser
from tests.turns import in_turn
from tests.worlds import remembered


def found(owner: User, name: str = "Quick Answers") -> Organisation:
    row = organisations.create_organisation(owner, name=name, kind=OrganisationKind.AGENCY)
    db.session.refresh(owner)
    return row


def leave(person: User, organisation: Organisation) -> None:
    organisations.leave(person, organisation.id)
    db.session.refresh(person)


def put_in(person: User, organisation: Organisation, role: MemberRole = MemberRole.MEMBER) -> None:
    join(person, organisation, role)
    db.session.expire_all()


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    return published(cast)


@remembered
def published(cast: Cast) -> Challenge:
    """Abe belongs to the sponsor from before."""
    assert cast.abe.id
    return factories.opened(cast)


# ---- the rule itself


def test_periods_are_kept_by_the_database_and_by_nobody_else(cast: Cast) -> None:
    join(cast.dee, cast.northlight)
    leave(cast.dee, cast.northlight)
    join(cast.dee, cast.northlight)
    mine = sa.select(MembershipPeriod).where(MembershipPeriod.user_id == cast.dee.id).order_by(MembershipPeriod.id)
    first, second = db.session.scalars(mine)
    assert (first.ended_at is None, second.ended_at is None) == (False, True)
    for change in (sa.delete(MembershipPeriod), sa.update(MembershipPeriod).values(ended_at=None)):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), db.session.begin_nested():
            db.session.execute(change)


def test_the_rule_for_a_period_and_the_rule_as_sql_say_the_same(cast: Cast, challenge: Challenge) -> None:
    """Before a publication only current members count; after it, also those who left since."""
    join(cast.dee, cast.northlight)
    leave(cast.dee, cast.northlight)
    join(cast.dee, cast.northlight)
    periods = db.session.scalars(sa.select(MembershipPeriod)).all()
    ended = next(period.ended_at for period in periods if period.ended_at is not None)
    counted = {}
    for since in (None, challenge.published_at, ended, ended + timedelta(seconds=1)):
        reaching = set(db.session.scalars(sa.select(MembershipPeriod.id).where(MembershipPeriod.reaching(since))))
        assert reaching == {period.id for period in periods if period.reaches(since)}
        counted[since] = len(reaching)
    assert counted[None] == counted[ended + timedelta(seconds=1)] == counted[ended] - 1


def test_the_rule_for_a_person_and_the_rule_as_sql_say_the_same(cast: Cast, challenge: Challenge) -> None:
    """Insiders and the parties behind a proposal, of everybody, in memory and in the database."""
    old = factories.user("Olga", member_of=cast.northlight)
    leave(old, cast.northlight)  # before the publication of the second challenge, after that of the first
    removed = factories.user("Rita", member_of=cast.luoyang)
    organisations.remove(cast.ada, cast.luoyang.id, removed.id)
    later = factories.opened(cast)
    join(cast.bea, cast.northlight)
    people = [
        cast.ada, cast.abe, cast.bo, cast.bea, cast.nils, cast.dee, cast.eve, cast.cy, old, removed,
    ]  # fmt: skip
    for row in (challenge, later):
        proposal = factories.proposal(cast.bea, row, submitted=False, organisation=cast.northlight)
        shares.set_shares(cast.bea, proposal.id, own=5000, others=[(cast.bo.email, 5000)])
        db.session.expire_all()
        inside = {person.name for person in people if parties.is_insider(person, row)}
        among = parties.insiders_among(row.id, [person.id for person in people])
        assert inside == {person.name for person in people if person.id in among}
        assert inside == {"Ada", "Abe", "Eve"} | ({"Rita"} if row is challenge else set())
        behind = {person.name for person in people if parties.is_behind(person, proposal)}
        all_behind = parties.participants(row.id)
        assert behind == {person.name for person in people if person.id in all_behind}
        assert behind == {"Bea", "Bo", "Nils"} | ({"Olga"} if row is challenge else set())


# ---- registration


def refused(actor: User, challenge: Challenge, agency: Organisation | None = None) -> Invalid:
    with pytest.raises(Invalid) as error:
        services.register(actor, challenge.id, organisation_id=agency.id if agency else None, accepted=True)
    return error.value


def test_a_sponsor_who_founds_an_agency_cannot_enter_with_it(cast: Cast, challenge: Challenge) -> None:
    agency = found(cast.ada)
    refused(cast.ada, challenge)
    refused(cast.ada, challenge, agency)
    put_in(cast.dee, agency)
    assert set(refused(cast.dee, challenge, agency).fields) == {"organisation_id"}
    services.register(cast.dee, challenge.id, accepted=True)  # personally, Dee may


def test_who_was_removed_minutes_before_still_belongs(cast: Cast, challenge: Challenge) -> None:
    organisations.remove(cast.ada, cast.luoyang.id, cast.abe.id)
    db.session.refresh(cast.abe)
    assert "since it was published" in str(refused(cast.abe, challenge).message)
    agency = found(cast.abe)
    refused(cast.abe, challenge, agency)


def test_who_left_before_it_was_published_may_answer(cast: Cast) -> None:
    leave(cast.abe, cast.luoyang)
    later = factories.opened(cast)
    services.register(cast.abe, later.id, accepted=True)


def test_an_agency_of_which_the_sponsors_member_was_one_cannot_enter(cast: Cast, challenge: Challenge) -> None:
    put_in(cast.abe, cast.northlight)
    leave(cast.abe, cast.northlight)
    refused(cast.nils, challenge, cast.northlight)


def test_who_screened_it_or_holds_a_role_of_the_operator_cannot_enter(cast: Cast, challenge: Challenge) -> None:
    for person in (cast.eve, cast.fen, cast.gu):
        refused(person, challenge)
    cast.eve.roles.clear()
    commit()
    assert "screened" in str(refused(cast.eve, challenge).message)
    put_in(cast.eve, cast.northlight)
    refused(cast.nils, challenge, cast.northlight)


def test_an_agency_under_the_sponsors_number_is_the_sponsor(cast: Cast, challenge: Challenge) -> None:
    number = cast.luoyang.registration_number or "91410300000000017X"
    for row in (cast.luoyang, cast.northlight):
        row.registration_number, row.register, row.country = number, "", "CN"
        row.verified_at = None
    commit()
    refused(cast.nils, challenge, cast.northlight)
    cast.northlight.country = "DE"
    commit()
    services.register(cast.nils, challenge.id, organisation_id=cast.northlight.id, accepted=True)


def test_the_page_says_why_not(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    leave(cast.abe, cast.luoyang)
    page = browser.sign_in(cast.abe).get(f"/challenges/{challenge.id}/register")
    assert "You have belonged to the organisation that posted this challenge" in page.text
    assert '<form method="post" class="form-narrow' not in page.text


# ---- while it is sealed


def sealed(cast: Cast, challenge: Challenge, *, submitted: bool = True) -> Proposal:
    """A proposal of Bea's for Northlight, which Nils owns, with a share for Bo."""
    put_in(cast.bea, cast.northlight)
    assert cast.nils.id
    proposal = factories.proposal(cast.bea, challenge, submitted=False, organisation=cast.northlight)
    shares.set_shares(cast.bea, proposal.id, own=5000, others=[(cast.bo.email, 5000)])
    shares.agree_share(cast.bo, proposal.id)
    shares.agree_share(cast.nils, proposal.id, for_agency=True)
    if submitted:
        services.submit(cast.bea, proposal.id)
    return proposal


def sees(person: User, proposal: Proposal) -> bool:
    """By the way to the row, and, which must say the same, by the list."""
    db.session.expire_all()
    try:
        queries.access(person, proposal.id)
        seen = True
    except NotFound:
        seen = False
    listed = sa.select(Proposal.id).where(Proposal.id == proposal.id, policy.visible_to(person))
    assert seen == (db.session.scalar(listed) is not None)
    return seen


def test_the_sponsor_does_not_read_through_an_agency(cast: Cast, challenge: Challenge) -> None:
    proposal = sealed(cast, challenge)
    assert sees(cast.nils, proposal)
    put_in(cast.ada, cast.northlight, MemberRole.OWNER)
    assert not sees(cast.ada, proposal)
    with pytest.raises(NotFound):
        services.withdraw(cast.ada, proposal.id)


def test_an_owner_who_joins_the_sponsor_stops_reading(cast: Cast, challenge: Challenge) -> None:
    proposal = sealed(cast, challenge)
    put_in(cast.nils, cast.luoyang)
    assert not sees(cast.nils, proposal)
    leave(cast.nils, cast.luoyang)
    assert not sees(cast.nils, proposal), "leaving again does not help"
    assert sees(cast.bea, proposal), "the author goes on reading the own work"


def test_a_contributor_who_joins_the_sponsor_stops_reading(cast: Cast, challenge: Challenge) -> None:
    proposal = sealed(cast, challenge, submitted=False)
    put_in(cast.bo, cast.luoyang)
    assert not sees(cast.bo, proposal)
    with pytest.raises(NotFound):
        services.save(cast.bo, proposal.id, title="x", abstract="y", body="z")


def test_who_screened_it_does_not_read_through_an_agency(cast: Cast, challenge: Challenge) -> None:
    proposal = sealed(cast, challenge)
    put_in(cast.eve, cast.northlight, MemberRole.OWNER)
    assert not sees(cast.eve, proposal)


BECOMES_CONFLICTED: dict[str, Callable[[Cast], None]] = {
    "the author joins the sponsor": lambda cast: put_in(cast.bea, cast.luoyang),
    "a contributor joins the sponsor": lambda cast: put_in(cast.bo, cast.luoyang),
    "the agency's owner joins the sponsor": lambda cast: put_in(cast.nils, cast.luoyang),
    "the sponsor's member joins the agency": lambda cast: put_in(cast.abe, cast.northlight),
    "the sponsor's owner owns the agency": lambda cast: put_in(cast.ada, cast.northlight, MemberRole.OWNER),
    "who screened it joins the agency": lambda cast: put_in(cast.eve, cast.northlight),
    "joined and left again": lambda cast: (put_in(cast.nils, cast.luoyang), leave(cast.nils, cast.luoyang))[0],
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    in_turn(metafunc, "become", BECOMES_CONFLICTED, number=2)


@pytest.fixture
def become(request: pytest.FixtureRequest) -> Callable[[Cast], None]:
    return BECOMES_CONFLICTED[request.param]


def test_a_conflicted_proposal_is_not_submitted(
    cast: Cast, challenge: Challenge, become: Callable[[Cast], None]
) -> None:
    proposal = sealed(cast, challenge, submitted=False)
    become(cast)
    with pytest.raises(Conflict, match="Somebody behind this proposal"):
        services.submit(cast.bea, proposal.id)


def test_a_conflicted_proposal_is_neither_begun_nor_taken_up_again(cast: Cast, challenge: Challenge) -> None:
    proposal = sealed(cast, challenge)
    services.withdraw(cast.bea, proposal.id)
    services.register(cast.dee, challenge.id, accepted=True)
    put_in(cast.dee, cast.luoyang)
    with pytest.raises(Invalid):
        services.start(cast.dee, challenge.id)
    put_in(cast.nils, cast.luoyang)
    with pytest.raises(Conflict):
        services.resume(cast.bea, proposal.id)


def test_insiders_get_no_share(cast: Cast, challenge: Challenge) -> None:
    draft = factories.proposal(cast.bo, challenge, submitted=False)
    leave(cast.abe, cast.luoyang)
    for person in (cast.ada, cast.abe, cast.eve, cast.fen):
        with pytest.raises(Invalid) as error:
            shares.set_shares(cast.bo, draft.id, own=5000, others=[(person.email, 5000)])
        assert set(error.value.fields) == {"others"}


# ---- judging


@pytest.fixture
def judged(cast: Cast, challenge: Challenge) -> Challenge:
    """Northlight's proposal and Dee's, reviewed by all."""
    for reviewer in cast.reviewers():
        assert reviewer.id
    sealed(cast, challenge)
    factories.proposal(cast.dee, challenge)
    factories.closed(cast, challenge)
    factories.scoring.form_panel(SYSTEM, challenge.id)
    for row in factories.assignments(challenge):
        factories.review(row)
    return challenge


def choose(cast: Cast, challenge: Challenge) -> None:
    first = queries.submitted(challenge.id)[0]
    award_services.select_award(
        cast.gu, challenge.id, prize_id=challenge.prizes[0].id, proposal_id=first.id, reason="The best."
    )


def silent(challenge: Challenge) -> None:
    """The sponsor has let the time to decide pass: the council decides."""
    factories.move_dates(challenge, decision_due_at=factories.now() - factories.timedelta(days=1))


def test_a_conflicted_proposal_is_not_chosen(cast: Cast, judged: Challenge, become: Callable[[Cast], None]) -> None:
    silent(judged)
    become(cast)
    with pytest.raises(Invalid, match="cannot win"):
        choose(cast, judged)


def test_nor_decided_about_once_it_is_chosen(cast: Cast, judged: Challenge, become: Callable[[Cast], None]) -> None:
    silent(judged)
    choose(cast, judged)
    become(cast)
    with pytest.raises(Conflict, match="cannot win"):
        award_services.decide(cast.gu, judged.id)


@pytest.mark.parametrize("name", ["ada", "abe", "eve", "gu"])
def test_who_is_behind_a_proposal_has_no_hand_in_the_judging(cast: Cast, judged: Challenge, name: str) -> None:
    """Neither decides nor sees the ranking, nor reads the rivals, whatever the office: as one of the agency's."""
    silent(judged)
    person, rival = getattr(cast, name), queries.submitted(judged.id)[1]
    assert sees(person, rival)
    put_in(person, cast.northlight)
    db.session.expire_all()
    assert not sees(person, rival)
    with pytest.raises(Forbidden):
        award_services.select_award(
            person, judged.id, prize_id=judged.prizes[0].id, proposal_id=rival.id, reason="Mine."
        )
    with pytest.raises(Forbidden):
        factories.scoring.queries.access_judging(person, judged.id)


def test_the_service_centre_does_not_choose_reviewers_of_its_own_proposal(cast: Cast, judged: Challenge) -> None:
    put_in(cast.eve, cast.northlight)
    with pytest.raises(Forbidden):
        factories.scoring.fill_vacancies(cast.eve, judged.id)


def test_reviewers_names_stay_hidden_from_an_agency_with_a_seat_at_the_sponsor(cast: Cast, judged: Challenge) -> None:
    from scoring.policy import sees_reviewers

    proposal = queries.submitted(judged.id)[0]
    assert sees_reviewers(cast.abe, proposal)
    put_in(cast.abe, cast.northlight)
    assert not sees_reviewers(cast.abe, proposal)


def test_a_platform_role_does_not_open_the_own_rivals(cast: Cast, challenge: Challenge) -> None:
    factories.proposal(cast.bea, challenge)
    factories.proposal(cast.dee, challenge)
    factories.closed(cast, challenge)
    rival = queries.submitted(challenge.id)[0]
    cast.dee.roles.append(
        db.session.scalars(
            sa.select(User.roles.property.mapper.class_).filter_by(name=PlatformRole.COUNCIL.value)
        ).one()
    )
    commit()
    assert not sees(cast.dee, rival)
