"""Pages of panels, reviews, awards and results."""

from flask import Blueprint

blueprint = Blueprint("scoring", __name__)
