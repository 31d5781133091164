"""`crowd registers`: registers and their entries, for whoever operates the platform."""

import json

import click

from crowd.feature import declared
from crowd.registers import queries


@click.group("registers")
def group() -> None:
    """Registers and their entries."""


@group.command("list")
def list_registers() -> None:
    """List the registers, with how many of their entries are valid now."""
    for register, number in queries.counts().items():
        click.echo(f"{register} {number} {declared().registers[register].prefix}")


@group.command("show")
@click.argument("number")
def show(number: str) -> None:
    """Print what is entered under NUMBER, as JSON, with everything that happened to it."""
    found, _readable = queries.verified(number)
    if found is None:
        raise click.ClickException("There is no entry with this number.")
    row = found.entry
    told = {
        "register": row.register,
        "number": row.number,
        "state": found.state,
        "holder": {"kind": row.holder_kind, "id": row.holder_id},
        "data": found.known,
        "sha256": row.digest,
        "history": [
            {
                "kind": one.kind,
                "at": one.at.isoformat(),
                "by": one.acted_by,
                "reason": found.reason_of(one) or one.cause,
            }
            for one in queries.history(row.id)
        ],
    }
    click.echo(json.dumps(told, ensure_ascii=False, indent=1))
