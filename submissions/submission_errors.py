"""Who may answer a challenge, and what a draft still lacks before it can be submitted."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from challenges.contract.document import read_document
from challenges.contract.queries import in_force
from challenges.entry.clauses import is_restricted
from challenges.rules import rules_of
from crowd import clock
from crowd.accounts.models import User
from crowd.db import db
from crowd.errors import Sentence
from submissions.confirmation.workflow import Confirmation
from submissions.entry.eligibility import UnmetConditions, unmet_shares
from submissions.models import Proposal, ProposalVersion, Registration

WHOLE = 10_000  # hundredths of a percent

CLOSE_AGENCY = _(
    "Somebody of this agency belongs to the organisation that posted this challenge, has belonged to it since the"
    " challenge was published, or screened it. So the agency cannot answer it."
)


def problems(proposal: Proposal, version: ProposalVersion) -> dict[str, list[Sentence]]:
    """Messages by the field they are about (title, abstract, body, shares); empty where the draft is complete."""
    found: dict[str, list[Sentence]] = {}
    for name, message in (
        ("title", _("The proposal has no title.")),
        ("abstract", _("The abstract is missing.")),
        ("body", _("The proposal itself has no text.")),
    ):
        if not getattr(version, name).strip():
            found[name] = [message]
    most = rules_of(proposal.challenge).max_body_length
    if len(version.body) > most:
        found["body"] = [_("This may have at most %(most)s characters.", most=most)]
    if message := _about_confirmation(proposal):
        found["confirmation"] = [message]
    if proposal.shares and (message := _about_shares(proposal)):
        found["shares"] = [message]
    return found


def _about_shares(proposal: Proposal) -> Sentence:
    agencies = {share.organisation_id for share in proposal.shares if share.organisation_id is not None}
    whole = sum(share.basis_points for share in proposal.shares) == WHOLE
    if not whole or agencies != {proposal.organisation_id} - {None}:
        return _("The shares do not add up to 100 percent; somebody may have refused. Set them again.")
    if barred := _barred(proposal):
        person, why = barred
        return _("%(person)s has a share and does not meet the contract. %(why)s", person=person.name, why=why)
    missing = sum(share.agreed_at is None for share in proposal.shares)
    return _("Not everybody has agreed to their share yet (%(number)s missing).", number=missing) if missing else None


def _barred(proposal: Proposal) -> tuple[User, UnmetConditions] | None:
    """The first person with a share who does not meet what the contract in force asks of who enters, and why."""
    if not is_restricted(proposal.challenge.entry):
        return None
    rule = read_document(in_force(proposal.challenge).document)["eligibility"]
    return next(unmet_shares(proposal, rule, clock.now()), None)


def _about_confirmation(proposal: Proposal) -> Sentence:
    """Why the registration behind it does not count yet."""
    if not rules_of(proposal.challenge).centre_confirms:
        return None
    state, reason = db.session.execute(
        sa.select(Registration.confirmation, Registration.confirmation_reason).where(
            Registration.challenge_id == proposal.challenge_id, Registration.user_id == proposal.user_id
        )
    ).one()
    if state == Confirmation.REFUSED:
        return _("The service centre has refused the registration. Its reason: %(reason)s", reason=reason)
    awaited = _("The service centre has not confirmed the registration yet. You are notified when it has.")
    return awaited if state == Confirmation.AWAITED else None
