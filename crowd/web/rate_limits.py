"""Rate limits per IP address or account. While Redis is unavailable, each process counts for itself.

Every endpoint that checks secrets or sends mail has its own limits; in addition there is one for everything that
writes and one for the API. Limits on money and on codes are rows of the database, not these limits.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, request
from flask_babel import gettext as _
from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded
from flask_login import current_user

from crowd import email_address
from crowd.config import Settings
from crowd.errors import TooMany
from crowd.feature import declared

READING = ("GET", "HEAD", "OPTIONS")
TIMEOUT = 0.5  # a hung Redis may cost a request half a second once, then the process counts for itself


@dataclass(frozen=True, slots=True)
class RateLimit:
    """`limit` names a field of the settings' limits, counted a `per` (minute, hour) for each `key`."""

    limit: str
    per: str
    key: Callable[[], str]
    failures_only: bool = False


def address() -> str:
    """The IP address of the request."""
    return request.remote_addr or "nowhere"


def account() -> str:
    """The account that is tried: the email address typed, else the signed-in person. Stored as a digest."""
    typed = email_address.normal(request.form.get("email", ""))
    if typed:
        return hashlib.sha256(typed.encode("utf-8", "replace")).hexdigest()[:32]
    return person()


def person() -> str:
    """The signed-in person, else the IP address."""
    return f"person:{current_user.id}" if current_user.is_authenticated else address()


def register(app: Flask) -> None:
    """Set the limiter up on `app`. It is off while `app.config["RATELIMIT_ENABLED"]` is False."""
    settings: Settings = app.config["CROWD"]
    app.config.setdefault("RATELIMIT_ENABLED", True)
    limiter = Limiter(
        address,
        storage_uri=_storage(settings.redis_url),
        storage_options={"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT} if settings.redis_url else {},
        strategy="sliding-window-counter",
        in_memory_fallback_enabled=True,
        key_prefix="crowd",
        application_limits=[
            ApplicationLimit(
                f"{settings.limits.writes_per_minute}/minute",
                key_function=person,
                scope="writes",
                exempt_when=_to_api,
            ),
            ApplicationLimit(
                f"{settings.limits.api_per_minute}/minute", key_function=address, scope="api", exempt_when=_not_to_api
            ),
        ],
    )
    limiter.init_app(app)
    limiter.request_filter(_unlimited)
    app.extensions["crowd.limiter"] = limiter
    app.register_error_handler(RateLimitExceeded, lambda _error: _too_many(limiter))


def apply(app: Flask) -> None:
    """Apply the rate limits of all features to their endpoints, once the application has all its pages."""
    limiter, settings = app.extensions["crowd.limiter"], app.config["CROWD"]
    for endpoint, rules in declared().rate_limits.items():
        for rule in rules:
            app.view_functions[endpoint] = _limited(limiter, settings, rule)(app.view_functions[endpoint])


def _storage(redis_url: str | None) -> str:
    """Redis' URL in the limiter's form; a command without Redis counts for itself."""
    if not redis_url:
        return "memory://"
    return f"redis+{redis_url}" if redis_url.startswith("unix:") else redis_url


def _limited(limiter: Limiter, settings: Settings, rule: RateLimit) -> Any:
    return limiter.limit(
        f"{getattr(settings.limits, rule.limit)}/{rule.per}",
        key_func=rule.key,
        methods=["POST"],
        deduct_when=_refused if rule.failures_only else None,
        override_defaults=False,
    )


def _refused(response: Response) -> bool:
    """A form is shown again after a failure, and its page redirects after a success."""
    return response.status_code < 300 or response.status_code >= 400


def _unlimited() -> bool:
    """Whether no rule can apply to this request, so that none is evaluated."""
    return not current_app.config["RATELIMIT_ENABLED"] or (request.method in READING and not _to_api())


def _to_api() -> bool:
    return request.path.startswith("/api/")


def _not_to_api() -> bool:
    return not _to_api()


def _too_many(limiter: Limiter) -> Any:
    reached = limiter.current_limit
    wait = max(1, int(reached.reset_at - time.time()) + 1) if reached else 60
    message = _("Too many attempts in a short time. Wait before you try again.")
    return current_app.handle_user_exception(TooMany(message, retry_after=wait))
