"""`crowd taxonomy`: the lists of terms as an operator has them in files."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crowd.taxonomy import cli, exchange, queries
from crowd.taxonomy.models import TermVersion
from crowd.taxonomy.vocabulary import current
from tests.cast import Cast

COUNTIES = "code,parent,en,zh_Hans_CN\n370202,370200,Shinan,市南区\n370203,370200,Shibei,市北区\n"


def taxonomy(*words: str) -> Result:
    return CliRunner().invoke(cli.group, list(words))


@pytest.fixture
def counties(tmp_path: Path) -> Path:
    path = tmp_path / "counties.csv"
    path.write_bytes(COUNTIES.encode("gb18030"))
    return path


def test_what_is_exported_changes_nothing_when_it_is_imported(cast: Cast, tmp_path: Path) -> None:
    exported = taxonomy("export", "region")
    assert exported.exit_code == 0
    path = tmp_path / "regions.csv"
    path.write_text(exported.stdout, encoding="utf-8")
    number = len(queries.records("region"))
    assert len(exchange.read(exported.stdout, "region").records) == number
    assert taxonomy("import", "region", str(path)).stdout == f"0 new, 0 changed, {number} the same\n"


def test_a_dry_run_says_the_same_and_writes_nothing(cast: Cast, counties: Path) -> None:
    for options in (["--dry-run"], ["--dry-run"], []):
        assert taxonomy("import", "region", str(counties), *options).stdout == "2 new, 0 changed, 0 the same\n"
        assert (current().find("region", "市南区") is None) is bool(options)
    shinan = queries.find_term("region", "370202")
    (version,) = queries.versions(shinan.id)
    assert isinstance(version, TermVersion)
    assert (version.author_id, version.note) == (None, "counties.csv")
    counties.write_text(COUNTIES.replace("Shibei", "North of the City"), encoding="utf-8")
    assert taxonomy("import", "region", str(counties)).stdout == "0 new, 1 changed, 1 the same\n"


def test_a_file_with_mistakes_names_their_lines_and_changes_nothing(cast: Cast, counties: Path) -> None:
    counties.write_text(COUNTIES + "?,,,\n", encoding="utf-8")
    done = taxonomy("import", "region", str(counties))
    assert (done.exit_code, done.stdout) == (1, "")
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["line 4", "line 4"]
    assert queries.find_term("region", "370202") is None


def test_what_the_list_does_not_allow_is_said_in_a_sentence(cast: Cast, counties: Path) -> None:
    counties.write_text(COUNTIES.replace("370203,370200", "370203,370299"), encoding="utf-8")
    done = taxonomy("import", "region", str(counties))
    assert done.exit_code == 1
    assert "370299" in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize("words", [("export", "planets"), ("import", "region", "no-such-file.csv")])
def test_a_list_or_a_file_that_is_not_there_is_named(cast: Cast, words: tuple[str, ...]) -> None:
    done = taxonomy(*words)
    assert done.exit_code == 2
    assert words[-1] in done.stderr
