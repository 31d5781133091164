"""`crowd user create`: the first administrator, by a link or by a password."""

import re

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
    assert signed.headers["Location"] == "/desk"
    assert browser.get("/admin/people").status_code == 200


def test_a_password_may_come_by_standard_input_if_it_is_good(cast: Cast) -> None:
    weak = CliRunner().invoke(cli.group, [*ROOT, "--password-stdin"], input="1234567890\n")
    assert weak.exit_code == 1
    assert queries.find_by_email("root@crowd.example") is None
    good = CliRunner().invoke(cli.group, [*ROOT, "--password-stdin"], input="correct horse battery\n")
    assert good.output == "Made root@crowd.example.\n"
    row = queries.find_by_email("root@crowd.example")
    assert row is not None
    assert row.is_any(PlatformRole.ADMINISTRATOR)
