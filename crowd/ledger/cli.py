"""`crowd ledger`: the ledger check from the shell."""

import json
import sys
import time
from dataclasses import asdict

import click

from crowd.audit import SYSTEM
from crowd.ledger import check


@click.group("ledger")
def group() -> None:
    """The ledger."""


@group.command("check")
@click.option("--json", "as_json", is_flag=True, help="End standard output with one JSON object.")
def check_command(as_json: bool) -> None:
    """Recompute every invariant of the ledger; exit status 1 where one is broken."""
    started = time.monotonic()
    findings = check.run_checks()
    row = check.keep(SYSTEM, findings, milliseconds=int((time.monotonic() - started) * 1000))
    result = {"errors": row.errors, "warnings": len(findings) - row.errors, "postings": row.postings}
    _say(result, findings, as_json)
    sys.exit(1 if row.errors else 0)


def _say(result: dict[str, int], findings: list[check.LedgerFinding], as_json: bool) -> None:
    for finding in findings:
        kind = "warning" if finding.warning else "error"
        click.echo(f"{kind} {finding.name}: {finding.subject}: {finding.detail}", err=True)
    if as_json:
        click.echo(json.dumps({**result, "findings": [asdict(finding) for finding in findings]}, ensure_ascii=False))
    elif result["errors"]:
        click.echo("The ledger does not balance: {errors} errors, {warnings} warnings.".format(**result))
    else:
        click.echo("The ledger balances: {postings} postings, {warnings} warnings.".format(**result))
