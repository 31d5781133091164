"""`crowd user create`: the first administrator, by a link or by a password."""

import re
import time

import pytest
from click.testing import CliRunner

from crowd.accounts import cli, queries
from crowd.accounts.models import PlatformRole
from tests.cast import Cast
from tests.client import Browser

ROOT = ["create", "--email", "Root@crowd.example", "--name", "Root", "--role", "administrator", "--locale", "en"]


def test_the_link_that_is_printed_sets_the_password(cast: Cast, browser: Browser) -> None:
    result = CliRunner().invoke(cli.group, ROOT)
    assert result.exit_code == 0, result.output
    path = re.sub(r"^http://127\.0\.0\.1:8000", "", result.output.strip())
    new = {"password": "three unrelated words", "password_confirm": "three unrelated words"}
    assert browser.post(path, new).status_code == 302
    signed = browser.post("/account/login", {"email": "root@crowd.example", "password": "three unrelated words"})
    assert signed.headers["Location"] == "/dashboard"
    assert browser.get("/admin/people").status_code == 200


def test_a_password_may_come_by_standard_input_if_it_is_good(cast: Cast) -> None:
    weak = CliRunner().invoke(cli.group, [*ROOT, "--password-stdin"], input="1234567890\n")
    assert weak.exit_code == 1
    assert queries.find_by_email("root@crowd.example") is None
    good = CliRunner().invoke(cli.group, [*ROOT, "--password-stdin"], input="correct horse battery\n")
    assert good.output == "Created root@crowd.example.\n"
    row = queries.find_by_email("root@crowd.example")
    assert row is not None
    assert row.is_any(PlatformRole.ADMINISTRATOR)


def test_a_password_from_standard_input_is_the_one_that_a_form_would_read(cast: Cast, browser: Browser) -> None:
    """An accent may come as a sign of its own: it is the same password."""
    made = CliRunner().invoke(cli.group, [*ROOT, "--password-stdin"], input="cafe\u0301 battery horse\n")
    assert made.exit_code == 0, made.output
    signed = browser.post("/account/login", {"email": "root@crowd.example", "password": "café battery horse"})
    assert signed.headers["Location"] == "/dashboard"


@pytest.mark.parametrize(
    ("given", "typed"),
    [
        (["--email", "nobody", "--name", "Root"], ""),
        (["--email", "root@crowd.example", "--name", " "], ""),
        (["--email", "a" + "\u0301\u0316" * 50_000 + "@crowd.example", "--name", "Root"], ""),
        (["--email", "root@crowd.example", "--name", "Root", "--password-stdin"], "a" + "\u0301\u0316" * 50_000),
        (["--email", "root@crowd.example", "--name", "Root", "--password-stdin"], "x" * 1_000_000),
    ],
    ids=["no address", "no name", "address of marks", "password of marks", "endless password"],
)
def test_a_command_measures_what_it_is_given(cast: Cast, given: list[str], typed: str) -> None:
    started = time.process_time()
    refused = CliRunner().invoke(cli.group, ["create", *given], input=typed)
    assert refused.exit_code == 1, refused.output
    assert time.process_time() - started < 2
    assert queries.find_by_email("root@crowd.example") is None


def test_a_name_of_marks_is_cut(cast: Cast) -> None:
    name = "Ro" + "\u0301\u0316" * 50_000 + "ot"
    made = CliRunner().invoke(cli.group, ["create", "--email", "root@crowd.example", "--name", name])
    assert made.exit_code == 0, made.output
    row = queries.find_by_email("root@crowd.example")
    assert row is not None
    assert len(row.name) < 40
