"""Rates: how often an address or an account may do a thing. With Redis away each process counts for itself."""

from flask import Flask


def register(app: Flask) -> None:
    """Set the limiter up on `app`."""
