"""compose.yaml, Containerfile and deploy/: valid, complete, and of commands and settings that exist.

`tests/crowd/test_production.py` starts what the units name, behind the headers of the nginx site.
"""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from crowd.cli import crowd
from crowd.config import ROOT, Misconfigured
from crowd.environment import from_env
from tests.architecture.test_documents import KNOWN, LIMITS, command_of

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if one["image"] == "crowd"}
CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8")
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
FILLED = "filled-in-by-the-reader-and-long-enough"


def example() -> dict[str, str]:
    """The variables of deploy/compose.env."""
    lines = (ROOT / "deploy" / "compose.env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def of_the_image() -> dict[str, str]:
    """The settings that the image brings."""
    return dict(re.findall(r"\b(CROWD_\w+)=(\S+)", CONTAINERFILE))


def environment(service: str, variables: dict[str, str]) -> dict[str, str]:
    """What a service's command reads: the image's settings, and its own with the variables put in, as compose does."""
    own = {
        name: re.sub(r"\$\{(\w+):\?\}", lambda found: variables[found[1]], str(value))
        for name, value in SERVICES[service]["environment"].items()
    }
    return of_the_image() | own


def healthcheck() -> str:
    """The program that asks whether the web is alive."""
    *words, program = SERVICES["web"]["healthcheck"]["test"]
    assert words == ["CMD", "python", "-c"]
    return str(program)


def test_the_services_are_those_of_the_platform() -> None:
    assert OURS.keys() == {"migrate", "web", "worker", "scheduler"}
    assert SERVICES["postgres"]["image"] == "postgres:18"
    assert SERVICES.keys() - OURS.keys() == {"postgres", "redis"}


@pytest.mark.parametrize("name", OURS)
def test_each_command_exists(name: str) -> None:
    command, rest = command_of([str(word) for word in OURS[name]["command"]])
    assert rest == []
    assert not isinstance(command, click.Group)
    assert 'ENTRYPOINT ["crowd"]' in CONTAINERFILE


@pytest.mark.parametrize("name", OURS)
def test_the_settings_of_a_service_are_those_of_production(name: str) -> None:
    """Each exists and is filled from deploy/compose.env; with its dots, nothing starts."""
    filled = {key: value.replace("...", FILLED) for key, value in example().items()}
    settings = environment(name, filled)
    assert settings.keys() - KNOWN - LIMITS == set()
    assert from_env(settings).production
    with pytest.raises(Misconfigured, match="dots of the documents"):
        from_env(environment(name, example() | {"CROWD_METRICS_TOKEN": FILLED}))


def test_every_variable_of_the_example_is_used() -> None:
    assert set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text())) == example().keys()


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert any(mount.partition(":")[0] == "/tmp" for mount in service["tmpfs"])
    last = CONTAINERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER crowd$", last, re.MULTILINE) if name in OURS else service["user"] not in ("root", "0")
    volumes = {one.partition(":")[0] for one in service.get("volumes", ())}
    assert {one for one in volumes if not one.startswith(".")} <= COMPOSE["volumes"].keys()
    assert all((ROOT / one).exists() for one in volumes if one.startswith("."))


def test_what_is_waited_for_says_when_it_is_ready() -> None:
    for service in SERVICES.values():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other], other
            else:
                assert SERVICES[other]["restart"] == "no", other


def test_the_image_copies_what_the_product_is() -> None:
    copied = {
        word for line in re.findall(r"^COPY (?!--)(.+)$", CONTAINERFILE, re.MULTILINE) for word in line.split()[:-1]
    }
    assert {"crowd", "challenges", "submissions", "scoring", "migrations", "templates"} <= copied
    assert all((ROOT / name).exists() for name in copied)
    kept = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    assert copied == kept


def test_the_roles_are_those_of_the_document() -> None:
    script = (ROOT / "deploy" / "postgres" / "roles.sh").read_text(encoding="utf-8")
    document = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    inner = re.search(r"<<'SQL'\n(.*?)SQL\n", script, re.DOTALL)
    sql = re.search(r"```sql\n(CREATE ROLE.*?)```", document, re.DOTALL)
    assert inner
    assert sql
    hidden = re.compile(r"PASSWORD \S.*;")
    assert hidden.sub("PASSWORD;", inner[1]) == hidden.sub("PASSWORD;", sql[1])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_valid(unit: Path, tmp_path: Path) -> None:
    """systemd reads it without a word where it is installed; the program that it names is this one here."""
    text = unit.read_text(encoding="utf-8")
    start = re.search(r"^ExecStart=/srv/crowd/\.venv/bin/crowd (\w+)$", text, re.MULTILINE)
    assert start
    assert start[1] in crowd.commands
    if not (analyze := shutil.which("systemd-analyze")):
        pytest.skip("systemd is not installed")
    copy = tmp_path / unit.name.replace("@", "@1")
    copy.write_text(text.replace("/srv/crowd/.venv/bin/crowd", shutil.which("true") or "").replace("/srv/crowd", "/"))
    done = subprocess.run([analyze, "verify", copy], capture_output=True, text=True, timeout=60)
    assert unit.name.partition(".")[0].rstrip("@") not in done.stderr, done.stderr
    assert done.returncode == 0, done.stderr


def test_the_site_is_valid(tmp_path: Path) -> None:
    """Its braces and ends of lines where nginx is not installed; all of it where it is."""
    text = re.sub(r"\s*#.*", "", (ROOT / "deploy" / "nginx" / "crowd.conf").read_text(encoding="utf-8"))
    assert text.count("{") == text.count("}")
    assert [line for line in text.split("\n") if line.strip() and line.rstrip()[-1] not in ";{}"] == []
    if not (nginx := shutil.which("nginx")):
        return
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=crowd.example", "-days", "1",
         "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    site = re.sub(r"/etc/letsencrypt\S+fullchain\.pem", str(tmp_path / "cert.pem"), text)
    site = re.sub(r"/etc/letsencrypt\S+privkey\.pem", str(tmp_path / "key.pem"), site)
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/nginx.pid; events {{}} http {{ access_log off; {site} }}")
    done = subprocess.run([nginx, "-t", "-c", whole, "-e", "stderr"], capture_output=True, text=True, timeout=60)
    assert "syntax is ok" in done.stderr, done.stderr  # its folders below /var may be missing here
