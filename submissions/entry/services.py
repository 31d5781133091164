"""Enter, and answer and give what the contract asks for; correct it until the close."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.dialects.postgresql import insert
from werkzeug.datastructures import FileStorage

from challenges import queries as challenges
from challenges.models import Challenge
from challenges.policy import can_view as can_view_challenge
from crowd import clock, files
from crowd.accounts.models import Organisation, User
from crowd.audit import Actor, record
from crowd.config import limits
from crowd.contracts.models import ContractVersion
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound, Sentence
from submissions import queries as proposals
from submissions.deadline import refusal
from submissions.entry import policy, queries
from submissions.entry.eligibility import UnmetConditions, reasons
from submissions.entry.models import RegistrationAnswer, RegistrationDocument
from submissions.models import Registration
from submissions.participation import queries as participation
from submissions.participation.queries import participation_of

Kept = Mapping[str, files.Kept]  # by the name of the document


def keep(uploads: Mapping[str, FileStorage]) -> Kept:
    """Put the chosen files into the store, by the names of the documents; before the transaction that refers to them.
    Raises Invalid, which names the document.
    """
    kept = {}
    for name, upload in uploads.items():
        try:
            kept[name] = files.keep(upload.stream, upload.filename or "")
        except Invalid as refusal:
            raise Invalid(_("%(file)s was not added: %(problem)s", file=name, problem=refusal.message)) from refusal
    return kept


def refuse_ineligible(actor: User, challenge: Challenge, organisation_id: int | None) -> None:
    """Raise Invalid, with every condition that is not met, where the person may not enter for themselves or for the
    organisation.
    """
    organisation = db.session.get_one(Organisation, organisation_id) if organisation_id is not None else None
    if found := reasons(actor, challenge, organisation):
        raise Invalid(_("You cannot enter this challenge. %(why)s", why=UnmetConditions(found)))


def enter(
    actor: Actor, challenge_id: int, organisation_id: int | None, now: datetime, version: ContractVersion
) -> Registration:
    """The new registration. Of two for one agency the database accepts one; the other waits for the name of
    the first.
    """
    entry = {
        "challenge_id": challenge_id, "user_id": actor.id, "organisation_id": organisation_id, "accepted_at": now,
        "contract_version_id": version.id,
    }  # fmt: skip
    if organisation_id is not None:
        _free_left_entry(challenge_id, organisation_id)
    row_id = db.session.scalar(insert(Registration).values(entry).on_conflict_do_nothing().returning(Registration.id))
    if row_id is not None:
        return db.session.get_one(Registration, row_id)
    other = participation.entry_of(challenge_id, organisation_id)
    if other is None or other.user_id == actor.id:
        raise Conflict(_("You are registered for this challenge already."))
    raise Invalid.at("organisation_id", participation.entered_by(other))


def _free_left_entry(challenge_id: int, organisation_id: int) -> None:
    """A person who registered for the agency and left it without a proposal keeps a personal registration: the entry is
    free.
    """
    other = participation.entry_of(challenge_id, organisation_id)
    if other is None or other.acts or other.proposal_id is not None:
        return
    left = sa.update(Registration).where(Registration.id == other.id, Registration.organisation_id == organisation_id)
    db.session.execute(left.values(organisation_id=None))


# ---- what is asked


def give(actor: Actor, challenge: Challenge, row: Registration, answers: Mapping[str, str], documents: Kept) -> None:
    """Store what was answered, by question, and given, by document. Raises Invalid for what is missing."""
    asked, before = challenge.entry, queries.given(row)
    answers = {line["text"]: answers.get(line["text"], "").strip() for line in asked["questions"]}
    documents = {line["name"]: documents[line["name"]] for line in asked["documents"] if line["name"] in documents}
    present = {**before.documents, **documents}
    found = [_missing(line["text"]) for line in asked["questions"] if line["required"] and not answers[line["text"]]]
    found += [_missing(line["name"]) for line in asked["documents"] if line["required"] and line["name"] not in present]
    most = limits().max_reason_length
    if any(len(answer) > most for answer in answers.values()):
        found.append(_("An answer may have at most %(most)s characters.", most=most))
    if found:
        raise Invalid(_("Please correct the following"), fields={"asked": found})
    _answer(row, {question: text for question, text in answers.items() if text != before.answers.get(question, "")})
    _hand_over(actor, row, documents)


def _missing(what: str) -> Sentence:
    return _("This is needed to register: %(what)s", what=what)


def _answer(row: Registration, changed: Mapping[str, str]) -> None:
    for question, answer in changed.items():
        values = {"registration_id": row.id, "question": question, "answer": answer, "changed_at": clock.db_now()}
        statement = insert(RegistrationAnswer).values(values)
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=["registration_id", "question"],
                set_={name: statement.excluded[name] for name in ("answer", "changed_at")},
            )
        )


def drop_documents(row: Registration, *names: str) -> None:
    """Delete what was given at a registration: the documents of these names, without names all. The bytes are deleted
    some time later.
    """
    query = sa.delete(RegistrationDocument).where(RegistrationDocument.registration_id == row.id)
    if names:
        query = query.where(RegistrationDocument.name.in_(names))
    files.delete(db.session.scalars(query.returning(RegistrationDocument.file_id)).all())


def _hand_over(actor: Actor, row: Registration, documents: Kept) -> None:
    for name, kept in documents.items():
        drop_documents(row, name)
        stored = files.refer(actor, kept)
        db.session.add(RegistrationDocument(registration_id=row.id, name=name, file_id=stored.id))
    db.session.flush()


@atomic
def correct(actor: User, challenge_id: int, *, answers: Mapping[str, str], documents: Kept) -> Registration:
    """Correct the answers and documents of the person's own registration. Raises NotFound without one, Conflict after
    the close, Invalid.
    """
    challenge = challenges.access(actor, challenge_id, to=can_view_challenge)
    now = clock.arrived_at()
    row = participation_of(actor, challenge_id).registration
    if row is None:
        raise NotFound
    if not policy.can_correct(actor, row):
        raise Forbidden
    if not proposals.hold_open(now, challenge_id=challenge.id):
        raise Conflict(refusal(challenge, now))
    give(actor, challenge, row, answers, documents)
    record(actor, "registration.answered", row)
    return row


def is_complete(challenge: Challenge, row: Registration) -> bool:
    """Whether everything that the contract in force needs was answered and given."""
    asked = challenge.entry
    if not asked["questions"] and not asked["documents"]:
        return True
    there = queries.given(row)
    answered = all(there.answers.get(line["text"]) for line in asked["questions"] if line["required"])
    return answered and all(line["name"] in there.documents for line in asked["documents"] if line["required"])


def refuse_incomplete(challenge: Challenge, row: Registration) -> None:
    """Raise Conflict where something that the contract in force needs is missing."""
    if not is_complete(challenge, row):
        raise Conflict(_("The contract asks for more at the registration now. Give that first, then accept."))
