"""Terms of roles: a term ends on an afternoon, the next one begins on a morning; the auditor comes twice a year,
and the administrator stands in for the service centre.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from crowd.accounts import services as accounts
from crowd.accounts.models import PlatformRole
from crowd.demo import office, personas
from crowd.demo.simulator import Script, Simulator

TAKE, GIVE = accounts.revoke, accounts.grant
AUDITOR, CENTRE = PlatformRole.AUDITOR, PlatformRole.SERVICE_CENTRE
TURNS = (  # days before the end, who, what Adm does, with which role
    (505.2, "aud", TAKE, AUDITOR),
    (354.4, "aud", GIVE, AUDITOR),
    (330.1, "aud", TAKE, AUDITOR),
    (165.3, "aud", GIVE, AUDITOR),
    (140.2, "aud", TAKE, AUDITOR),
    (17.4, "adm", GIVE, CENTRE),  # replaces an absent member of the service centre
    (5.67, "fen", TAKE, PlatformRole.FINANCE),
    (5.66, "finn", TAKE, PlatformRole.FINANCE),
    (4.96, "fen", GIVE, PlatformRole.FINANCE),
    (4.95, "finn", GIVE, PlatformRole.FINANCE),
    (4.1, "aud", GIVE, AUDITOR),
    (3.68, "karin", TAKE, PlatformRole.COUNCIL),
    (3.67, "gu", TAKE, PlatformRole.COUNCIL),
    (2.96, "karin", GIVE, PlatformRole.COUNCIL),
    (2.95, "gu", GIVE, PlatformRole.COUNCIL),
    (2.3, "adm", TAKE, CENTRE),
)


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """A script for each change."""
    for days, key, act, role in TURNS:
        yield _turn(end - timedelta(days=days), key, act, role)


def _turn(at: datetime, key: str, act: Callable[..., Any], role: PlatformRole) -> Script:
    yield office.working(at)
    act(personas.account("adm"), personas.account(key).id, role=role)
