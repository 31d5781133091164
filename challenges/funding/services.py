"""The sponsor's payment proofs. `challenges.lifecycle` transfers the money into escrow."""

from typing import IO

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from challenges.funding.models import PROOF_KINDS, PaymentProof
from challenges.funding.policy import can_upload_payment_proof
from challenges.queries import access
from crowd import clock, files
from crowd.audit import Actor, record
from crowd.db import atomic, db
from crowd.errors import Invalid

MAX_PROOFS = 10  # of a challenge


def upload_payment_proof(actor: Actor, challenge_id: int, stream: IO[bytes], filename: str) -> PaymentProof:
    """Upload the sponsor's proof of payment. It transfers nothing. Raises Forbidden, Invalid."""
    access(actor, challenge_id, to=can_upload_payment_proof)
    return _upload_payment_proof(actor, challenge_id, files.keep(stream, filename, kinds=PROOF_KINDS))


@atomic
def _upload_payment_proof(actor: Actor, challenge_id: int, kept: files.Kept) -> PaymentProof:
    challenge = access(actor, challenge_id, to=can_upload_payment_proof, lock=True)
    query = sa.select(sa.func.count()).select_from(PaymentProof).where(PaymentProof.challenge_id == challenge.id)
    if (db.session.scalar(query) or 0) >= MAX_PROOFS:
        raise Invalid(_("There are already %(number)s payment proofs for this challenge.", number=MAX_PROOFS))
    stored = files.refer(actor, kept)
    row = PaymentProof(challenge_id=challenge.id, file_id=stored.id, uploaded_by=actor.id, created_at=clock.db_now())
    db.session.add(row)
    db.session.flush()
    record(actor, "payment_proof.uploaded", row, name=stored.name, digest=stored.digest)
    return row
