"""What pages show of appeals: the form for those who may file one now, and the case for those who may open it."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from challenges.models import Challenge
from challenges.next_steps import appeals_open
from crowd import clock
from crowd.audit import Actor
from crowd.cases import policy
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState
from scoring.appeals import queries
from scoring.integrity import queries as integrity
from scoring.results import queries as results
from submissions import queries as submissions
from submissions.models import Proposal
from submissions.policy import can_manage


@dataclass(frozen=True, slots=True)
class AppealLinks:
    """What the reader can open: the form (empty where they may not file, or not now), and the newest appeal for the
    proposal with its state.
    """

    title: str
    language: str
    form_url: str = ""
    case_url: str = ""
    state: CaseState | None = None


def links_of(actor: Actor | None, proposal: Proposal) -> AppealLinks | None:
    """What the reader can open of appeals for a proposal; None where there is nothing."""
    version = proposal.submitted_version
    if actor is None or version is None or not results.newest(proposal.challenge_id):
        return None
    form, case = _form_url(actor, proposal), queries.newest_for(proposal.id)
    if case is None or not policy.can_view(actor, case):
        return AppealLinks(version.title, version.language, form) if form else None
    return AppealLinks(version.title, version.language, form, _url(case), case.state)


def links(actor: Actor | None, challenge: Challenge) -> Sequence[AppealLinks]:
    """The same for each proposal of the challenge about which the reader decides: their own, and those of an agency
    whose proposals they lead.
    """
    found = (links_of(actor, one) for one in submissions.managed(actor, challenge.id))
    return [one for one in found if one is not None]


def _form_url(actor: Actor, proposal: Proposal) -> str:
    challenge = proposal.challenge
    possible = can_manage(actor, proposal) and appeals_open(challenge, clock.now())
    if not possible or queries.is_paid(challenge.id) or queries.against(challenge.id, proposal.id) is not None:
        return ""
    return url_for("cases.new", kind=queries.KIND, key=proposal.id)


def _url(case: Case) -> str:
    return url_for("cases.show", public_id=case.public_id)


def is_reopened(challenge: Challenge) -> bool:
    """Whether a decision was published, and is opened again now."""
    return challenge.is_judged and results.newest(challenge.id) is not None


@dataclass(frozen=True, slots=True)
class UpheldCase:
    """A case for which the decision was opened again, in words; without a URL where the reader may not open it."""

    text: str
    case_url: str


def upheld(actor: Actor | None, challenge: Challenge) -> Sequence[UpheldCase]:
    """The cases for which the newest version of a result no longer counts."""
    version = results.newest(challenge.id)
    found = {case.id: case for case in queries.reopening(version.id)} if version else {}
    return [
        UpheldCase(_said(case, row.new_reviews), _url(case) if policy.can_view(actor, case) else "")
        for row in (version.reopened if version else ())
        if (case := found[row.case_id])
    ]


def _said(case: Case, new_reviews: bool) -> str:
    """What the upholding of a case changes. Of a case about a reviewer it says nothing about whose review it was."""
    if case.kind == integrity.OF_PROPOSAL:
        return _(
            "The council has upheld a case about the integrity of “%(title)s”: it is disqualified.", title=case.title
        )
    if case.kind == integrity.OF_REVIEWER:
        return _("The council has upheld a case about the integrity of a reviewer: other reviewers take their place.")
    if new_reviews:
        return _("The council has upheld the appeal for “%(title)s”, and new reviewers review it.", title=case.title)
    return _("The council has upheld the appeal for “%(title)s”; its reviews stand.", title=case.title)
