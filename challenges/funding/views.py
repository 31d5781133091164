"""Pages of a challenge's money, and finance's desk."""

from flask import Blueprint

blueprint = Blueprint("funding", __name__)
