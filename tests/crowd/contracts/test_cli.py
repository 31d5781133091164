"""The commands print what the pages show: the versions, and bytes that have the digest."""

import hashlib

from click.testing import CliRunner, Result

from challenges.contract import queries
from crowd.contracts import cli
from crowd.ledger.fees.rules import FEES
from tests import factories
from tests.cast import Cast
from tests.crowd.rules.adopting import adopted


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.group, list(map(str, words)))


def test_the_bytes_have_the_digest_that_is_listed(cast: Cast) -> None:
    challenge = factories.opened(cast)
    listed = run("versions", "challenge", challenge.id).output.split()
    assert listed[:3] == ["1", queries.in_force(challenge).digest, "first"]
    for words in (["show", "challenge", challenge.id], ["show", "challenge", challenge.id, "--version", 1]):
        assert hashlib.sha256(run(*words).stdout_bytes).hexdigest() == listed[1]


def test_what_is_not_there_is_said(cast: Cast) -> None:
    challenge = factories.opened(cast)
    missing = run("show", "challenge", challenge.id, "--version", 2)
    assert missing.exit_code == 1
    assert "There is no such version." in missing.output
    assert run("versions", "challenge", 999_999).output == ""


def test_versions_of_rules_are_listed(cast: Cast) -> None:
    adopted(FEES, award=300)
    first, second = reversed(run("versions", "rules", FEES.number).output.splitlines())
    assert [line.split()[0] for line in (first, second)] == ["1", "2"]
    assert second.split()[1] == hashlib.sha256(run("show", "rules", FEES.number).stdout_bytes).hexdigest()
