"""`crowd taxonomy`: lists of terms from and to CSV files, such as China's counties as regions."""

import sys
from itertools import chain
from pathlib import Path

import click

from crowd import csv_export
from crowd.audit import SYSTEM
from crowd.errors import OperationError
from crowd.taxonomy import exchange, importing, queries
from crowd.taxonomy.reading import decoded
from crowd.taxonomy.schemes import SCHEMES

SCHEME = click.argument("scheme", type=click.Choice(list(SCHEMES)))


@click.group("taxonomy")
def group() -> None:
    """Terms: fields of work, industries, regions and others."""


@group.command("export")
@SCHEME
def export(scheme: str) -> None:
    """Print a list of terms as CSV."""
    for line in csv_export.lines(exchange.HEADER, exchange.rows(queries.records(scheme))):
        click.echo(line, nl=False)


@group.command("import")
@SCHEME
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
def import_file(scheme: str, path: Path, dry_run: bool) -> None:
    """Add and change terms from a CSV file; terms that are not in it stay."""
    sheet = exchange.read(decoded(path.read_bytes()), scheme)
    for fault in sheet.faults:
        click.echo(f"line {fault.line}: {fault.text}", err=True)
    if sheet.faults:
        sys.exit(1)
    try:
        done = importing.import_terms(SYSTEM, scheme, sheet, note=path.name, dry=dry_run)
    except OperationError as refusal:
        fields = getattr(refusal, "fields", {}).values()
        raise click.ClickException(" ".join(map(str, chain(*fields))) or str(refusal.message)) from refusal
    click.echo(f"{len(done.added)} new, {len(done.changed)} changed, {done.same} the same")
