"""Taking part, writing in versions, files, and being final."""

import hashlib
import io
from datetime import timedelta

import pytest
import sqlalchemy as sa

from challenges.models import Challenge
from crowd import clock
from crowd.accounts.models import User
from crowd.audit import AuditEvent
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.notifications.models import Notification
from crowd.values import count
from submissions import jobs, queries, receipt, services
from submissions.models import Proposal, ProposalFile, Registration
from submissions.workflow import ProposalState
from tests import factories
from tests.cast import Cast, join

PDF = b"%PDF-1.7\n" + b"x" * 100
TEXT = {"title": "Two geophones", "abstract": "Short.", "body": "Long.", "language": "en"}


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    return factories.opened(cast)


@pytest.fixture
def draft(cast: Cast, challenge: Challenge) -> Proposal:
    return factories.proposal(cast.bo, challenge, submitted=False)


def attach(who: User, proposal: Proposal, name: str = "plan.pdf", data: bytes = PDF) -> ProposalFile:
    return services.attach(who, proposal.id, stream=io.BytesIO(data), filename=name)


def verbs(proposal: Proposal) -> list[str]:
    return [event.action for event in queries.timeline(proposal)]


# ---- taking part


def test_who_accepts_the_terms_takes_part_and_is_counted(cast: Cast, challenge: Challenge) -> None:
    row = services.register(cast.bo, challenge.id, accepted=True)
    assert (row.user_id, row.organisation_id) == (cast.bo.id, None)
    assert challenge.registrations_count == 1
    with pytest.raises(Conflict):
        services.register(cast.bo, challenge.id, accepted=True)
    assert challenge.registrations_count == 1


def test_terms_have_to_be_accepted(cast: Cast, challenge: Challenge) -> None:
    with pytest.raises(Invalid) as refused:
        services.register(cast.bo, challenge.id)
    assert "accepted" in refused.value.fields


def test_the_sponsors_own_people_cannot_answer(cast: Cast, challenge: Challenge) -> None:
    for person in (cast.ada, cast.abe):
        with pytest.raises(Invalid, match="belong to the organisation"):
            services.register(person, challenge.id, accepted=True)


def test_an_agency_is_answered_for_by_its_own_people_only(cast: Cast, challenge: Challenge) -> None:
    with pytest.raises(Invalid):
        services.register(cast.bo, challenge.id, organisation_id=cast.northlight.id, accepted=True)
    services.register(cast.nils, challenge.id, organisation_id=cast.northlight.id, accepted=True)
    assert services.start(cast.nils, challenge.id).organisation_id == cast.northlight.id


def test_leaving_is_possible_until_a_proposal_is_begun(cast: Cast, challenge: Challenge) -> None:
    services.register(cast.bo, challenge.id, accepted=True)
    services.unregister(cast.bo, challenge.id)
    assert (challenge.registrations_count, db.session.scalar(sa.select(sa.func.count(Registration.id)))) == (0, 0)
    services.register(cast.bo, challenge.id, accepted=True)
    services.start(cast.bo, challenge.id)
    with pytest.raises(Conflict):
        services.unregister(cast.bo, challenge.id)


def test_a_proposal_needs_a_registration_and_begins_once(cast: Cast, challenge: Challenge) -> None:
    with pytest.raises(Forbidden):
        services.start(cast.bo, challenge.id)
    services.register(cast.bo, challenge.id, accepted=True)
    first = services.start(cast.bo, challenge.id)
    assert services.start(cast.bo, challenge.id).id == first.id
    assert first.draft_version is not None
    assert first.draft_version.number == 1


def test_a_challenge_that_is_not_open_takes_nobody(cast: Cast) -> None:
    row = factories.funded(cast)
    with pytest.raises((Conflict, NotFound)):
        services.register(cast.bo, row.id, accepted=True)


# ---- versions


def test_a_final_version_stays_and_the_next_edit_begins_a_copy_with_its_files(cast: Cast, draft: Proposal) -> None:
    attach(cast.bo, draft)
    first = services.submit(cast.bo, draft.id)
    before = (first.title, first.digest, [part.file_id for part in first.files])
    second = services.save(cast.bo, draft.id, **(TEXT | {"title": "Three geophones"}))
    assert (second.number, second.title) == (2, "Three geophones")
    assert [part.file_id for part in second.files] == before[2]
    assert (first.title, first.digest, [part.file_id for part in first.files]) == before
    assert draft.submitted_version_id == first.id
    services.submit(cast.bo, draft.id)
    db.session.refresh(draft)
    assert (draft.submitted_version_id, draft.draft_version_id) == (second.id, None)
    assert draft.challenge.proposals_count == 1


def test_saving_what_is_there_already_begins_nothing(cast: Cast, draft: Proposal) -> None:
    version = services.submit(cast.bo, draft.id)
    texts = {name: getattr(version, name) for name in services.TEXTS}
    assert services.save(cast.bo, draft.id, **texts).id == version.id
    with pytest.raises(Conflict, match="nothing new"):
        services.submit(cast.bo, draft.id)


def test_two_editors_do_not_overwrite_one_another(cast: Cast, challenge: Challenge) -> None:
    join(cast.bea, cast.northlight)
    row = factories.proposal(cast.bea, challenge, submitted=False, organisation=cast.northlight)
    opened = receipt.stamp(queries.working_version(row))
    services.save(cast.bea, row.id, **(TEXT | {"body": "Bea's"}), base=opened, editor="page-of-bea")
    with pytest.raises(services.EditConflict):
        services.save(cast.nils, row.id, **(TEXT | {"body": "Nils'"}), base=opened, editor="page-of-nils")
    assert queries.working_version(row).body == "Bea's"


def test_an_opened_page_saves_over_itself_and_is_noted_once(cast: Cast, draft: Proposal) -> None:
    opened = receipt.stamp(queries.working_version(draft))
    noted = verbs(draft).count("proposal.saved")
    for body in ("a", "ab", "abc"):
        services.save(cast.bo, draft.id, **(TEXT | {"body": body}), base=opened, editor="one page")
    assert queries.working_version(draft).body == "abc"
    assert verbs(draft).count("proposal.saved") == noted + 1


def test_the_receipt_is_the_digest_of_a_document_that_anybody_can_compute(cast: Cast, draft: Proposal) -> None:
    attach(cast.bo, draft)
    version = services.submit(cast.bo, draft.id)
    assert version.digest == hashlib.sha256(receipt.document(version)).hexdigest()
    assert hashlib.sha256(PDF).hexdigest() in receipt.document(version).decode()
    told = db.session.scalars(sa.select(Notification).where(Notification.user_id == cast.bo.id)).all()
    assert [note.params["digest"] for note in told if note.kind == "submissions.receipt"] == [version.digest]


def test_what_is_final_is_what_was_looked_at(cast: Cast, draft: Proposal) -> None:
    base = receipt.digest(queries.working_version(draft))
    services.save(cast.bo, draft.id, **(TEXT | {"title": "Changed since"}))
    with pytest.raises(services.EditConflict):
        services.submit(cast.bo, draft.id, base=base)
    db.session.refresh(draft)
    assert draft.state == ProposalState.DRAFT


def test_an_incomplete_draft_says_what_is_missing(cast: Cast, challenge: Challenge) -> None:
    row = factories.proposal(cast.bo, challenge, submitted=False, title="", body=" ")
    with pytest.raises(Invalid) as refused:
        services.submit(cast.bo, row.id)
    assert set(refused.value.fields) == {"title", "body"}


# ---- files


def test_a_file_that_is_not_what_its_name_says_is_refused(cast: Cast, draft: Proposal) -> None:
    for name, data in (("plan.pdf", b"<html><script>"), ("photo.png", b"GIF89a"), ("run.exe", b"MZ"), ("a.txt", b"")):
        with pytest.raises(Invalid):
            attach(cast.bo, draft, name, data)
    assert queries.working_version(draft).files == []


def test_files_have_a_number_and_a_size_at_most(cast: Cast, draft: Proposal) -> None:
    for number in range(10):
        attach(cast.bo, draft, f"{number}.pdf")
    with pytest.raises(Invalid, match="at most 10"):
        attach(cast.bo, draft, "eleventh.pdf")


def test_removing_a_file_after_its_receipt_makes_a_new_version(cast: Cast, draft: Proposal) -> None:
    part = attach(cast.bo, draft)
    first = services.submit(cast.bo, draft.id)
    services.detach(cast.bo, draft.id, part.file_id)
    db.session.refresh(draft)
    assert queries.working_version(draft).number == 2
    assert queries.working_version(draft).files == []
    assert [one.file_id for one in first.files] == [part.file_id]
    with pytest.raises(NotFound):
        services.detach(cast.bo, draft.id, part.file_id)


# ---- withdrawing, the close


def test_a_withdrawn_proposal_frees_its_place_and_can_be_taken_up_again(cast: Cast) -> None:
    challenge = factories.opened(cast, proposals_limit=1)
    mine = factories.proposal(cast.bo, challenge)
    theirs = factories.proposal(cast.bea, challenge, submitted=False)
    with pytest.raises(Conflict, match="full"):
        services.submit(cast.bea, theirs.id)
    services.withdraw(cast.bo, mine.id)
    assert challenge.proposals_count == 0
    services.submit(cast.bea, theirs.id)
    services.resume(cast.bo, mine.id)
    db.session.refresh(mine)
    assert (mine.state, queries.working_version(mine).number) == (ProposalState.DRAFT, 2)
    with pytest.raises(Conflict, match="full"):
        services.submit(cast.bo, mine.id)


def test_after_the_close_nothing_changes_and_how_late_is_said(cast: Cast, challenge: Challenge) -> None:
    row = factories.proposal(cast.bo, challenge)
    late = factories.proposal(cast.bea, challenge, submitted=False)
    version_id = row.submitted_version_id
    factories.move_dates(
        challenge, opens_at=clock.now() - timedelta(days=9), closes_at=clock.now() - timedelta(minutes=90)
    )
    acts = [
        lambda: services.save(cast.bo, row.id, **TEXT),
        lambda: attach(cast.bo, row),
        lambda: services.withdraw(cast.bo, row.id),
        lambda: services.register(cast.dee, challenge.id, accepted=True),
        lambda: services.submit(cast.bea, late.id),
    ]
    for act in acts:
        with pytest.raises(Conflict, match=r"hour.* later\. Your draft was kept"):
            act()
    db.session.refresh(row)
    assert (row.state, row.submitted_version_id, challenge.proposals_count) == (ProposalState.SUBMITTED, version_id, 1)


def test_who_left_the_agency_no_longer_acts_for_it(cast: Cast, challenge: Challenge) -> None:
    membership = join(cast.bea, cast.northlight)
    row = factories.proposal(cast.bea, challenge, submitted=False, organisation=cast.northlight)
    db.session.delete(membership)
    db.session.flush()
    db.session.expire(cast.bea)
    with pytest.raises(Forbidden):
        services.submit(cast.bea, row.id)
    services.submit(cast.nils, row.id)


# ---- jobs


def test_all_who_take_part_are_told_once(cast: Cast, challenge: Challenge) -> None:
    factories.proposal(cast.bo, challenge)
    services.register(cast.bea, challenge.id, accepted=True)
    factories.closed(cast, challenge)
    for _time in range(2):
        assert jobs.notify_closed(challenge.id) == {"notified": count(2)}
    kinds = db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == "submissions.closed")).all()
    assert sorted(kinds) == sorted([cast.bo.id, cast.bea.id])


def test_drafts_are_reminded_a_day_before_the_close_and_not_earlier(cast: Cast, challenge: Challenge) -> None:
    factories.proposal(cast.bo, challenge)
    factories.proposal(cast.bea, challenge, submitted=False)
    assert jobs.remind_drafts(challenge.id) == {"notified": count(0)}
    factories.move_dates(challenge, closes_at=clock.now() + timedelta(hours=23))
    assert jobs.remind_drafts(challenge.id) == {"notified": count(1)}


def test_no_event_and_no_notice_carries_a_word_of_a_proposal(cast: Cast, challenge: Challenge) -> None:
    factories.proposal(cast.bo, challenge, title="canary-title", abstract="canary-abstract", body="canary-body")
    events = db.session.scalars(sa.select(sa.cast(AuditEvent.data, sa.Text))).all()
    notices = db.session.scalars(sa.select(sa.cast(Notification.params, sa.Text))).all()
    assert not [text for text in (*events, *notices) if "canary" in text]
