"""Is the process alive, is the platform ready."""

from flask import Blueprint

blueprint = Blueprint("health", __name__)
