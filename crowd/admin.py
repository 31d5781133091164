"""The operator's front page, jobs and audit trail."""

from flask import Blueprint

blueprint = Blueprint("admin", __name__)
