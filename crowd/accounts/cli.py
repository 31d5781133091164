"""`crowd user`: accounts created by hand, above all the first administrator's."""

import sys

import click
from flask import current_app, url_for
from flask_security import hash_password
from flask_security.recoverable import generate_reset_password_token

from crowd import text
from crowd.accounts import services
from crowd.accounts.models import PlatformRole, User
from crowd.accounts.passwords import MAX_LENGTH
from crowd.accounts.personal_data.services import erase_account
from crowd.accounts.queries import find_by_email
from crowd.audit import SYSTEM
from crowd.errors import OperationError
from crowd.languages import LANGUAGES

MAX_NAME_LENGTH = 80  # characters


@click.group("user")
def group() -> None:
    """Accounts."""


@group.command("create")
@click.option("--email", required=True, help="Email address to sign in with.")
@click.option("--name", required=True, help="The person's name.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([role.value for role in PlatformRole]),
    help="Platform role; may be repeated.",
)
@click.option("--locale", type=click.Choice(list(LANGUAGES)), default=None, help="Language of pages and emails.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input; else print a link.")
def create(email: str, name: str, roles: tuple[str, ...], locale: str | None, password_stdin: bool) -> None:
    """Create a confirmed account; prints a link that sets its password, once, within two hours."""
    settings = current_app.config["CROWD"]
    email, name = _address(email), text.line(name, MAX_NAME_LENGTH)
    if not name:
        raise click.ClickException("A person needs a name.")
    hashed = hash_password(_password(email, name)) if password_stdin else None
    user = services.create_user(
        SYSTEM,
        email=email,
        name=name,
        roles=[PlatformRole(role) for role in roles],
        password_hash=hashed,
        locale=locale or settings.locale,
        time_zone=settings.time_zone,
    )
    click.echo(f"Created {user.email}." if hashed else _link(user, settings.address))


@group.command("erase")
@click.option("--email", required=True, help="Email address of the account.")
def erase(email: str) -> None:
    """Delete a person's data: their name, address, profile, sessions and notifications; books and results stay."""
    user = find_by_email(email)
    if user is None:
        raise click.ClickException("There is no account with this address.")
    try:
        erase_account(SYSTEM, user.id)
    except OperationError as error:
        raise click.ClickException(str(error.message)) from error
    click.echo(f"Erased account {user.id}.")


def _password(email: str, name: str) -> str:
    """The password, as a sign-in reads it. Raises ClickException."""
    password = sys.stdin.readline(text.RAW * MAX_LENGTH + 2).rstrip("\n")
    problems, plain = current_app.extensions["security"].password_util.validate(password, True, email=email, name=name)
    if problems:
        raise click.ClickException(problems[0])
    return str(plain)


def _address(email: str) -> str:
    try:
        return str(current_app.extensions["security"].mail_util.validate(email))
    except ValueError as error:
        raise click.ClickException("This is not an email address that we can write to.") from error


def _link(user: User, address: str) -> str:
    token = generate_reset_password_token(user)
    with current_app.test_request_context(base_url=address):
        return url_for("security.reset_password", token=token, _external=True)
