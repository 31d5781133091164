"""Pages that belong to no single room: front page, desk, how it works, fees, terms, privacy, contact."""

from flask import Blueprint

blueprint = Blueprint("site", __name__)
