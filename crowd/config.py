"""Settings, read once from `CROWD_*` environment variables; limits are in `crowd.limits`."""

import os
import secrets
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from flask import current_app

from crowd.languages import DEFAULT, Language
from crowd.limits import BY_MODE, Limits, SettingHelp, sizes_that_follow

ROOT = Path(__file__).resolve().parent.parent
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the variable from which `prometheus_client` takes its multiprocess mode


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
    holidays: Annotated[
        tuple[date, ...],
        SettingHelp(
            "days on which the operator does not work, beside weekends, separated by commas, such as `2027-02-08`",
            default="none",
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
            self.operator_name,
            self.operator_registration,
            self.operator_address,
            self.operator_phone,
            self.operator_filing,
        )

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
    def host_name(self) -> str:
        """The host of that URL, in the identities that the platform gives to emails' lists and to dates."""
        return urlsplit(self.address).hostname or "localhost"

    @property
    def https(self) -> bool:
        return self.address.startswith("https://")


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


def holidays() -> tuple[date, ...]:
    """The operator's holidays; needs an application's context."""
    return current_app.config["CROWD"].holidays


def limits() -> Limits:
    """The limits of the platform that is running; needs an application's context."""
    return current_app.config["CROWD"].limits
