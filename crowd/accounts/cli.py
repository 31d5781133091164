"""`crowd user`: accounts made by hand, above all the first administrator's."""

import sys

import click
from flask import current_app, url_for
from flask_security import hash_password
from flask_security.recoverable import generate_reset_password_token

from crowd.accounts import services
from crowd.accounts.models import PlatformRole, User
from crowd.accounts.passwords import weakness
from crowd.audit import SYSTEM
from crowd.config import LOCALES


@click.group("user")
def group() -> None:
    """Accounts."""


@group.command("create")
@click.option("--email", required=True, help="Address to sign in with.")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", "roles", multiple=True, type=click.Choice([role.value for role in PlatformRole]))
@click.option("--locale", type=click.Choice(LOCALES), default=None, help="Language of pages and mails.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input; else print a link.")
def create(email: str, name: str, roles: tuple[str, ...], locale: str | None, password_stdin: bool) -> None:
    """Make a confirmed account; prints a link that sets its password, once, within two hours."""
    settings = current_app.config["CROWD"]
    hashed = hash_password(_password(email, name)) if password_stdin else None
    user = services.create_user(
        SYSTEM, email=email, name=name, roles=[PlatformRole(role) for role in roles], password_hash=hashed,
        locale=locale or settings.locale, time_zone=settings.time_zone,
    )  # fmt: skip
    click.echo(f"Made {user.email}." if hashed else _link(user, settings.address))


def _password(email: str, name: str) -> str:
    password = sys.stdin.readline().rstrip("\n")
    problem = weakness(password, email, name)
    if problem:
        raise click.ClickException(problem)
    return password


def _link(user: User, address: str) -> str:
    token = generate_reset_password_token(user)
    with current_app.test_request_context(base_url=address):
        return url_for("security.reset_password", token=token, _external=True)
