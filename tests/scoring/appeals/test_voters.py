"""Who votes about an appeal reads the proposal and its reviews, as long as the case is pending; nobody else does."""

import re

import pytest
import sqlalchemy as sa

from crowd.accounts.models import PlatformRole, User
from crowd.cases import services
from crowd.cases.models import Case
from crowd.cases.workflow import VoteChoice
from crowd.db import db
from crowd.errors import Forbidden, NotFound
from scoring.feedback import queries as feedback
from submissions import policy, queries
from submissions.models import Proposal
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.scoring.appeals.appealing import AGAINST, RECUSED, answer, appeal, proposal_of
from tests.submissions.test_pages import words

PLACE = 3  # the council's step


class Vote:
    """An appeal of Bea's with a vote for which members lack: Una and Ugo are left, Uta is recused, Sue substitutes."""

    def __init__(self, cast: Cast) -> None:
        challenge = factories.decided(cast, "bo", "bea")
        self.una, self.ugo, self.uta = (factories.user(name, PlatformRole.COUNCIL) for name in ("Una", "Ugo", "Uta"))
        self.sue, self.sam, self.ann = (factories.user(name, PlatformRole.EXPERT) for name in ("Sue", "Sam", "Ann"))
        self.case: Case = appeal(challenge, cast.bea)
        self.proposal: Proposal = proposal_of(challenge, cast.bea)
        self.rival: Proposal = proposal_of(challenge, cast.bo)
        answer(cast, self.case)
        self.vote(self.uta, RECUSED)
        ed = factories.user("Ed", PlatformRole.SERVICE_CENTRE)
        for person in (self.sue, self.sam):
            services.name_substitute(ed, self.case.public_id, PLACE, user_id=person.id)
            if person is self.sue:
                self.vote(self.sue, RECUSED)  # so that another one is needed

    def vote(self, person: User, choice: VoteChoice) -> None:
        services.vote(person, self.case.public_id, PLACE, choice=choice, reasons="So.")

    def reads(self, person: User, proposal: Proposal) -> bool:
        """By the policy and by its SQL twin, which say the same; and so do the reviews."""
        pure = queries.may_view(person, proposal)
        listed = sa.select(Proposal.id).where(Proposal.id == proposal.id, policy.visible_to(person))
        assert pure == (db.session.scalar(listed) is not None)
        try:
            feedback.access_feedback(person, proposal.id)
        except (NotFound, Forbidden):
            assert not pure
        else:
            assert pure
        return pure


@pytest.fixture
def vote(cast: Cast) -> Vote:
    return Vote(cast)


def test_who_reads_what_is_voted_on(vote: Vote) -> None:
    people = (vote.una, vote.ugo, vote.uta, vote.sue, vote.sam, vote.ann)
    assert {one for one in people if vote.reads(one, vote.proposal)} == {vote.una, vote.ugo, vote.sam}
    assert {one for one in people if vote.reads(one, vote.rival)} == {vote.una, vote.ugo, vote.uta}


def test_a_substitute_reads_on_the_pages_and_changes_nothing(vote: Vote, browser: Browser) -> None:
    page, reviews = f"/proposals/{vote.proposal.id}", f"/proposals/{vote.proposal.id}/reviews"
    case = browser.sign_in(vote.sam).get(f"/cases/{vote.case.public_id}").text
    assert f'href="{page}"' in case
    assert reviews in browser.get(page).text
    shown = browser.get(reviews).text
    named = {row.reviewer.name for row in factories.assignments(vote.proposal.challenge)}
    assert not named & set(re.findall(r"\w+", words(shown)))
    assert browser.get(f"/challenges/{vote.proposal.challenge_id}/panel").status_code in (403, 404)
    assert browser.get(f"/proposals/{vote.rival.id}").status_code == 404
    assert not policy.can_edit(vote.sam, vote.proposal)
    for person in (vote.uta, vote.sue, vote.ann):
        assert browser.sign_in(person).get(page).status_code == 404
        assert browser.get(reviews).status_code in (403, 404)


def test_who_has_a_conflict_since_reads_it_no_more(vote: Vote, cast: Cast) -> None:
    vote.sam.roles = []
    db.session.flush()
    assert not vote.reads(vote.sam, vote.proposal), "no expert any more"


def test_once_the_case_has_ended_a_substitute_reads_nothing(vote: Vote) -> None:
    for person in (vote.una, vote.ugo, vote.sam):
        vote.vote(person, AGAINST)
    assert not vote.case.is_pending
    assert not vote.reads(vote.sam, vote.proposal)
    assert vote.reads(vote.una, vote.proposal)
