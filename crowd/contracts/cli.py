"""`crowd contract`: the versions of a contract and their bytes, for whoever wants to check them without the web."""

import sys

import click

from crowd.contracts import queries
from crowd.contracts.models import ContractVersion
from crowd.errors import NotFound

KIND, SUBJECT = click.argument("kind"), click.argument("subject", type=int)


@click.group("contract")
def group() -> None:
    """Contracts and their versions."""


@group.command("versions")
@KIND
@SUBJECT
def versions(kind: str, subject: int) -> None:
    """List the versions of the contract of SUBJECT, the newest first.

    That is a challenge's number for the KIND challenge, and the number of a set of rules for the KIND rules.
    """
    for version in queries.list_versions(kind, subject):
        since = version.in_force_at
        assert since is not None
        click.echo(f"{version.number} {version.digest} {version.change_class} {since.isoformat()}")


@group.command("show")
@KIND
@SUBJECT
@click.option("--version", type=click.IntRange(1), help="A version other than the one in force.")
def show(kind: str, subject: int, version: int | None) -> None:
    """Print the canonical bytes of a version, whose SHA-256 is its digest."""
    sys.stdout.buffer.write(_version(kind, subject, version).document)


def _version(kind: str, subject: int, number: int | None) -> ContractVersion:
    try:
        return queries.get_version(kind, subject, number)
    except NotFound:
        raise click.ClickException("There is no such version.") from None
