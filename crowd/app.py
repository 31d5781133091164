"""The web application: configuration, extensions, and what the features declare."""

import gc
import logging
import re
import secrets
import time

from flask import Flask, Response, current_app, g, request, session
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect
from jinja2 import FileSystemBytecodeCache, StrictUndefined
from sqlalchemy.orm import configure_mappers
from werkzeug.middleware.proxy_fix import ProxyFix

from challenges.invitations.views import stops as invitation_stops
from crowd import environment, logs, schema
from crowd.accounts import security
from crowd.config import ROOT, Settings, secret_of
from crowd.db import db
from crowd.demo import views as demo
from crowd.feature import declare
from crowd.features import FEATURES
from crowd.languages import ENGLISH, LANGUAGES, accepted
from crowd.limits import FORM_BYTES
from crowd.names import name_keys
from crowd.notifications.views import unsubscribing_blueprint
from crowd.site import legal_texts, metrics, moved_urls, navigation
from crowd.taxonomy import labels as taxonomy_labels
from crowd.web import (
    assets,
    compression,
    confirmation,
    error_pages,
    fragments,
    guards,
    headers,
    rate_limits,
    rejected_requests,
    sentences,
    templating,
    uploads,
)
from crowd.web.url_cache import Application
from crowd.web.zones import zone_names

log = logging.getLogger("crowd.request")


def create_web() -> Flask:
    """The application as gunicorn loads it, once for all the processes that it forks."""
    app = create_app()
    _load_ahead(app)
    _keep_loaded()
    return app


def create_app(settings: Settings | None = None) -> Flask:
    """The Flask application, whole: for gunicorn, workers, commands and tests alike.

    Without settings: those of the environment, for a process of its own. Raises Misconfigured.
    """
    if settings is None:
        settings = environment.from_env()
        logs.configure(settings)
        schema.refuse_the_past(settings)
        app = create_app(settings)
        _keep_loaded()
        return app
    app = Application("crowd", template_folder=str(ROOT / "templates"), static_folder=None)
    app.jinja_options = app.jinja_options | {
        "bytecode_cache": _compiled_templates(settings),
        "undefined": StrictUndefined,
    }
    app.config.from_mapping(_flask_config(settings))
    app.before_request(_begin)  # before all others, so that their errors carry the request's id
    moved_urls.register(app)
    error_pages.register(app)
    if hops := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops)  # type: ignore[method-assign]
    db.init_app(app)
    features = declare(FEATURES).features
    uploads.register(app)  # before anything reads the request
    Babel(app, locale_selector=locale, timezone_selector=time_zone, default_translation_directories=_translations())
    Bootstrap5(app)
    csrf = CSRFProtect(app)
    for links in (unsubscribing_blueprint, invitation_stops):  # their links are signed
        csrf.exempt(links)
    security.register(app, settings)
    for part in (compression, sentences, fragments, templating, rate_limits, assets, navigation):
        part.register(app)
    demo.register(app)
    rejected_requests.register(app)
    app.before_request(guards.check)
    confirmation.register(app)
    headers.register(app)  # Flask calls the last ones first: what fails after these takes no header away
    app.after_request(_end)
    for feature in features:
        for blueprint in feature.blueprints:
            app.register_blueprint(blueprint)
    rate_limits.apply(app)
    metrics.register(app)
    legal_texts.register(app)
    taxonomy_labels.register(app)
    return app


def _compiled_templates(settings: Settings) -> FileSystemBytecodeCache:
    """Where compiled templates are kept between two starts: below the data folder, to which nobody else can write."""
    folder = settings.data_dir / "templates"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return FileSystemBytecodeCache(str(folder))


def _keep_loaded() -> None:
    """Freeze loaded objects, so that the processes forked from this one keep sharing their memory."""
    gc.collect()
    gc.freeze()


def _load_ahead(app: Flask) -> None:
    """Load what every process would load for itself with its first pages: tables, templates, languages, names."""
    configure_mappers()
    name_keys("")
    for path in (ROOT / "templates").rglob("*.html"):
        app.jinja_env.get_template(path.relative_to(ROOT / "templates").as_posix())
    address = app.config["CROWD"].address  # another host would be refused
    for language in LANGUAGES:
        app.test_client().get("/privacy", base_url=address, headers={"Cookie": f"locale={language}"})
    with app.app_context():
        db.engine.dispose()  # a page may have read; the processes that are forked would share its connection


def _flask_config(settings: Settings) -> dict[str, object]:
    return {
        "CROWD": settings,
        "SECRET_KEY": secret_of(settings),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "hide_parameters": True,  # keeps what people wrote out of error messages and logs
            "pool_size": settings.web_threads,
            "max_overflow": 2,
            "connect_args": {
                "autocommit": True,  # reading; see crowd.db for writing
                "options": "-c lock_timeout=5000 -c statement_timeout=30000 -c timezone=UTC",
            },
        },
        "MAX_CONTENT_LENGTH": FORM_BYTES,
        "MAX_FORM_MEMORY_SIZE": 2 * 2**20,
        "MAX_FORM_PARTS": 500,
        "TRUSTED_HOSTS": list(settings.trusted_hosts) or None,
        "BABEL_DEFAULT_LOCALE": settings.locale,
        "BABEL_DEFAULT_TIMEZONE": settings.time_zone,
        "WTF_CSRF_CHECK_DEFAULT": True,
        "WTF_CSRF_TIME_LIMIT": None,
        "SESSION_COOKIE_NAME": "__Host-crowd" if settings.https else "crowd",
        "SESSION_COOKIE_SECURE": settings.https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,  # the sign-in's row says when it ends; no request extends it
        "BOOTSTRAP_SERVE_LOCAL": True,
        "JSON_AS_ASCII": False,
    }


def _translations() -> str:
    return str(ROOT / "crowd" / "translations")


def locale() -> str:
    """The language of this request: the person's choice, else the account's, else the browser's."""
    if not request:
        return getattr(g, "locale", None) or ENGLISH.locale
    chosen = request.cookies.get("locale")
    if chosen in LANGUAGES:
        return chosen
    account = _account_language()
    if account in LANGUAGES:
        return str(account)
    for tag in request.accept_languages.values():
        if known := accepted(tag):
            return known.locale
    return str(request_settings().locale)


def _account_language() -> str | None:
    """The language of the signed-in person; from the cookie alone where the session must not be read."""
    if g.get("alone"):
        return session.get(security.LANGUAGE_KEY)
    return current_user.locale if current_user.is_authenticated else None


def time_zone() -> str | None:
    """The time zone in which this request shows times; an email that is being written uses its recipient's."""
    if g.get("zone"):
        return str(g.zone)
    if request and not g.get("alone") and current_user.is_authenticated:
        return str(current_user.time_zone)
    return _zone_of_browser()


def _zone_of_browser() -> str | None:
    """The time zone that a visitor's browser has sent once (crowd.js); None where it has not, or names no zone."""
    told = request.cookies.get("zone", "") if request else ""
    return told if told in zone_names() else None


def request_settings() -> Settings:
    """The settings of the running application."""
    return current_app.config["CROWD"]


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if re.fullmatch(r"[\w.-]{8,64}", given, re.ASCII) else secrets.token_hex(8)
    g.started = time.perf_counter()


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = getattr(g, "request_id", "-")
    if "started" in g:
        seconds = time.perf_counter() - g.started
        metrics.count(request.endpoint, response.status_code, seconds)
        _log(response.status_code, round(seconds * 1000, 1))
    return response


def _log(status: int, milliseconds: float) -> None:
    """Log a line for this request: its rule and the numbers in its path, without codes that the path may hold."""
    route = request.url_rule.rule if request.url_rule else "-"
    ids = {name: value for name, value in (request.view_args or {}).items() if isinstance(value, int)} or None
    extra = {"method": request.method, "route": route, "status": status, "milliseconds": milliseconds, "ids": ids}
    level = logging.DEBUG if request.blueprint == "health" else logging.INFO  # requested every few seconds
    log.log(level, "%s %s %s", request.method, route, status, extra=extra)
