"""`crowd registers` on the terminal."""

import json

from click.testing import CliRunner

from crowd.registers.cli import group
from tests.cast import Cast
from tests.crowd.registers.test_services import expert


def test_registers_and_an_entry_are_printed(cast: Cast) -> None:
    row = expert(cast, cast.dee)
    listed = CliRunner().invoke(group, ["list"])
    assert "experts 1 EX" in listed.output.splitlines()
    assert "backbone-agencies 0 BA" in listed.output.splitlines()
    shown = json.loads(CliRunner().invoke(group, ["show", row.number.lower()]).output)
    assert (shown["number"], shown["state"]) == (row.number, "valid")
    assert shown["holder"] == {"kind": "user", "id": cast.dee.id}
    assert [one["kind"] for one in shown["history"]] == ["granted"]
    missing = CliRunner().invoke(group, ["show", "EX-2"])
    assert (missing.exit_code, "no entry" in missing.output) == (1, True)
