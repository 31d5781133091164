"""Who reads what not everybody may read, and who signs the NDA."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from challenges.entry import gate
from challenges.entry.clause import Readership
from challenges.impartiality import is_party
from challenges.models import Challenge
from challenges.policy import is_sponsor, may_consent
from crowd.accounts.models import PlatformRole, User
from crowd.audit import SYSTEM, Actor


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody before what is gated: `whole` reads all of it; `entered_at` is since when they take part in the
    challenge (None: they do not), `signed` are the digests of the NDAs that they have signed.
    """

    whole: bool = False
    entered_at: datetime | None = None
    signed: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a version has (the draft, before the opening): the audience of each attachment by its public id, of the full
    text, and until when the version was in force (None: it is).
    """

    number: int | None
    nda: str
    attachments: dict[str, str]
    full_text_for: str | None
    superseded_at: datetime | None = None


def is_office(actor: Actor | None, challenge: Challenge) -> bool:
    """Whether the person reads all of a challenge and of its registrations: as the sponsor, or in the service centre
    without being a party.
    """
    if is_sponsor(actor, challenge):
        return True
    centre = isinstance(actor, User) and actor.is_any(PlatformRole.SERVICE_CENTRE)
    return centre and not is_party(actor, challenge)


def reads_whole(actor: Actor | None, challenge: Challenge) -> bool:
    """Whether the person reads it without taking part; reviewers do, too, which the query adds."""
    return actor is SYSTEM or is_office(actor, challenge) or may_consent(actor, challenge)


def may_read(reader: Reader, shelf: Shelf, audience: str) -> bool:
    """Whether a person reads what has this audience in this version. One that was replaced stays readable for those who
    could read it: who took part then, and has signed its own NDA.
    """
    if audience == Readership.PUBLIC or reader.whole:
        return True
    if reader.entered_at is None or (shelf.superseded_at and reader.entered_at >= shelf.superseded_at):
        return False
    return audience == Readership.REGISTERED or gate.nda_digest(shelf.nda) in reader.signed


def can_sign(reader: Reader) -> bool:
    """Sign the NDA: everybody who takes part, each for themselves."""
    return reader.entered_at is not None
