"""The links of invitations: signed, so that nobody can guess one. A link works as long as its invitation does."""

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from challenges.invitations.models import ChallengeInvitation
from crowd.notifications.kinds import path_to


def token_of(row: ChallengeInvitation) -> str:
    """The token of an invitation."""
    return str(_signer().dumps(row.public_id))


def public_id_in(token: str) -> str:
    """The public id in a token; empty where it is not signed by us."""
    try:
        return str(_signer().loads(token))
    except BadSignature:
        return ""


def path_of(row: ChallengeInvitation, endpoint: str = "invitations.show") -> str:
    """The path of an invitation's page, or of another endpoint that takes its token."""
    return path_to(endpoint, token=token_of(row))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="crowd.challenge_invitation")
