"""The supervisor of `crowd up`: one foreground process that starts web, workers and scheduler, restarts them, and stops
them.

Each child has a session of its own, so only this process receives Ctrl-C; a child that dies is started again, and
children die with a supervisor that is killed. It stops the web, scheduler and workers, and then the embedded servers.
"""

import ctypes
import errno
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from crowd import logs
from crowd.config import METRICS_FOLDER, ROOT, Settings
from crowd.embedded import servers as crowd_servers

STOP_SECONDS = 10
STEP_SECONDS = 0.1
MAX_PAUSE = 30.0
STEADY_SECONDS = 60  # a child that ran this long has recovered from its last failure
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder in it is created again, private to this account
HOPELESS = 3  # exits of the web before its first response
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded before any fork


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep running. Those of a lower `rank` are stopped first, those of one rank together."""

    name: str
    command: tuple[str, ...]
    rank: int


@dataclass(slots=True)
class _Running:
    child: Child
    process: "subprocess.Popen[bytes]"
    since: float
    deaths: int = 0
    due: float | None = None  # when to start it again; None while it runs


class Asked:
    """Whether a signal asked us to stop; true from then on."""

    def __init__(self) -> None:
        self.stop = False
        self.interrupts = True  # raise in the middle of the work; off while children are watched

    def __bool__(self) -> bool:
        return self.stop

    def hear(self, *_: object) -> None:
        """The signals' handler. The first one interrupts code that cannot check the flag; later ones have no effect."""
        first, self.stop = not self.stop, True
        if first and self.interrupts:
            raise KeyboardInterrupt


def up(settings: Settings, *, prepare: Callable[[Settings], None], announce: Callable[[Settings], None]) -> int:
    """Serve until Ctrl-C or SIGTERM; the exit status. Raises LocalError with a sentence where nothing can start.

    `prepare` (migrate, fill the demonstration) gets the settings with the URLs of running servers; `announce`
    is called once, after the URL was printed.
    """
    return _serve(settings, [_web(settings), *_others(settings)], prepare, announce)


def web(settings: Settings, *, prepare: Callable[[Settings], None]) -> int:
    """Serve the web alone, as `up` does with everything."""
    return _serve(settings, [_web(settings)], prepare, lambda _: None)


def web_command(settings: Settings) -> tuple[str, ...]:
    """Gunicorn's arguments: few processes that share the loaded code, with threads for slow readers."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    options = {
        "--workers": settings.web_workers,
        "--worker-class": "crowd.web.arrival.ArrivalWorker",
        "--threads": settings.web_threads,
        "--bind": f"{host}:{settings.port}",
        "--timeout": 60,
        "--graceful-timeout": STOP_SECONDS - 2,
        "--log-level": "warning",
    }
    words = [str(word) for option in options.items() for word in option]
    return (
        sys.executable, "-m", "gunicorn", "--preload", "--no-control-socket", *words, "crowd.app:create_web()",
    )  # fmt: skip


def crowd_command(*words: str) -> tuple[str, ...]:
    """`crowd <words>` run by this Python: not every folder can be in the first line of the script of that name."""
    return sys.executable, "-m", "crowd", *words


def outside(settings: Settings, servers: crowd_servers.Servers) -> Settings:
    """The settings, with the embedded servers' URLs where no external ones are set."""
    return replace(
        settings,
        database_url=settings.database_url or servers.app_url,
        owner_database_url=settings.owner_database_url or servers.owner_url,
        redis_url=settings.redis_url or servers.redis_url,
    )


def check_port(host: str, port: int) -> None:
    """Raises LocalError where this host and port cannot be served, before anything is started."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise crowd_servers.LocalError(_port_trouble(host, port, error)) from error


def _port_trouble(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is taken by another program (perhaps another Crowd). Stop that one, or choose "
            f"another port: CROWD_PORT={port + 1 if port < 65535 else 8000}"
        )
    if error.errno == errno.EACCES:
        return f"This account may not serve port {port}. Choose one above 1023, for example CROWD_PORT=8000."
    return f"{host} port {port} cannot be served here: {error.strerror}. See CROWD_HOST and CROWD_PORT."


def _web(settings: Settings) -> Child:
    return Child("web", web_command(settings), 0)


def _others(settings: Settings) -> list[Child]:
    worker = crowd_command("worker")
    workers = [Child(f"worker {number}", worker, 2) for number in range(1, settings.job_workers + 1)]
    return [Child("scheduler", crowd_command("scheduler"), 1), *workers]


def _serve(
    settings: Settings,
    children: Sequence[Child],
    prepare: Callable[[Settings], None],
    announce: Callable[[Settings], None],
) -> int:
    check_port(settings.host, settings.port)
    postgres, redis = settings.database_url is None, settings.redis_url is None
    with _signals() as asked:
        try:
            with crowd_servers.servers(settings.data_dir, postgres=postgres, redis=redis) as own:
                settings = outside(settings, own)
                prepare(settings)
                asked.interrupts = False

                def ready(answer: str) -> None:
                    _say_ready(settings, answer)
                    announce(settings)

                tend = _Tending(settings.data_dir, postgres, redis)
                with _metrics_folder(settings) as shared:
                    env = environment(settings) | shared
                    return supervise(children, env, lambda: _answer(settings), ready, tend, asked)
        except KeyboardInterrupt:
            logs.say("stopped before everything was up; the next start does what is missing")
            return 130


@contextmanager
def _signals() -> Iterator[Asked]:
    asked = Asked()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, asked.hear) for number in numbers}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def environment(settings: Settings) -> dict[str, str]:
    """The environment of the children. It lacks the owner's database URL: they only get the application's role."""
    ours = {
        "CROWD_DATA_DIR": settings.data_dir,
        "CROWD_MODE": settings.mode,
        "CROWD_HOST": settings.host,
        "CROWD_PORT": settings.port,
        "CROWD_DATABASE_URL": settings.database_url,
        "CROWD_REDIS_URL": settings.redis_url,
    }
    kept = {name: value for name, value in os.environ.items() if name != "CROWD_OWNER_DATABASE_URL"}
    # Eight threads with an arena of memory each would hold a quarter more than they use.
    return {"MALLOC_ARENA_MAX": "2"} | kept | {name: str(value) for name, value in ours.items()}


def metrics_folders(settings: Settings) -> list[Path]:
    """Where the web's processes can count requests together: in memory, else in the data folder.

    The files are mapped into memory: on a disk that is full, the kernel would end the process that writes to them.
    """
    return [parent / f"crowd-metrics-{os.getuid()}-{settings.port}" for parent in (MEMORY, settings.data_dir)]


@contextmanager
def _metrics_folder(settings: Settings) -> Iterator[dict[str, str]]:
    """The variable that names a new folder for these counts, where metrics are configured, until the web has stopped.

    The name can be guessed: what another account has put there is not used.
    """
    folders = metrics_folders(settings) if settings.metrics_token else []
    made = next((folder for folder in folders if _recreated(folder)), None)
    if made is None:
        yield {}
        return
    try:
        yield {METRICS_FOLDER: str(made)}
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _recreated(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.mkdir(mode=0o700)
        return True
    return False


def _answer(settings: Settings) -> str | None:
    """What /readyz says: "" when all is well, its message when not, None while nothing answers."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - a name, not a bind
    line = http.client.HTTPConnection(host, settings.port, timeout=2)
    try:
        line.request("GET", "/readyz", headers={"Host": urlsplit(settings.address).netloc})
        answer = line.getresponse()
        words = answer.read(2000).decode(errors="replace").strip()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        line.close()
    return "" if answer.status == 200 else f"{answer.status} {words}"


def _say_ready(settings: Settings, answer: str) -> None:
    if answer:
        logs.say(f"not everything is ready yet: {answer}")
    print(f"\n  Crowd is at {settings.address}  (Ctrl-C stops it)\n", flush=True)


class _Tending:
    """What the supervisor does besides watching its children: the health of embedded servers, the size of logs."""

    def __init__(self, home: Path, postgres: bool, redis: bool) -> None:
        self.home, self.postgres, self.redis = home, postgres, redis
        self.next_look = self.next_trim = 0.0

    def __call__(self) -> None:
        now = time.monotonic()
        if now >= self.next_look:
            self.next_look = now + 1
            self._look()
        if now >= self.next_trim:
            self.next_trim = now + 60
            crowd_servers.trim_logs(self.home)

    def _look(self) -> None:
        try:
            for name in crowd_servers.revive(self.home, postgres=self.postgres, redis=self.redis):
                logs.say(f"{name} had ended and was started again")
        except crowd_servers.LocalError as error:
            logs.say(str(error))
            self.next_look += MAX_PAUSE


def supervise(
    children: Sequence[Child],
    env: Mapping[str, str],
    answer: Callable[[], str | None],
    ready: Callable[[str], None],
    tend: Callable[[], None],
    asked: Asked,
) -> int:
    """Keep the children running until asked to stop; the exit status: 0, or 1 where the first one never answered.

    The first child starts alone, so that it answers soon; the others follow once it does, and `ready` is called.
    """
    running = [_start(children[0], env)]
    up = False
    try:
        while not asked:
            _watch(running, env)
            if not up and (words := answer()) is not None and running[0].process.poll() is None:
                up = True
                running += [_start(child, env) for child in children[1:]]
                ready(words)
            if not up and running[0].deaths >= HOPELESS:
                logs.say(f"{children[0].name} does not start; what it said stands above")
                return 1
            tend()
            time.sleep(STEP_SECONDS)
    finally:
        _stop(running)
    return 0


def _start(child: Child, env: Mapping[str, str]) -> _Running:
    """Start a child in a session of its own; what it prints goes to our standard error."""
    supervisor = os.getpid()

    def die_with_us() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != supervisor:  # the supervisor had died before this child asked for the signal
                os._exit(1)

    process = subprocess.Popen(
        child.command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr.fileno(),
        env=env,
        cwd=ROOT,
        start_new_session=True,
        preexec_fn=die_with_us,
    )
    return _Running(child, process, time.monotonic())


def _watch(running: list[_Running], env: Mapping[str, str]) -> None:
    """Record exited children, and start again those whose pause is over."""
    for place, one in enumerate(running):
        now = time.monotonic()
        if one.due is None and one.process.poll() is not None:
            _kill_session(one.process.pid)
            one.deaths = 1 if now - one.since > STEADY_SECONDS else one.deaths + 1
            pause = min(MAX_PAUSE, 0.25 * 2**one.deaths)
            one.due = now + pause
            logs.say(f"{one.child.name} ended ({_how(one.process.returncode)}) and starts again in {pause:g} s")
        elif one.due is not None and now >= one.due:
            running[place] = replace(_start(one.child, env), deaths=one.deaths)


def _how(status: int) -> str:
    return f"status {status}" if status >= 0 else signal.Signals(-status).name


def _stop(running: Sequence[_Running]) -> None:
    """Stop rank after rank, and kill what is left of each after ten seconds, with its descendants."""
    for rank in sorted({one.child.rank for one in running}):
        group = [one.process for one in running if one.child.rank == rank]
        for process in group:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while any(process.poll() is None for process in group) and time.monotonic() < deadline:
            time.sleep(0.02)
        for process in group:
            _kill_session(process.pid)
            process.wait()


def _kill_session(leader: int) -> None:
    """End every process of a child's session: RQ puts each job into a process group of its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    for pid in _session(leader):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _session(leader: int) -> list[int]:
    """The processes of a session, where the kernel shows them."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            state, _, _, session = entry.joinpath("stat").read_text().rpartition(")")[2].split()[:4]
            if int(session) == leader and state not in "ZX":
                found.append(int(entry.name))
    return found
