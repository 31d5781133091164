"""docs/operations.md and deploy/, executed: they start the real web, worker and scheduler, and a sign-up is mailed.

Replaced is only what a reader must replace: the addresses of PostgreSQL, Redis and the mail server, the data folder,
the passwords that stand as dots, and the store in S3, which one host keeps in its data folder.
"""

import http.client
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest
import sqlalchemy as sa

from crowd.config import ROOT
from crowd.embedded import servers as crowd_servers
from crowd.supervisor import crowd_command
from tests.crowd.test_deploy import healthcheck
from tests.post_office import AUTHORITY, PASSWORD, USER, PostOffice, post_office
from tests.processes import NewProcess, Process, free_port, own_redis

pytestmark = pytest.mark.timeout(600)
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
DEPLOY = ROOT / "deploy"
FILLED = "filled in by the reader, and long enough"
OWNER, APP, DATABASE = "documents_owner", "documents_app", "documents"


def block(after: str) -> str:
    """The first block after a sentence of the document."""
    found = re.search(r"```[a-z]*\n(.*?)```", TEXT.partition(after)[2], re.DOTALL)
    assert found, after
    return found.group(1)


def lines(script: str) -> dict[str, str]:
    """The settings of a block, in their order, as a shell reads them."""
    return dict(shlex.split(line)[0].split("=", 1) for line in script.splitlines())


def started_by_units() -> list[str]:
    """The commands of the systemd units, the web last in the alphabet and first here."""
    units = sorted((DEPLOY / "systemd").glob("*.service"), reverse=True)
    found = [
        re.search(r"^ExecStart=/srv/crowd/\.venv/bin/crowd (\w+)$", one.read_text(), re.MULTILINE) for one in units
    ]
    return [match[1] for match in found if match]


@dataclass
class Production:
    """A platform as the document has it."""

    folder: Path
    settings: dict[str, str]
    port: int
    office: PostOffice
    processes: list[Process]

    def shell(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the document's shell, which has both files of settings."""
        line = re.search(r"`(set -a; .*?; set \+a)`", TEXT)
        assert line
        files = line[1].replace("/etc/crowd/", f"{self.folder}/")
        script = f"{files}; {command.replace('crowd', shlex.join(crowd_command()), 1)}"
        return subprocess.run(["sh", "-c", script], cwd=ROOT, env=bare(), capture_output=True, text=True, timeout=300)

    def start(self) -> None:
        """Start what the units start."""
        for name in started_by_units():
            log = self.folder / f"{name}.log"
            self.processes.append(NewProcess(name, (name,), bare() | self.settings, log))

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> "Answer":
        """One request as the document's nginx hands it on."""
        host = self.settings["CROWD_TRUSTED_HOSTS"]
        values = {"$host": host, "$remote_addr": "192.0.2.7", "$scheme": "https", "$request_id": "5f0c" * 8}
        named = re.findall(r"proxy_set_header (\S+) +(\S+);", (DEPLOY / "nginx" / "crowd.conf").read_text())
        sent = {name: values[value] for name, value in named if value in values}
        sent |= {"Accept-Language": "en"} | {name.replace("_", "-"): value for name, value in headers.items()}
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = urlencode(form) if form is not None else None
        if body is not None:
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"https://{host}{path}"}
        line.request(method, path, body, sent)
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        return Answer(answer.status, text, dict(answer.getheaders()))

    def until(self, true: Callable[[], object], what: str, seconds: float = 120) -> None:
        """Wait for something; with the ends of all logs where it does not come."""
        deadline = time.monotonic() + seconds
        while not true():
            logs = "\n".join(process.tail() for process in self.processes)
            assert time.monotonic() < deadline, f"{what}\n{logs}"
            assert all(process.runs for process in self.processes), f"{what}\n{logs}"
            time.sleep(0.2)


@dataclass
class Answer:
    status: int
    text: str
    headers: dict[str, str]


def bare() -> dict[str, str]:
    """The environment without settings of ours, and with an authority that is trusted as the document says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CROWD_")}
    assert "`SSL_CERT_FILE`" in TEXT
    return kept | {"SSL_CERT_FILE": str(AUTHORITY), "PYTHONUNBUFFERED": "1"}


@pytest.fixture
def production(servers: crowd_servers.Servers, tmp_path: Path) -> Iterator[Production]:
    admin = sa.create_engine(servers.database_url("postgres", "postgres"), isolation_level="AUTOCOMMIT")
    names = {"crowd_owner": OWNER, "crowd_app": APP, "DATABASE crowd ": f"DATABASE {DATABASE} "}
    script = block("As the server's administrator:")
    for documented, ours in names.items():
        script = script.replace(documented, ours)
    with admin.connect() as connection:
        for statement in filter(str.strip, script.split(";\n")):
            connection.execute(sa.text(statement))
    try:
        with post_office() as office:
            yield _filled(servers, tmp_path, office)
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {DATABASE} WITH (FORCE)"))
            connection.execute(sa.text(f"DROP ROLE {OWNER}"))
            connection.execute(sa.text(f"DROP ROLE {APP}"))
        admin.dispose()


def _filled(servers: crowd_servers.Servers, folder: Path, office: PostOffice) -> Production:
    """The document's two files, filled in."""
    settings, owner = lines(block("`/etc/crowd/crowd.env`")), lines(block("`/etc/crowd/owner.env`"))
    port = free_port()
    replaced = {
        "CROWD_DATA_DIR": str(folder / "home"),
        "CROWD_DATABASE_URL": servers.database_url(APP, DATABASE),
        "CROWD_REDIS_URL": own_redis(str(servers.redis_url)),
        "CROWD_MAIL_URL": settings["CROWD_MAIL_URL"].replace("...", quote(PASSWORD, safe=""))
        .replace("crowd:", f"{USER}:").replace("mail.internal:587", f"localhost:{office.port}"),
    }  # fmt: skip
    settings = {
        name: replaced.get(name, value.replace("...", FILLED))
        for name, value in settings.items()
        if name != "CROWD_STORAGE_URL"
    }
    settings["CROWD_PORT"] = str(port)
    owner["CROWD_OWNER_DATABASE_URL"] = servers.database_url(OWNER, DATABASE)
    for name, values in (("crowd.env", settings), ("owner.env", owner)):
        (folder / name).write_text("".join(f"{key}='{value}'\n" for key, value in values.items()))
    return Production(folder, settings, port, office, [])


def test_the_documents_start_a_platform_that_sends_its_mail(production: Production) -> None:
    for command in ("crowd db upgrade", "crowd user create --email op@crowd.example --name Op --role administrator"):
        done = production.shell(command)
        assert done.returncode == 0, done.stdout + done.stderr
    looked = production.shell("crowd doctor --json")
    findings = json.loads(looked.stdout)["findings"]
    assert [one for one in findings if not one["ok"]] == []
    assert {"mail", "storage", "pages", "proxies", "database's owner"} <= {one["name"] for one in findings}
    production.start()
    try:
        _serves(production)
        _mails(production)
    finally:
        for process in production.processes:
            process.stop()


def _serves(production: Production) -> None:
    def answers() -> bool:
        try:
            return production.ask("GET", "/readyz").status == 200
        except OSError:
            return False

    production.until(answers, "the web is ready")
    assert production.ask("GET", "/").status == 200
    script = healthcheck().replace(":8000", f":{production.port}")
    subprocess.run([sys.executable, "-c", script], env=bare() | production.settings, check=True, timeout=20)
    lost = production.ask("GET", "/", Host="evil.example", X_Forwarded_Host="evil.example")
    assert lost.status == 400
    assert 'href="https://crowd.example"' in lost.text
    token = production.settings["CROWD_METRICS_TOKEN"]
    assert production.ask("GET", "/metrics", Authorization=f"Bearer {token}").status == 200


def _mails(production: Production) -> None:
    page = production.ask("GET", "/account/register")
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    assert cookie.startswith("__Host-")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token
    form = {"csrf_token": token[1], "name": "Lin Wei", "email": "lin@crowd.example", "locale": "en",
            "time_zone": "Asia/Shanghai", "terms": "y"}  # fmt: skip
    signed = production.ask("POST", "/account/register", form, Cookie=cookie)
    assert signed.status == 303, signed.text
    production.until(lambda: len(production.office.letters) >= 1, "the confirmation arrives")
    letter = next(one for one in production.office.letters if one["To"] == "lin@crowd.example")
    assert production.office.secure == [True] * len(production.office.letters)
    assert str(letter["From"]) == "Crowd <no-reply@crowd.example>"
    text = letter.get_body(("plain",)).get_content()
    link = re.search(r"https://crowd\.example/\S+", text)
    assert link, text
    assert production.ask("GET", urlsplit(link[0]).path).status == 200


def test_the_files_of_settings_mean_the_same_to_the_shell(tmp_path: Path) -> None:
    """What the units read, a shell reads too: no value runs as a command, or into a file."""
    for name in ("crowd.env", "owner.env"):
        script = block(f"`/etc/crowd/{name}`")
        (tmp_path / name).write_text(script)
        read = subprocess.run(
            ["sh", "-ec", f"set -a; . ./{name}; env -0"],
            cwd=tmp_path,
            env={},
            capture_output=True,
            text=True,
            check=True,
        )
        assert read.stderr == ""
        told = dict(one.split("=", 1) for one in read.stdout.split("\0") if one.startswith("CROWD_"))
        assert told == lines(script)
    assert {path.name for path in tmp_path.iterdir()} == {"crowd.env", "owner.env"}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"CROWD_TRUSTED_HOSTS": "other.example"}, "CROWD_TRUSTED_HOSTS lacks crowd.example"),
        ({"CROWD_SECRET": "s" * 40}, "CROWD_SECRET is called CROWD_SECRET_KEY now"),
        ({"CROWD_LIMIT_TWO_PERSON_AMOUNT": "1"}, "is called CROWD_LIMIT_DUAL_APPROVAL_AMOUNT now"),
        ({"CROWD_TRUSTED_HOST": "crowd.example"}, "CROWD_TRUSTED_HOST is no setting of Crowd"),
        ({"CROWD_TRUSTED_HOSTS": "https://crowd.example"}, "CROWD_TRUSTED_HOSTS names hosts"),
        ({"CROWD_BASE_URL": "https://crowd.example/app"}, "CROWD_BASE_URL is an address"),
        (
            {"CROWD_RECEIVING_ACCOUNT_HOLDER": "..."},
            "dots of the documents still stand in CROWD_RECEIVING_ACCOUNT_HOLDER",
        ),
        ({"CROWD_MAIL_URL": "smtp://mail.internal?tls=2"}, "CROWD_MAIL_URL looks like"),
        ({"CROWD_TIME_ZONE": "Peking"}, "CROWD_TIME_ZONE is a name"),
        ({"CROWD_WEB_WORKERS": "0"}, "are 1 or more"),
    ],
)
def test_what_cannot_work_is_said_before_anything_starts(changed: dict[str, str], says: str) -> None:
    from crowd.config import Misconfigured
    from crowd.environment import from_env

    settings = lines(block("`/etc/crowd/crowd.env`"))
    filled = {name: value.replace("...", FILLED) for name, value in settings.items()}
    from_env(filled)
    with pytest.raises(Misconfigured, match=re.escape(says)):
        from_env(filled | changed)
