"""What the layout shows on every page: the main navigation and the account's menu."""

from flask import Flask


def register(app: Flask) -> None:
    """Give templates `navigation()`, `account_menu()` and `acting_for()`."""
