"""Jobs of registers. Each looks again whether it is still due: an entry may have been renewed or revoked meanwhile."""

from datetime import datetime

from crowd import background
from crowd.audit import SYSTEM
from crowd.registers import certificates, inspections, services


@background.job("registers.expire")
def expire(entry_id: int, until: str) -> dict[str, object]:
    """Expire an entry at its end."""
    return {"expired": int(services.expire(SYSTEM, entry_id, datetime.fromisoformat(until)))}


@background.job("registers.remind")
def remind(entry_id: int, until: str) -> dict[str, object]:
    """Remind a holder of the end of an entry."""
    return {"soon": int(services.remind(entry_id, datetime.fromisoformat(until)))}


@background.job("certificates.make")
def make_certificate(entry_id: int, event: int) -> dict[str, object]:
    """Make the certificate of an entry in every language."""
    return {"documents": certificates.make(entry_id, event)}


@background.job("registers.suspend_inspected")
def suspend_inspected(case_id: int, entry_id: int, _answers: dict[str, str]) -> dict[str, object]:
    """Suspend the entry of an inspection that found it wanting."""
    return {"ended": int(inspections.suspend(case_id, entry_id))}
