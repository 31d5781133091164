"""The pages of one challenge, as tabs on each of them: those of every package that the reader may open, and
no others.
"""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from challenges.funding.policy import can_view_funding
from challenges.models import Challenge
from crowd import clock
from crowd.web import guards
from scoring.policy import can_view_results, decides
from scoring.queries import sees_judging

Place = tuple[str, str, bool]
MONEY = ("funding.show", "funding.transfers")  # one tab: the first page for those who pay, the second for everybody


def places(challenge: Challenge) -> list[Place]:
    """(label, URL, whether it is the present page) in the order of a challenge's life."""
    return [
        (label, url_for(endpoint, challenge_id=challenge.id), request.endpoint in _same(endpoint))
        for label, endpoint, entered in _rules(guards.actor(), challenge)
        if entered
    ]


def _same(endpoint: str) -> tuple[str, ...]:
    return MONEY if endpoint in MONEY else (endpoint,)


def _rules(actor: Any, challenge: Challenge) -> list[tuple[str, str, bool]]:
    here = not challenge.external
    judging = sees_judging(actor, challenge)
    pays = bool(challenge.approved_at) and can_view_funding(actor, challenge)
    money = (_("Funding"), MONEY[0]) if pays else (_("Transfers"), MONEY[1])
    return [
        (_("Problem") if here else _("The challenge"), "challenges.show", True),
        (_("Prizes and rubric"), "challenges.prizes", here),
        (*money, pays or (here and bool(challenge.funded_at))),
        (_("Panel"), "scoring.panel", judging),
        (_("Ranking"), "scoring.ranking", judging),
        (_("Awards"), "scoring.awards", judging and decides(actor, challenge, clock.now())),
        (_("Results"), "scoring.results", here and can_view_results(actor, challenge)),
        (_("History"), "challenges.history", True),
    ]
