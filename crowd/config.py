"""Settings, read once from `CROWD_*` environment variables; limits are in `crowd.limits`."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, get_type_hints
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import current_app
from werkzeug.sansio.utils import host_is_trusted

from crowd.file_kinds import KINDS
from crowd.languages import DEFAULT, LANGUAGES, Language
from crowd.limits import BY_MODE, Limits, SettingHelp, sizes_that_follow

ROOT = Path(__file__).resolve().parent.parent
# Names of version 0.1; `CROWD_HOME` goes on being read.
RENAMED = {
    "CROWD_BANK_ACCOUNT": "CROWD_RECEIVING_ACCOUNT_NUMBER",
    "CROWD_BANK_HOLDER": "CROWD_RECEIVING_ACCOUNT_HOLDER",
    "CROWD_BANK_NAME": "CROWD_RECEIVING_ACCOUNT_BANK",
    "CROWD_CONTACT": "CROWD_SUPPORT_EMAIL",
    "CROWD_LIMIT_APPEAL_SECONDS_LEAST": "CROWD_LIMIT_MIN_APPEAL_SECONDS",
    "CROWD_LIMIT_APPEAL_SECONDS_MOST": "CROWD_LIMIT_MAX_APPEAL_SECONDS",
    "CROWD_LIMIT_BODY_LENGTH": "CROWD_LIMIT_MAX_BODY_LENGTH",
    "CROWD_LIMIT_COMMENT_LENGTH": "CROWD_LIMIT_MAX_COMMENT_LENGTH",
    "CROWD_LIMIT_NEED_LENGTH": "CROWD_LIMIT_MAX_PROBLEM_STATEMENT_LENGTH",
    "CROWD_LIMIT_OPEN_DAYS_MOST": "CROWD_LIMIT_MAX_OPEN_DAYS",
    "CROWD_LIMIT_OPEN_SECONDS_LEAST": "CROWD_LIMIT_MIN_OPEN_SECONDS",
    "CROWD_LIMIT_PAYOUT_COOLING_HOURS": "CROWD_LIMIT_PAYOUT_HOLD_HOURS",
    "CROWD_LIMIT_REASON_LENGTH": "CROWD_LIMIT_MAX_REASON_LENGTH",
    "CROWD_LIMIT_REVIEWER_LOAD": "CROWD_LIMIT_MAX_REVIEWS_PER_PANEL",
    "CROWD_LIMIT_REVIEWER_OPEN_ASSIGNMENTS": "CROWD_LIMIT_MAX_OPEN_REVIEWS",
    "CROWD_LIMIT_REVIEW_COMMENT_LEAST": "CROWD_LIMIT_MIN_REVIEW_COMMENT",
    "CROWD_LIMIT_SUMMARY_LENGTH": "CROWD_LIMIT_MAX_SUMMARY_LENGTH",
    "CROWD_LIMIT_TAG_LENGTH": "CROWD_LIMIT_MAX_TAG_LENGTH",
    "CROWD_LIMIT_TITLE_LENGTH": "CROWD_LIMIT_MAX_TITLE_LENGTH",
    "CROWD_LIMIT_TWO_PERSON_AMOUNT": "CROWD_LIMIT_DUAL_APPROVAL_AMOUNT",
    "CROWD_LIMIT_TWO_PERSON_AMOUNT_EUR": "CROWD_LIMIT_DUAL_APPROVAL_AMOUNT_EUR",
    "CROWD_LIMIT_TWO_PERSON_AMOUNT_JPY": "CROWD_LIMIT_DUAL_APPROVAL_AMOUNT_JPY",
    "CROWD_LIMIT_TWO_PERSON_AMOUNT_USD": "CROWD_LIMIT_DUAL_APPROVAL_AMOUNT_USD",
    "CROWD_LOG": "CROWD_LOG_LEVEL",
    "CROWD_MAIL_SENDER": "CROWD_MAIL_FROM",
    "CROWD_PAGE_SECONDS": "CROWD_FRAGMENT_SECONDS",
    "CROWD_PAYOUT_RAIL": "CROWD_PAYOUT_GATEWAY",
    "CROWD_PROXIES": "CROWD_TRUSTED_PROXIES",
    "CROWD_SECRET": "CROWD_SECRET_KEY",
}
OF_TESTS = ("CROWD_FEED", "CROWD_FUZZ_", "CROWD_FAULT_", "CROWD_SCREENSHOTS", "CROWD_BROWSER_")  # read by tests alone
MAX_NAME_LENGTH = 60
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class Misconfigured(Exception):
    """A setting is missing or wrong; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """The mail server. `tls`: `starttls`, `ssl` (from the first byte), or `no`."""

    host: str
    port: int
    tls: str
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Operator:
    """Who operates the platform; `filing` is empty where the country has no such number."""

    name: str
    registration: str
    address: str
    phone: str
    filing: str = ""


DEMONSTRATION_OPERATOR = Operator(
    "Crowd 揭榜台 (demonstration 演示)", "914101000000049901", "Demonstration Street 1", "000 0000 0000"
)


INVENTED = "invented in demo mode"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of an installation. `from_env` is the only reader of the environment; `crowd.settings_reference`
    lists them.
    """

    data_dir: Annotated[
        Path,
        SettingHelp(
            "the data folder: embedded servers, files, mail, secret, logs; its older name `CROWD_HOME` is read, too",
            default="`var` in the checkout",
        ),
    ]
    mode: Annotated[
        str, SettingHelp("`demo` serves this machine only; `production` rejects embedded servers and public accounts")
    ] = "demo"
    name: Annotated[
        str,
        SettingHelp(
            "the platform's name in every language, on pages and in emails", default="Crowd, in Chinese 揭榜台 Crowd"
        ),
    ] = ""
    host: Annotated[str, SettingHelp("the IP address on which the web listens")] = "127.0.0.1"
    port: Annotated[int, SettingHelp("the port on which the web listens")] = 8000
    database_url: Annotated[
        str | None, SettingHelp("PostgreSQL 16 to 18, signed in as the application's role", default="embedded")
    ] = None
    owner_database_url: Annotated[
        str | None,
        SettingHelp(
            "the same database as its owner; only `db upgrade`, `demo`, `backup` and `restore` use it",
            default="embedded",
        ),
    ] = None
    redis_url: Annotated[str | None, SettingHelp("Redis 6.2 or newer, or Valkey", default="embedded")] = None
    secret_key: Annotated[
        str | None,
        SettingHelp(
            "signs cookies and links; 32 characters or more in production", default="random, kept in the data folder"
        ),
    ] = None
    base_url: Annotated[
        str | None,
        SettingHelp("the platform's own URL, for links in emails; https in production", default="from host and port"),
    ] = None
    trusted_hosts: Annotated[
        tuple[str, ...],
        SettingHelp(
            "the host names that it answers to, separated by commas, that of `CROWD_BASE_URL` among them",
            default="any in demo mode",
        ),
    ] = ()
    storage_url: Annotated[
        str | None,
        SettingHelp("`s3://...` for uploads that several hosts share", default="the folder `files` in the data folder"),
    ] = None
    upload_kinds: Annotated[
        tuple[str, ...],
        SettingHelp(
            "endings of accepted files, separated by commas, such as `pdf,docx,png,jpg`",
            default="all that `crowd/file_kinds.py` knows",
        ),
    ] = ()
    mail_url: Annotated[
        str | None,
        SettingHelp(
            "`smtp://user:password@host:587?tls=1` (STARTTLS) or `smtps://user:password@host:465`; `?tls=0`: no TLS, "
            "and no password except on this machine",
            default="`.eml` files in the data folder",
        ),
    ] = None
    mail_from: Annotated[
        str, SettingHelp("the sender of emails, with a name of its own or else that of the platform")
    ] = "no-reply@crowd.example"
    support_email: Annotated[str, SettingHelp("the email address in the legal texts")] = "service@crowd.example"
    operator_name: Annotated[
        str, SettingHelp("who operates the platform: terms, privacy, contact, footer of each page", default=INVENTED)
    ] = ""
    operator_registration: Annotated[
        str,
        SettingHelp("the operator's number in the register, in China the unified social credit code", default=INVENTED),
    ] = ""
    operator_address: Annotated[str, SettingHelp("the operator's postal address", default=INVENTED)] = ""
    operator_phone: Annotated[str, SettingHelp("the operator's telephone number", default=INVENTED)] = ""
    operator_filing: Annotated[
        str,
        SettingHelp(
            "the number under which the site is filed, in China the ICP number, for the footer", default="none"
        ),
    ] = ""
    legal_dir: Annotated[
        Path | None,
        SettingHelp(
            "a folder with the operator's own terms, privacy and contact ([operations](operations.md))",
            default="the drafts of `crowd/site/legal`",
        ),
    ] = None
    receiving_account_holder: Annotated[
        str, SettingHelp("the holder of the account into which sponsors pay", default=INVENTED)
    ] = ""
    receiving_account_bank: Annotated[str, SettingHelp("the bank of that account", default=INVENTED)] = ""
    receiving_account_number: Annotated[str, SettingHelp("the number of that account", default=INVENTED)] = ""
    payout_gateway: Annotated[
        str,
        SettingHelp(
            "how payouts reach the bank: `demonstration` invents the responses, `folder` exchanges files in `bank/` of "
            "the data folder",
            default="`folder` in production, else `demonstration`",
        ),
    ] = ""
    locale: Annotated[str, SettingHelp("the language for visitors who have chosen none")] = DEFAULT
    time_zone: Annotated[str, SettingHelp("the time zone of dates of money, and of visitors without one")] = (
        "Asia/Shanghai"
    )
    currency: Annotated[
        str, SettingHelp("the currency of new deposits, payout accounts and amounts that name none")
    ] = "CNY"
    web_workers: Annotated[int, SettingHelp("processes of the web")] = 2
    web_threads: Annotated[
        int, SettingHelp("threads of each of them; more do not serve more visitors, they only wait for each other")
    ] = 4
    job_workers: Annotated[int, SettingHelp("workers that `crowd up` starts")] = 2
    fragment_seconds: Annotated[
        int,
        SettingHelp("for how long the parts of pages that are the same for everybody are cached, in seconds; 0: never"),
    ] = 2
    trusted_proxies: Annotated[int, SettingHelp("the number of trusted proxies in front")] = 0
    log_level: Annotated[
        str, SettingHelp("the lowest level that is logged", default="`INFO` where the log is JSON, else `WARNING`")
    ] = ""
    log_format: Annotated[
        str,
        SettingHelp(
            "the log on standard error: `text`, lines for people, or `json`, an object a line",
            default="`json` in production, else `text`",
        ),
    ] = ""
    metrics_token: Annotated[
        str | None, SettingHelp("the token that Prometheus shows; 16 characters or more", default="none: no `/metrics`")
    ] = None
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        """Limits that let one person play a whole challenge in minutes, in a demonstration."""
        found = {name: times for name, times in BY_MODE.items() if getattr(self.limits, name) < 0}
        limits = replace(self.limits, **{name: times[self.production] for name, times in found.items()})
        limits = sizes_that_follow(limits)
        object.__setattr__(self, "limits", limits)

    @property
    def production(self) -> bool:
        return self.mode == "production"

    @property
    def demo(self) -> bool:
        return self.mode == "demo"

    def name_in(self, language: Language) -> str:
        """The platform's name: the operator's own in every language, else the one that the language has."""
        return self.name or language.platform_name

    @property
    def gateway(self) -> str:
        """How payouts reach the bank: `folder`, or `demonstration`, whose bank answers by itself."""
        return self.payout_gateway or ("folder" if self.production else "demonstration")

    @property
    def logs_as(self) -> str:
        """The form of the log: `json`, a line an object, or `text`."""
        return self.log_format or ("json" if self.production else "text")

    @property
    def effective_log_level(self) -> str:
        """The least level that is logged."""
        return self.log_level.upper() or ("INFO" if self.logs_as == "json" else "WARNING")

    @property
    def receiving_account(self) -> tuple[str, str, str]:
        """(holder, bank, number) of the account into which sponsors pay."""
        if self.demo and not self.receiving_account_number:
            return "Crowd (demonstration)", "Demonstration Bank", "0000 0000 0000 1000"
        return self.receiving_account_holder, self.receiving_account_bank, self.receiving_account_number

    @property
    def operator(self) -> Operator:
        """Who operates the platform, for the legal texts and the footer of each page."""
        if self.demo and not self.operator_name:
            return DEMONSTRATION_OPERATOR
        return Operator(
            self.operator_name, self.operator_registration, self.operator_address, self.operator_phone,
            self.operator_filing,
        )  # fmt: skip

    @property
    def cooling(self) -> timedelta:
        """How long a changed payout account waits before money goes to it."""
        return timedelta(hours=self.limits.payout_hold_hours)

    @property
    def mail_server(self) -> MailServer | None:
        """The mail server; None where mail is written as files. Raises Misconfigured."""
        return mail_server(self.mail_url) if self.mail_url else None

    @property
    def address(self) -> str:
        """The platform's own URL, without a slash at the end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def https(self) -> bool:
        return self.address.startswith("https://")


def _number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise Misconfigured(f"{name} must be a whole number, not {text!r}.") from None


def _read(environ: Mapping[str, str], owner: type, prefix: str) -> dict[str, Any]:
    """The fields of `owner` that the environment names, each converted to its declared type."""
    found: dict[str, Any] = {}
    for field_name, kind in get_type_hints(owner).items():
        name = prefix + field_name.upper()
        text = environ.get(name, "").strip()
        if not text or kind is Limits:
            continue
        if kind is int:
            found[field_name] = _number(name, text)
        elif kind == tuple[str, ...]:
            found[field_name] = tuple(part.strip() for part in text.split(",") if part.strip())
        elif kind in (Path, Path | None):
            found[field_name] = Path(text).expanduser()
        else:
            found[field_name] = text
    return found


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    """A name that nothing reads is a mistake or an older name: a setting would silently be at its default."""
    known = {f"CROWD_{spec.name.upper()}" for spec in fields(Settings)} | {"CROWD_HOME"}
    known |= {f"CROWD_LIMIT_{spec.name.upper()}" for spec in fields(Limits)}
    for name in sorted(environ):
        if not name.startswith("CROWD_") or name in known or name.startswith(OF_TESTS):
            continue
        if name in RENAMED:
            raise Misconfigured(f"{name} is called {RENAMED[name]} now.")
        raise Misconfigured(f"{name} is no setting of Crowd.")


def from_env(environ: Mapping[str, str] | None = None) -> Settings:
    """Read `CROWD_*` (and `CROWD_LIMIT_*`). Raises Misconfigured with a sentence; does not touch the disk."""
    environ = os.environ if environ is None else environ
    _refuse_unknown(environ)
    values = _read(environ, Settings, "CROWD_")
    values["data_dir"] = (
        Path(values.get("data_dir") or environ.get("CROWD_HOME") or ROOT / "var").expanduser().absolute()
    )
    settings = Settings(**values, limits=Limits(**_read(environ, Limits, "CROWD_LIMIT_")))
    _check(settings)
    return settings


TLS = {"1": "starttls", "starttls": "starttls", "ssl": "ssl", "0": "no", "no": "no"}
MAIL_PORTS = {"starttls": 587, "ssl": 465, "no": 25}
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def mail_server(url: str) -> MailServer:
    """Read CROWD_MAIL_URL: `smtp://user:password@host:587?tls=1`, the default being STARTTLS.

    `smtps://` and port 465 mean TLS from the first byte, `?tls=0` none at all. Raises Misconfigured.
    """
    wrong = "CROWD_MAIL_URL looks like smtp://user:password@host:587?tls=1 (or smtps://user:password@host:465)"
    try:
        parts = urlsplit(url)
        port, asked = parts.port, parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError as error:
        raise Misconfigured(f"{wrong}: {error}.") from error
    if parts.path.strip("/") or parts.fragment:
        raise Misconfigured(f"{wrong}; write / as %2F, ? as %3F and # as %23 in user and password.")
    tls = TLS.get(asked.pop("tls", ["1"])[-1].lower())
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or tls is None or asked:
        raise Misconfigured(f"{wrong}; tls is 1 or 0.")
    if tls != "no" and (parts.scheme == "smtps" or port == MAIL_PORTS["ssl"]):
        tls = "ssl"
    if tls == "no" and parts.password and parts.hostname not in THIS_MACHINE:
        raise Misconfigured("CROWD_MAIL_URL would send its password without TLS: leave ?tls=0 out, or the password.")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(parts.hostname, port or MAIL_PORTS[tls], tls, user, password)


def _check(settings: Settings) -> None:
    if settings.mode not in ("demo", "production"):
        raise Misconfigured(f"CROWD_MODE is demo or production, not {settings.mode!r}.")
    if settings.locale not in LANGUAGES:
        raise Misconfigured(f"CROWD_LOCALE is one of {', '.join(LANGUAGES)}, not {settings.locale!r}.")
    if len(settings.name) > MAX_NAME_LENGTH or not settings.name.isprintable():
        raise Misconfigured(f"CROWD_NAME is one line of at most {MAX_NAME_LENGTH} characters.")
    if not 0 < settings.port < 65536:
        raise Misconfigured(f"CROWD_PORT must lie between 1 and 65535, not {settings.port}.")
    if settings.demo and settings.host not in THIS_MACHINE:
        raise Misconfigured("Demonstration mode has public accounts, so it serves this machine only (CROWD_HOST).")
    if settings.gateway not in ("folder", "demonstration"):
        raise Misconfigured(f"CROWD_PAYOUT_GATEWAY is folder or demonstration, not {settings.payout_gateway!r}.")
    if settings.effective_log_level not in LOG_LEVELS:
        raise Misconfigured(f"CROWD_LOG_LEVEL is one of {', '.join(LOG_LEVELS)}, not {settings.log_level!r}.")
    if settings.logs_as not in ("json", "text"):
        raise Misconfigured(f"CROWD_LOG_FORMAT is json or text, not {settings.log_format!r}.")
    if unknown := set(settings.upload_kinds) - set(KINDS):
        raise Misconfigured(f"CROWD_UPLOAD_KINDS: {', '.join(sorted(unknown))} is not among {', '.join(KINDS)}.")
    if settings.metrics_token and len(settings.metrics_token) < 16:
        raise Misconfigured("CROWD_METRICS_TOKEN must have 16 characters or more.")
    if min(settings.web_workers, settings.web_threads, settings.job_workers) < 1 or settings.trusted_proxies < 0:
        raise Misconfigured(
            "CROWD_WEB_WORKERS, _WEB_THREADS and _JOB_WORKERS are 1 or more, CROWD_TRUSTED_PROXIES 0 or more."
        )
    try:
        ZoneInfo(settings.time_zone)
    except (OSError, ValueError, ZoneInfoNotFoundError):
        raise Misconfigured(f"CROWD_TIME_ZONE is a name such as Asia/Shanghai, not {settings.time_zone!r}.") from None
    if settings.mail_url:
        mail_server(settings.mail_url)
    _check_address(settings)
    if settings.production:
        _check_production(settings)


def _check_address(settings: Settings) -> None:
    """Check that the platform answers at the URL that its own links use."""
    parts = urlsplit(settings.address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.username:
        raise Misconfigured(f"CROWD_BASE_URL is an address such as https://crowd.example, not {settings.base_url!r}.")
    for host in settings.trusted_hosts:
        if not re.fullmatch(r"\.?[\w-]+(\.[\w-]+)*(:\d+)?|\[[0-9a-fA-F:.]+\](:\d+)?", host):
            raise Misconfigured(f"CROWD_TRUSTED_HOSTS names hosts such as crowd.example, not {host!r}.")
    if settings.trusted_hosts and settings.base_url and not host_is_trusted(parts.netloc, settings.trusted_hosts):
        raise Misconfigured(
            f"CROWD_TRUSTED_HOSTS lacks {parts.hostname}, the host of CROWD_BASE_URL: links in mail would lead nowhere."
        )


def _check_production(settings: Settings) -> None:
    missing = [
        "CROWD_" + name.upper()
        for name in (
            "database_url", "redis_url", "secret_key", "base_url", "trusted_hosts", "mail_url",
            "receiving_account_holder", "receiving_account_bank", "receiving_account_number",
            "operator_name", "operator_registration", "operator_address", "operator_phone",
        )
        if not getattr(settings, name)
    ]  # fmt: skip
    if settings.gateway == "demonstration":
        raise Misconfigured(
            "CROWD_PAYOUT_GATEWAY=demonstration answers payouts by itself; production sends real money."
        )
    if missing:
        raise Misconfigured(f"Production needs {', '.join(missing)}.")
    if left := [f"CROWD_{spec.name.upper()}" for spec in fields(settings) if _is_left(getattr(settings, spec.name))]:
        raise Misconfigured(f"The dots of the documents still stand in {', '.join(left)}.")
    if len(settings.secret_key or "") < 32:
        raise Misconfigured("CROWD_SECRET_KEY must have 32 characters or more.")
    if not settings.https:
        raise Misconfigured("Production has an https address (CROWD_BASE_URL).")


def _is_left(value: object) -> bool:
    """Whether a value is an example's, with dots for what only the reader knows."""
    return isinstance(value, str) and (value == "..." or ":...@" in value)


def secret_of(settings: Settings) -> str:
    """The secret of the installation: the setting, or a random one kept in the data folder (0600)."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.data_dir / "secret"
    if not path.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)  # the first of several processes wins; all read the same one
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()


def zone() -> ZoneInfo:
    """The zone of the platform that is running: dates of money are dates in it; needs an application's context."""
    return ZoneInfo(current_app.config["CROWD"].time_zone)


def limits() -> Limits:
    """The limits of the platform that is running; needs an application's context."""
    return current_app.config["CROWD"].limits
