"""What is asked at the registration: needed, kept for those who may read it, corrected until the close."""

import re

import pytest
import sqlalchemy as sa

from challenges.entry.clause import QuestionLine
from challenges.entry.models import NdaSignature
from challenges.models import Challenge
from challenges.personal_data import PERSONAL_DATA as OF_CHALLENGES
from crowd import clock
from crowd.accounts.personal_data import services as personal
from crowd.audit import AuditEvent
from crowd.db import db
from crowd.errors import Conflict, Invalid, NotFound
from submissions import services as submissions
from submissions.acceptance import services as acceptance
from submissions.entry import policy, queries, services
from submissions.entry.models import RegistrationAnswer, RegistrationDocument
from submissions.personal_data import PERSONAL_DATA
from tests import factories
from tests.cast import Cast
from tests.challenges.entry import gated
from tests.challenges.entry.gated import DOCUMENT, QUESTION


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    return gated.opened(cast)


@pytest.mark.parametrize(
    "given", [{"answers": {}}, {"answers": {QUESTION: "  "}}, {"documents": {}}, {"answers": {QUESTION: "x" * 2001}}]
)
def test_what_is_needed_must_be_there(cast: Cast, challenge: Challenge, given: dict[str, dict[str, str]]) -> None:
    with pytest.raises(Invalid):
        gated.register(cast.bo, challenge, **given)
    assert queries.entered_at(cast.bo, challenge.id) is None


def test_what_is_optional_may_be_left_out(cast: Cast) -> None:
    questions = [QuestionLine(text=QUESTION, required=False)]
    challenge = factories.opened(cast, questions=questions)
    row = submissions.register(cast.bo, challenge.id, accepted=True)
    assert queries.given(row).answers == {}


def test_answers_are_corrected_until_the_close(cast: Cast, challenge: Challenge) -> None:
    row = gated.register(cast.bo, challenge)
    first = queries.given(row).documents[DOCUMENT].public_id
    services.correct(
        cast.bo, challenge.id, answers={QUESTION: "Three."}, documents={DOCUMENT: gated.certificate(data=b"June")}
    )
    given = queries.given(row)
    assert given.answers == {QUESTION: "Three."}
    assert given.documents[DOCUMENT].public_id != first
    services.correct(cast.bo, challenge.id, answers={QUESTION: "Four."}, documents={})
    assert queries.given(row).documents.keys() == {DOCUMENT}, "a document that was given is not asked again"
    with pytest.raises(Invalid):
        services.correct(cast.bo, challenge.id, answers={QUESTION: ""}, documents={})
    actions = sa.select(AuditEvent.action, AuditEvent.data).where(AuditEvent.subject_type == "registration")
    events = db.session.execute(actions.order_by(AuditEvent.id)).all()
    assert [event.action for event in events] == ["registration.created", *["registration.answered"] * 2]
    assert not re.search("Three|Four|certificate", str([event.data for event in events])), "no answer in the trail"
    factories.closed(cast, challenge)
    with pytest.raises(Conflict):
        services.correct(cast.bo, challenge.id, answers={QUESTION: "Late."}, documents={})
    with pytest.raises(NotFound):
        services.correct(cast.bea, challenge.id, answers={}, documents={})


def test_a_new_question_is_answered_before_the_change_is_accepted(cast: Cast, challenge: Challenge) -> None:
    row = gated.register(cast.bo, challenge)
    other = QuestionLine(text="Which amplifier?")
    gated.amend(cast, challenge, questions=[QuestionLine(text=QUESTION), other])
    assert not services.is_complete(challenge, row)
    with pytest.raises(Conflict):
        acceptance.accept(cast.bo, challenge.id, contract=2)
    services.correct(cast.bo, challenge.id, answers={QUESTION: "Two.", other.text: "A small one."}, documents={})
    acceptance.accept(cast.bo, challenge.id, contract=2)


EVERYBODY = ("bo", "bea", "dee", "ada", "abe", "nils", "eve", "cy", "fen", "gu", "aud", "adm")


@pytest.mark.parametrize("state", ["open", "judging", "decided"])
def test_only_the_sponsor_the_centre_and_the_registrant_read_it(cast: Cast, state: str) -> None:
    people = {name: getattr(cast, name) for name in EVERYBODY}
    challenge = gated.opened(cast)
    row = gated.register(cast.bo, challenge)
    gated.register(cast.bea, challenge)
    if state != "open":
        factories.closed(cast, challenge)
    if state == "decided":
        factories.move_dates(challenge, reviews_due_at=clock.now())
    document = queries.given(row).documents[DOCUMENT].public_id
    reading = {name for name, person in people.items() if policy.can_read(person, challenge, row)}
    listing = {name for name, person in people.items() if policy.can_list(person, challenge)}
    assert reading == {"bo", "ada", "abe", "eve"}
    assert listing == {"ada", "abe", "eve"}
    assert {name for name, person in people.items() if policy.can_correct(person, row)} == {"bo"}
    for name, person in {**people, "nobody": None}.items():
        if name in reading:
            assert queries.document(person, challenge.id, document).name == "certificate.txt"
        else:
            with pytest.raises(NotFound):
                queries.document(person, challenge.id, document)
        if name in listing:
            _challenge, page = queries.registrants(person, challenge.id, after=None, size=20)
            assert [one.person for one in page.rows] == ["Bo", "Bea"]
        else:
            with pytest.raises(NotFound):
                queries.registrants(person, challenge.id, after=None, size=20)


def test_where_nothing_is_asked_nobody_learns_who_registered(cast: Cast) -> None:
    challenge = factories.opened(cast)
    submissions.register(cast.bo, challenge.id, accepted=True)
    with pytest.raises(NotFound):
        queries.registrants(cast.ada, challenge.id, after=None, size=20)


def test_the_export_has_it_and_the_deletion_takes_it(cast: Cast, challenge: Challenge) -> None:
    gated.register(cast.bo, challenge)
    gated.sign(cast.bo, challenge)
    rows = {name: db.session.execute(query(cast.bo.id)).all() for name, query in PERSONAL_DATA.items()}
    assert rows["registration_answers"][0].answer == "Two B&K 8103."
    assert rows["registration_documents"][0].document == DOCUMENT
    (signed,) = db.session.execute(OF_CHALLENGES["ndas_signed"](cast.bo.id)).all()
    assert (signed.name, signed.version) == ("Bo", 1)
    submissions.unregister(cast.bo, challenge.id)
    gated.register(cast.bo, challenge)
    factories.closed(cast, challenge)
    personal.erase_account(cast.bo, cast.bo.id)
    assert db.session.scalars(sa.select(RegistrationAnswer)).all() == []
    assert db.session.scalars(sa.select(RegistrationDocument)).all() == []
    assert db.session.scalars(sa.select(NdaSignature.name)).all() == ["Erased person"]
