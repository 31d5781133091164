"""`crowd import challenges FILE`."""

import json
from pathlib import Path

import click

from challenges.importing import services
from crowd.audit import SYSTEM


@click.group("import")
def group() -> None:
    """Import what other platforms publish."""


@group.command("challenges")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="End with one JSON object of counts.")
def import_challenges(file: Path, as_json: bool) -> None:
    """Import Challenge.gov's feed from FILE; a second run changes nothing. Exit status 1: no row could be read."""
    report = services.import_feed(SYSTEM, file, progress=_progress)
    nothing = not report.created + report.updated + report.unchanged
    for line in services.problem_lines(report):
        click.echo(line, err=True)
    summary = report.summary()
    if as_json:
        click.echo(json.dumps(summary))
        raise SystemExit(nothing)
    click.echo("{read} read: {created} created, {updated} updated, {unchanged} unchanged.".format(**summary))
    for reason, number in report.by_reason():
        click.echo(f"  {number:5} {reason}")
    raise SystemExit(nothing)


def _progress(done: int, all: int) -> None:
    if done % 100 == 0 or done == all:
        click.echo(f"{done} of {all} rows", err=True)
