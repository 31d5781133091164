"""Roles are for a time: finance is confirmed each year, the council's term renewed, the auditor comes twice a year."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from crowd.accounts import services as accounts
from crowd.accounts.models import PlatformRole
from crowd.demo import company
from crowd.demo.theatre import Script, Theatre

TAKE, GIVE = (accounts.revoke,), (accounts.grant,)
CONFIRM = (*TAKE, *GIVE)  # looked at anew, in one act, so that nobody is without it between
AUDITOR, CENTRE = PlatformRole.AUDITOR, PlatformRole.SERVICE_CENTRE
TURNS = (  # days before the end, who, what Adm does, with which role
    (505.2, ("aud",), TAKE, AUDITOR),
    (368.3, ("fen", "finn"), CONFIRM, PlatformRole.FINANCE),
    (354.4, ("aud",), GIVE, AUDITOR),
    (330.1, ("aud",), TAKE, AUDITOR),
    (165.3, ("aud",), GIVE, AUDITOR),
    (140.2, ("aud",), TAKE, AUDITOR),
    (17.4, ("adm",), GIVE, CENTRE),  # stands in while somebody of the service centre is away
    (5.3, ("fen", "finn"), CONFIRM, PlatformRole.FINANCE),
    (4.1, ("aud",), GIVE, AUDITOR),
    (3.2, ("gu", "karin"), CONFIRM, PlatformRole.COUNCIL),
    (2.3, ("adm",), TAKE, CENTRE),
)


def scripts(theatre: Theatre, end: datetime) -> Iterator[Script]:
    """A script for each turn."""
    for days, keys, acts, role in TURNS:
        yield _turn(end - timedelta(days=days), keys, acts, role)


def _turn(at: datetime, keys: Sequence[str], acts: Sequence[Callable[..., Any]], role: PlatformRole) -> Script:
    yield at
    for key in keys:
        for act in acts:
            act(company.person("adm"), company.person(key).id, role=role)
