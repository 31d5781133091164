"""Reads of a challenge's contract, for those who may see the challenge."""

from dataclasses import replace

from flask_babel import lazy_gettext as _

from challenges import policy
from challenges import queries as challenges
from challenges.brief import Brief
from challenges.contract.document import KIND, brief_of, read_document
from challenges.entry import document as entry
from challenges.models import Challenge
from crowd.access import Rule
from crowd.audit import Actor
from crowd.contracts import queries as contracts
from crowd.contracts.models import ContractVersion
from crowd.errors import Conflict


def access(actor: Actor | None, challenge_id: int, number: int | None = None) -> tuple[Challenge, ContractVersion]:
    """The challenge and a version of its contract, the one in force without a number. Raises NotFound where the
    challenge is hidden, or there is no such version.
    """
    challenge = challenges.access(actor, challenge_id)
    return challenge, contracts.get_version(KIND, challenge_id, number)


def in_force(challenge: Challenge) -> ContractVersion:
    """The version in force of a challenge that has opened. Raises NotFound where it has not."""
    return contracts.get_version(KIND, challenge.id, None)


def number_in_force(challenge_id: int) -> int | None:
    """The number of the version in force; None where there is none."""
    version = contracts.find_in_force(KIND, challenge_id)
    return version.number if version else None


def in_force_as_shown(challenge: Challenge, number: int | None) -> ContractVersion:
    """The version in force, which the person was shown under this number. Raises Conflict where it is another one."""
    version = in_force(challenge)
    if number is not None and number != version.number:
        raise Conflict(_("The contract has changed since you opened this page. Read the change, then accept it."))
    return version


def access_open(actor: Actor | None, challenge_id: int, *, to: Rule[Challenge]) -> Challenge:
    """An open challenge. Raises NotFound where it is hidden or has no contract, Forbidden, Conflict where it closed."""
    challenge = challenges.access(actor, challenge_id, to=to)
    in_force(challenge)
    if not challenge.is_open:
        raise Conflict(_("Only the contract of an open challenge can be changed."))
    return challenge


def brief_in_force(challenge: Challenge) -> Brief:
    """What the sponsor wrote, as the version in force has it."""
    document = read_document(in_force(challenge).document)
    return replace(brief_of(document), full_text=entry.text_in(challenge.id, document))


def waiting(actor: Actor | None, challenge: Challenge) -> ContractVersion | None:
    """The version that waits for its money, for those who may see the sponsor's side."""
    if not policy.can_view_internal(actor, challenge):
        return None
    return contracts.find_proposed(KIND, challenge.id)
