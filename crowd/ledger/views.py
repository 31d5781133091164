"""Statements, payouts and the operator's books."""

from flask import Blueprint

blueprint = Blueprint("ledger", __name__)
