"""Every write of a challenge's contract. Each is part of an operation that holds the challenge's lock."""

from dataclasses import replace
from datetime import datetime

from challenges import brief as briefs
from challenges.contract.document import KIND, build
from challenges.contract.projection import project
from challenges.models import Challenge
from challenges.rules import from_settings
from crowd.audit import Actor
from crowd.config import limits
from crowd.contracts import services as contracts
from crowd.contracts.models import ContractVersion
from crowd.db import atomic


@atomic
def publish(actor: Actor, challenge: Challenge, now: datetime) -> ContractVersion:
    """The challenge opens: its brief and the platform's present settings become the first version of its contract."""
    brief = replace(briefs.from_challenge(challenge), opens_at=challenge.opens_at or now)
    document = build(challenge, brief, from_settings(limits()), number=1)
    version = contracts.begin(actor, KIND, challenge.id, document, now=now)
    project(challenge, version)
    return version
