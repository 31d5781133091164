"""When a second person is needed, and who it may be."""

from collections.abc import Mapping

from crowd.access import Rule, open_operations
from crowd.audit import Actor
from crowd.config import limits
from crowd.ledger.models import Approval, OwnerType
from crowd.ledger.policy import is_finance, oversees
from crowd.ledger.workflow import APPROVAL_TRANSITIONS
from crowd.names import name_keys

MAX_NAME = 200  # characters of a payer's name that are compared


def limit_of(currency: str) -> int:
    """Minor units of a currency from which two people are needed, per day and party."""
    settings = limits()
    by_currency = {
        "EUR": settings.dual_approval_amount_eur,
        "USD": settings.dual_approval_amount_usd,
        "JPY": settings.dual_approval_amount_jpy,
    }
    return by_currency.get(currency, settings.dual_approval_amount)


def party(currency: str, kind: str, name: object) -> str:
    """The key of a party, under which the amounts of a day are added up."""
    return f"{currency} {kind} {name}"


def payer(currency: str, name: str, kind: str = "payer") -> list[str]:
    """The party keys that this name in a bank statement may mean: one for each reading, so that two
    names share one where they are, or look, the same.
    """
    return [party(currency, kind, key) for key in name_keys(name[:MAX_NAME])]


def requires_dual_approval(currency: str, total: int) -> bool:
    """Whether a day's `total` of one party, with the present request, needs two people."""
    return total >= limit_of(currency)


def has_interest(actor: Actor, sums: Mapping[str, int]) -> bool:
    """Whether one of the parties is the actor or one of the actor's organisations."""
    for name in sums:
        _currency, kind, key = name.split(" ", 2)
        if kind == OwnerType.USER and actor.id == int(key):
            return True
        if kind == OwnerType.ORGANISATION and actor.acts_for(int(key)):
            return True
    return False


def can_view(actor: Actor | None, approval: Approval) -> bool:
    """See a request for a second person's approval: all who oversee the ledger."""
    return oversees(actor)


def can_approve(actor: Actor | None, approval: Approval) -> bool:
    """Another person of finance than the one who asked, and nobody who owns the money."""
    return is_finance(actor) and actor.id != approval.requested_by and not has_interest(actor, approval.sums)


def can_decline(actor: Actor | None, approval: Approval) -> bool:
    """All of finance: the person who asked may withdraw the request."""
    return is_finance(actor)


RULES: dict[str, Rule[Approval]] = {"approve": can_approve, "decline": can_decline}


def open_transitions(actor: Actor | None, approval: Approval) -> list[str]:
    """What this actor may do with the request now."""
    return open_operations(APPROVAL_TRANSITIONS, approval.state, RULES, actor, approval)
