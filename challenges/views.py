"""Pages of challenges."""

from flask import Blueprint

blueprint = Blueprint("challenges", __name__)
