"""Only a verified organisation opens challenges."""

from flask_babel import lazy_gettext as _

from challenges.models import Challenge
from crowd.accounts import entries
from crowd.errors import Conflict


def check_verified(challenge: Challenge) -> None:
    """Only a verified organisation opens challenges: it is asked of when a draft is submitted, approved and paid.

    Raises Conflict.
    """
    if challenge.organisation.verified_at is None:
        raise Conflict(
            _("%(organisation)s is not verified. Apply for the verification on its page first.",
              organisation=challenge.organisation.name)
        )  # fmt: skip


def check_verified_until(challenge: Challenge) -> None:
    """Raises Conflict where the verification ends before the challenge opens: by then it could not open any more."""
    until = entries.verified_until(challenge.organisation_id)
    if until is not None and challenge.opens_at is not None and until <= challenge.opens_at:
        raise Conflict(
            _("The verification of %(organisation)s ends before the challenge opens. Renew it on its page first.",
              organisation=challenge.organisation.name)
        )  # fmt: skip
