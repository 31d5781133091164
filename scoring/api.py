"""The signed-in person as JSON: /api/v1/me."""

from flask import Blueprint

blueprint = Blueprint("scoring_api", __name__)
