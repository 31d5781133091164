"""Reads of a challenge's contract, for those who may see the challenge."""

from datetime import datetime

from flask_babel import lazy_gettext as _

from challenges import queries as challenges
from challenges.contract.document import KIND
from challenges.models import Challenge
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


def in_force_as_shown(challenge: Challenge, number: int | None) -> ContractVersion:
    """The version in force, which the person was shown under this number. Raises Conflict where it is another one."""
    version = in_force(challenge)
    if number is not None and number != version.number:
        raise Conflict(_("The contract has changed since you opened this page. Read the change, then accept it."))
    return version


def in_force_at(challenge: Challenge, at: datetime) -> ContractVersion:
    """The version that was in force at that time, for what arrived then."""
    version = contracts.find_in_force_at(KIND, challenge.id, at)
    assert version is not None  # a challenge that takes proposals has opened
    return version
