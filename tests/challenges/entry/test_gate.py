"""The command that recomputes a digest of the contract: as documents and pages have it, run on what is downloaded."""

import html
import io
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from challenges.contract import queries as contracts
from challenges.entry import package
from crowd.config import ROOT
from tests.cast import Cast
from tests.challenges.entry import gated
from tests.client import Browser

DOCUMENTS = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def run(command: str, salt: str, path: Path) -> str:
    """What the command prints, run by this Python."""
    program, *arguments = shlex.split(command)
    assert program == "python3"
    filled = [{"SALT": salt, "FILE": str(path)}.get(one, one) for one in arguments]
    done = subprocess.run([sys.executable, *filled], capture_output=True, check=True, text=True, timeout=60)
    return done.stdout.strip()


@pytest.mark.parametrize("where", ["the documents", "the page", "the ZIP"])
def test_the_command_finds_the_digest_of_the_contract(cast: Cast, browser: Browser, tmp_path: Path, where: str) -> None:
    challenge = gated.opened(cast)
    here = f"/challenges/{challenge.id}/attachments"
    browser.sign_in(cast.ada)
    with zipfile.ZipFile(io.BytesIO(browser.get(f"{here}.zip").data)) as archive:
        archive.extractall(tmp_path)
    lines = (tmp_path / package.SUMS).read_text("utf-8").splitlines()
    texts = {"the documents": DOCUMENTS, "the page": html.unescape(browser.get(here).text), "the ZIP": "\n".join(lines)}
    (command,) = {line.strip("# ").split("<code>")[-1].split("</code>")[0] for line in texts[where].splitlines()
                  if "python3 -c" in line and "SALT FILE" in line}  # fmt: skip
    assert command == package.COMMAND
    document = contracts.in_force(challenge).document.decode()
    salted = [line.split(" ", 2) for line in lines if not line.startswith("#") and " - " not in line]
    assert {name for _digest, _salt, name in salted} == {"full-text.md", "管网.csv", "canary.txt"}
    for digest, salt, name in salted:
        assert run(command, salt, tmp_path / name) == digest
        assert f'"sha256":"{digest}"' in document
