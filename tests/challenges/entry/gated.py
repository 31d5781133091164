"""A challenge with an NDA, a question, a document, and one attachment for each audience."""

import io
from dataclasses import replace
from typing import Any

from challenges import services as drafts
from challenges.brief import from_challenge
from challenges.contract import queries as contracts
from challenges.contract import services as amendments
from challenges.entry import services as entry
from challenges.entry.clause import AttachmentLine, DocumentLine, QuestionLine, Readership
from challenges.entry.models import Attachment
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from crowd import files
from crowd.accounts.models import User
from crowd.contracts.models import ContractVersion
from submissions import services as submissions
from submissions.models import Registration
from tests import factories
from tests.browser.addresses import PICTURE
from tests.cast import Cast

NDA = "You keep the pump curves secret for two years."
SECRET = "The canary pumps stand in halls 4 and 7."
QUESTION, DOCUMENT = "Which hydrophones do you own?", "Calibration certificate"
ASKED = {"questions": [QuestionLine(text=QUESTION)], "documents": [DocumentLine(name=DOCUMENT)]}
PUBLIC, REGISTERED, SIGNED = Readership.PUBLIC, Readership.REGISTERED, Readership.SIGNED
SENT = {
    PUBLIC: ("plan.png", PICTURE),
    REGISTERED: ("管网.csv", b"main,metres\n1,612\n"),
    SIGNED: ("canary.txt", b"curve"),
}


def attach(actor: User, challenge: Challenge, name: str, data: bytes) -> Attachment:
    return entry.attach(actor, challenge.id, stream=io.BytesIO(data), filename=name)


def draft(cast: Cast, **changes: Any) -> Challenge:
    """Ada's draft with all of it."""
    row = factories.challenge(cast.ada, cast.luoyang)
    kept = [
        AttachmentLine(id=attach(cast.ada, row, *sent).public_id, audience=audience) for audience, sent in SENT.items()
    ]
    whole: dict[str, Any] = {"nda": NDA, "full_text": SECRET, "full_text_for": SIGNED, "attachments": kept, **ASKED}
    return drafts.edit(cast.ada, row.id, changes=whole | changes)


def opened(cast: Cast, **changes: Any) -> Challenge:
    """The same, open."""
    row = draft(cast, **changes)
    lifecycle.submit(cast.ada, row.id)
    factories.approve(cast.eve, row.id)
    factories.pay_in(cast, cast.luoyang, row.cost)
    return lifecycle.fund(cast.ada, row.id)


def certificate(name: str = "certificate.txt", data: bytes = b"calibrated in May") -> files.Kept:
    return files.keep(io.BytesIO(data), name)


def register(person: User, challenge: Challenge, **options: Any) -> Registration:
    """Register, with an answer and a document."""
    given: dict[str, Any] = {"answers": {QUESTION: "Two B&K 8103."}, "documents": {DOCUMENT: certificate()}}
    whole = {**given, "accepted": True}
    return submissions.register(person, challenge.id, **(whole | options))


def sign(person: User, challenge: Challenge) -> None:
    entry.sign(person, challenge.id, name=person.name, contract=contracts.in_force(challenge).number)


def amend(cast: Cast, challenge: Challenge, **changes: Any) -> ContractVersion:
    """Ada publishes a change."""
    brief = replace(contracts.brief_in_force(challenge), **changes)
    shown = amendments.plan(challenge, brief).digest
    return amendments.amend(cast.ada, challenge.id, brief=brief, reason="A better plan.", shown=shown)


def file_for(challenge: Challenge, audience: str) -> str:
    """The public id of the attachment for this audience, as the challenge has it now."""
    return next(line.id for line in from_challenge(challenge).attachments if line.audience == audience)
