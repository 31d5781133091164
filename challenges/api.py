"""Challenges as JSON."""

from flask import Blueprint

blueprint = Blueprint("challenges_api", __name__)
