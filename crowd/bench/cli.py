"""The command of the benchmarks: `crowd bench NAME`."""

import json
import sys
from pathlib import Path

import click

from crowd import environment


@click.group("bench")
def group() -> None:
    """Measure; the last line of standard output is one JSON object."""


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _print(found: dict[str, object]) -> None:
    click.echo(json.dumps(found))


@group.command()
@click.option("--seconds", default=3.0, help="Seconds for which each page is requested.")
@click.option("--only", default="", help="Names of pages, separated by commas.")
def pages(seconds: float, only: str) -> None:
    """Pages and the two busiest write operations, against the baseline of the stack."""
    from crowd.bench import pages as bench

    names = [name for name in only.split(",") if name]
    if set(names) - set(bench.PAGES):
        raise click.BadParameter(f"pages are {', '.join(bench.PAGES)}")
    _print(bench.run(environment.from_env(), seconds, names, _say))


@group.command()
@click.option("--seconds", default=1.5, help="Seconds for which each page is requested.")
@click.option("--sizes", default="1,10,100", help="How many copies of the demonstration's data, separated by commas.")
def growth(seconds: float, sizes: str) -> None:
    """Pages, when every table has ten and a hundred times as many rows."""
    from crowd.bench import growth as bench

    _print(bench.run(environment.from_env(), seconds, sorted(int(size) for size in sizes.split(",")), _say))


@group.command()
@click.option("--loops", default=96, help="How many challenges.")
@click.option("--parallel", default=64, help="How many at the same time.")
def loop(loops: int, parallel: int) -> None:
    """Whole loops a minute, from the draft to the settlement."""
    from crowd.bench import loop as bench

    _print({"loop": bench.run(environment.from_env(), loops, parallel, _say)})


@group.command()
@click.option("--people", default=2000, help="How many submit before the close.")
@click.option("--seconds", default=60.0, help="Length of the last minute, in seconds.")
def surge(people: int, seconds: float) -> None:
    """One challenge's last minute: requests in time are accepted, late ones rejected, and nothing is lost."""
    from crowd.bench import surge as bench

    _print(bench.run(environment.from_env(), people, seconds, _say))


@group.command()
@click.option("--people", default=20_000, help="How many follow the field of a challenge.")
@click.option("--kills", default=8, help="How many processes of workers are killed meanwhile.")
def notify(people: int, kills: int) -> None:
    """A challenge that thousands follow opens: their notifications and digests, with workers killed in the middle."""
    from crowd.bench import notify as bench

    _print(bench.run(environment.from_env(), people, kills, _say))


@group.command("cases")
@click.option("--cases", "number", default=10_000, help="How many cases there are at last; at first a hundred.")
@click.option("--turns", default=20, help="How often each page is requested.")
def cases_(number: int, turns: int) -> None:
    """Queues, dashboards and pages of cases of ten kinds."""
    from crowd.bench import cases as bench

    _print(bench.run(environment.from_env(), number, turns, _say))


@group.command("scoring")
@click.option("--seeds", default=20, help="How many fields of each kind.")
@click.option("--sizes", default="1000,5000", help="Fields of the assignment, separated by commas.")
def scoring_(seeds: int, sizes: str) -> None:
    """Calibration and assignment on made-up fields whose truth is known."""
    from crowd.bench import scoring as bench

    _print(bench.run(seeds, tuple(int(size) for size in sizes.split(",") if size), _say))


@group.command("reputation")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def reputation_(file: Path) -> None:
    """The rating on the history of contests in FILE, an .npz with the arrays ci, pi, lo, hi and t."""
    from crowd.bench import reputation as bench

    _print(bench.run(file, _say))
