"""Who reads a proposal, or does not, because of a vote about it in a case: who votes in the place of others reads what
they decide about, as long as the case is pending; who has recused themselves does not, whatever their role.
"""

from crowd.accounts.models import PlatformRole, User
from crowd.audit import Actor
from submissions.questions import RECUSED_FROM, VOTED_ON


def voted_on(actor: Actor | None) -> frozenset[int]:
    """The ids of the proposals about which an expert votes; no statement for anybody else."""
    return VOTED_ON()(actor) if isinstance(actor, User) and actor.is_any(PlatformRole.EXPERT) else frozenset()


def recused_from(actor: Actor | None) -> frozenset[int]:
    """The ids of the proposals from which a person of the council is recused; no statement for anybody else."""
    return RECUSED_FROM()(actor) if isinstance(actor, User) and actor.is_any(PlatformRole.COUNCIL) else frozenset()
