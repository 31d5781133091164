"""Pages of proposals."""

from flask import Blueprint

blueprint = Blueprint("submissions", __name__)
