"""The environment: reads `CROWD_*` into the settings, and checks that they go together."""

import os
import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from werkzeug.sansio.utils import host_is_trusted

from crowd.config import ROOT, THIS_MACHINE, Misconfigured, Settings, mail_server
from crowd.file_kinds import KINDS
from crowd.languages import LANGUAGES
from crowd.limits import Limits

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


def _number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise Misconfigured(f"{name} must be a whole number, not {text!r}.") from None


def _date(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Misconfigured(f"{name} has dates such as 2027-02-08, not {text!r}.") from None


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
        elif kind == tuple[date, ...]:
            found[field_name] = tuple(_date(name, part.strip()) for part in text.split(",") if part.strip())
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
