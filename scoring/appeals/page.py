"""What pages show of appeals: the link to the form, for those who may file one now."""

from flask import url_for

from challenges.next_steps import appeals_open
from crowd import clock
from crowd.audit import Actor
from scoring.appeals.queries import KIND, against, is_paid
from submissions.models import Proposal
from submissions.policy import can_manage


def appeal_url(actor: Actor | None, proposal: Proposal | None) -> str:
    """The form of an appeal for a proposal; empty where the person may not file one, or not now."""
    if proposal is None or proposal.submitted_version is None or not can_manage(actor, proposal):
        return ""
    challenge = proposal.challenge
    possible = appeals_open(challenge, clock.now()) and not is_paid(challenge.id)
    if not possible or against(challenge.id, proposal.id) is not None:
        return ""
    return url_for("cases.new", kind=KIND, key=proposal.id)
