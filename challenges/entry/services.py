"""Keep attachments, and signatures of the NDA."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import IO

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.dialects.postgresql import insert

from challenges import policy as challenge_policy
from challenges import queries as challenges
from challenges.contract import queries as contracts
from challenges.contract.document import KIND
from challenges.entry import gate, policy, queries
from challenges.entry.document import attachments_of
from challenges.entry.models import Attachment, NdaSignature
from challenges.models import Challenge
from challenges.screening.models import ScreeningRound
from challenges.workflow import ChallengeState
from crowd import clock, files
from crowd.accounts.models import User
from crowd.audit import Actor, record
from crowd.config import limits
from crowd.contracts.models import Contract, ContractVersion
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid

# Whether the draft, the version in force, another version, or what was sent to the screening has an attachment.
ITS_LINE = sa.func.jsonb_build_array(sa.func.jsonb_build_object("id", Attachment.public_id))
NAMED = sa.or_(
    sa.exists().where(Challenge.id == Attachment.challenge_id, Challenge.entry["attachments"].contains(ITS_LINE)),
    sa.exists().where(
        Contract.kind == KIND,
        Contract.subject_id == Attachment.challenge_id,
        ContractVersion.contract_id == Contract.id,
        ContractVersion.data["attachments"].contains(ITS_LINE),
    ),
    sa.exists().where(
        ScreeningRound.challenge_id == Attachment.challenge_id,
        ScreeningRound.document["attachments"].contains(ITS_LINE),
    ),
)
FILES_OF_A_DRAFT = 10  # times as many as a challenge may have: removed ones count, too
MAX_NAME = 120  # characters


def attach(actor: Actor, challenge_id: int, *, stream: IO[bytes], filename: str) -> Attachment:
    """Keep a file for a draft, or for a change of an open challenge; it belongs to the challenge once the draft or the
    change names it. Raises Invalid (too many, too large, contents that do not match the name), Conflict.
    """
    _changeable(actor, challenge_id)
    return _attach(actor, challenge_id, files.keep(stream, filename, limit=limits().attachment_bytes))


def _changeable(actor: Actor, challenge_id: int, *, lock: bool = False) -> Challenge:
    challenge = challenges.access(actor, challenge_id, to=challenge_policy.can_edit, lock=lock)
    if challenge.state not in (ChallengeState.DRAFT, ChallengeState.OPEN):
        raise Conflict(_("Files are added to a draft, or with a change of an open challenge."))
    return challenge


@atomic
def _attach(actor: Actor, challenge_id: int, kept: files.Kept) -> Attachment:
    challenge = _changeable(actor, challenge_id, lock=True)
    most = FILES_OF_A_DRAFT * limits().attachments
    if len(attachments_of(challenge.id)) >= most:
        raise Invalid(_("At most %(number)s files are kept for a challenge, with those left out.", number=most))
    salt = secrets.token_hex(32)
    row = Attachment(
        challenge_id=challenge.id, file_id=files.refer(actor, kept).id, salt=salt,
        salted=gate.salted_digest(salt, files.chunks(kept.digest)), added_by=actor.id,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    record(actor, "attachment.added", row)
    return row


def unused(before: datetime) -> Sequence[int]:
    """The ids of the challenges with an attachment from before a time that nothing names."""
    query = sa.select(Attachment.challenge_id).where(Attachment.added_at < before, ~NAMED).distinct()
    return db.session.scalars(query.order_by(Attachment.challenge_id)).all()


@atomic
def delete_unused(challenge_id: int, before: datetime) -> int:
    """Delete a challenge's attachments from before a time that nothing names: what was removed, or never used. How
    many.
    """
    db.session.execute(sa.select(Challenge.id).where(Challenge.id == challenge_id).with_for_update())
    here = Attachment.challenge_id == challenge_id, Attachment.added_at < before, ~NAMED
    statement = sa.delete(Attachment).where(*here).returning(Attachment.file_id)
    gone = db.session.scalars(statement.execution_options(synchronize_session=False)).all()
    files.delete(gone)
    return len(gone)


@atomic
def sign(actor: User, challenge_id: int, *, name: str, contract: int) -> NdaSignature:
    """Sign the NDA of the version in force, by the name that the person typed; `contract` is the number of the version
    that they were shown.

    Raises Forbidden for those who do not take part, Invalid without a name, Conflict where another version is in force
    or there is no NDA.
    """
    challenge = challenges.access(actor, challenge_id)
    if challenge.contract_version_id is None or not challenge.nda:
        raise Conflict(_("This challenge has no NDA."))
    if not policy.can_sign(queries.reader_of(actor, challenge)):
        raise Forbidden(_("Register for the challenge first."))
    name = name.strip()
    if not name or len(name) > MAX_NAME:
        raise Invalid.at("name", _("Write your name, in at most %(number)s characters.", number=MAX_NAME))
    version = contracts.in_force_as_shown(challenge, contract)
    return _sign(actor, challenge, version, name)


def _sign(actor: User, challenge: Challenge, version: ContractVersion, name: str) -> NdaSignature:
    signed = {
        "challenge_id": challenge.id, "version_id": version.id, "user_id": actor.id, "name": name,
        "digest": gate.nda_digest(challenge.nda), "signed_at": clock.db_now(),
    }  # fmt: skip
    statement = insert(NdaSignature).values(signed).on_conflict_do_nothing().returning(NdaSignature.id)
    row_id = db.session.scalar(statement)
    if row_id is None:
        raise Conflict(_("You have signed this NDA already."))
    row = db.session.get_one(NdaSignature, row_id)
    record(actor, "nda.signed", row, contract=version.number)
    return row
