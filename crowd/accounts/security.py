"""Flask-Security over our tables: sign-in, confirmation, reset; every mail is a row, every sign-in a session row.

Each of its pages runs as one transaction of ours: the person, the session row, the email and the audit event
commit together. Our policies decide about authorisation, never its decorators.
"""

import functools
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ParamSpec
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import (
    Flask,
    Response,
    after_this_request,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, user_logged_in, user_logged_out
from flask_security import EmailValidateException, MailUtil, Security, SQLAlchemyUserDatastore, uia_email_mapper
from flask_security.signals import change_email_confirmed, password_changed, password_reset
from flask_security.utils import check_and_get_token_status
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import joinedload
from wtforms.form import BaseForm

from crowd import clock, email_address
from crowd.accounts import services
from crowd.accounts.forms import SECURITY_FORMS
from crowd.accounts.messages import MESSAGES, SUBJECTS
from crowd.accounts.models import LoginSession, Membership, Role, User
from crowd.accounts.passwords import MIN_LENGTH, PasswordRules
from crowd.accounts.questions import HAS_EARNINGS, START_PAGE, WRITES_PROPOSALS
from crowd.config import ROOT, Settings
from crowd.db import atomic, commit, db
from crowd.errors import Forbidden, Unavailable
from crowd.feature import built_once
from crowd.languages import ENGLISH
from crowd.notifications.emails import RenderedEmail, in_locale
from crowd.notifications.queries import unread_of
from crowd.notifications.services import post_mail
from crowd.web import api
from crowd.web.fields import NO_ADDRESS

log = logging.getLogger(__name__)
P = ParamSpec("P")
SESSION_KEY = "sid"
LANGUAGE_KEY = "language"  # the account's, for pages that are shown while the database is unavailable
ADDRESS_LINK = timedelta(hours=2)
ACTIVITY_EVERY = timedelta(minutes=15)
# These answer in the same time whether an email address is known or not, although the work differs.
EVEN_SECONDS = 0.25
EVEN = ("security.forgot_password", "security.change_email")


@built_once
def _who() -> sa.Select[Any]:
    """The statement of every request: the person, and what every page shows, which are the number of unread
    notifications and the account's menu.
    """
    now = sa.select(sa.func.crowd_now()).scalar_subquery()  # one time, however many rows there are
    menu = (unread_of(User.id), WRITES_PROPOSALS()(User.id), HAS_EARNINGS()(User.id))
    return (
        sa.select(User, LoginSession.id, LoginSession.last_active_at, *menu, now)
        .join(LoginSession, LoginSession.user_id == User.id)
        .options(
            joinedload(User.roles),
            joinedload(User.memberships).joinedload(Membership.organisation),
        )
        .where(
            LoginSession.sid == sa.bindparam("sid"),
            LoginSession.revoked_at.is_(None),
            LoginSession.expires_at > sa.bindparam("now"),
            User.fs_uniquifier == sa.bindparam("uniquifier"),
            User.active,
        )
    )


class Datastore(SQLAlchemyUserDatastore):
    """Its commit is `crowd.db.commit`."""

    def commit(self) -> None:
        commit()


class OutboxMail(MailUtil):
    """Flask-Security's emails go into the outbox; email addresses follow our one rule."""

    def send_mail(
        self, template: str, subject: str, recipient: Any, sender: Any, body: Any, html: Any, **kwargs: Any
    ) -> None:
        """Put the email into the outbox, with its subject in the reader's language."""
        locale = _locale(kwargs)
        with in_locale(locale):
            subject = str(SUBJECTS[template.rpartition("/")[2]])
        post_mail(RenderedEmail(subject, body, html), kind=template, recipient=recipient, locale=locale)

    def normalize(self, email: str) -> str:
        """The email address as it is looked up. Raises EmailValidateException."""
        return self.validate(email)

    def validate(self, email: str) -> str:
        """The email address as it is stored. Raises EmailValidateException."""
        try:
            return email_address.read(email)
        except ValueError:
            raise EmailValidateException(str(NO_ADDRESS)) from None


def _locale(context: dict[str, Any]) -> str:
    return getattr(context.get("user"), "locale", None) or ENGLISH.locale


def _render(template: str, **context: Any) -> str:
    """A page; or an email, in its reader's language and with links to our own URL, whatever Host was sent."""
    if not template.startswith("security/email/"):
        if request.method == "POST" and any(isinstance(one, BaseForm) and one.errors for one in context.values()):
            after_this_request(_unfit)
        return render_template(template, **context)
    settings: Settings = current_app.config["CROWD"]
    links = {name: _own(settings, value) for name, value in context.items() if name.endswith("link") and value}
    person = context["user"]
    facts = {
        "name": person.name,
        "subject": SUBJECTS[template.rpartition("/")[2].partition(".")[0]],
        "address": settings.address,
        "contact": settings.support_email,
    }
    with in_locale(_locale(context), person.time_zone):
        return render_template(template, **{**context, **facts, **links})


def _unfit(response: Response) -> Response:
    """A form that shows its errors; errors that its views hide, such as an unknown email address, are removed
    by then.
    """
    response.status_code = 422
    return response


def _own(settings: Settings, link: str) -> str:
    parts = urlsplit(link)
    return settings.address + parts.path + (f"?{parts.query}" if parts.query else "")


def register(app: Flask, settings: Settings) -> None:
    """Set Flask-Security up on `app`."""
    app.config.update(_config(app, settings))
    app.config.update({f"SECURITY_MSG_{name}": message for name, message in MESSAGES.items()})
    security = Security(
        app,
        Datastore(db, User, Role),
        mail_util_cls=OutboxMail,
        password_util_cls=PasswordRules,
        render_template=_render,
        **SECURITY_FORMS,
    )
    security.want_json(lambda _request: False)
    security.unauthn_handler(_unauthenticated)  # type: ignore[arg-type]  # a status beside the body is one, too
    app.login_manager.unauthorized_handler(_unauthenticated)  # type: ignore[attr-defined]
    app.login_manager.user_loader(load_user)  # type: ignore[attr-defined]
    app.login_manager._request_callback = None  # type: ignore[attr-defined]  # its tokens do not know our sessions
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("security."):
            transaction: Any = atomic(view)
            app.view_functions[endpoint] = even(transaction) if endpoint in EVEN else transaction
    _ask_before_an_address_changes(app)
    _connect(app)
    app.after_request(_note_activity)


def _config(app: Flask, settings: Settings) -> dict[str, object]:
    return {
        "PERMANENT_SESSION_LIFETIME": timedelta(days=settings.limits.session_days),
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_CHANGEABLE": True,
        "SECURITY_CHANGE_EMAIL": True,
        "SECURITY_CHANGE_EMAIL_WITHIN": ADDRESS_LINK,
        "SECURITY_CONFIRMABLE": False,  # an account begins with a verified address: crowd/accounts/sign_up
        "SECURITY_DATETIME_FACTORY": clock.now,
        "SECURITY_EMAIL_SENDER": settings.mail_from,
        "SECURITY_FRESHNESS": timedelta(hours=1),
        "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(minutes=15),
        "SECURITY_HASHING_SCHEMES": ["hex_sha256"],  # of email addresses inside signed links, not of passwords
        "SECURITY_I18N_DIRNAME": str(ROOT / "crowd" / "translations"),
        "SECURITY_I18N_DOMAIN": "messages",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_LENGTH_MIN": MIN_LENGTH,
        "SECURITY_PASSWORD_SALT": app.secret_key,  # only of hashes from before migration 0011
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},
        "SECURITY_POST_CHANGE_VIEW": "accounts.profile",
        "SECURITY_POST_CHANGE_EMAIL_VIEW": "security.login",
        "SECURITY_POST_LOGIN_VIEW": START_PAGE(),
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_RECOVERABLE": True,
        "SECURITY_RESET_PASSWORD_WITHIN": timedelta(hours=2),
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_TRACKABLE": False,
        "SECURITY_URL_PREFIX": "/account",
        "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"email": {"mapper": uia_email_mapper, "case_insensitive": False}}],
    }


def even(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """A page whose response to a form takes at least EVEN_SECONDS, where the time would reveal who has an account."""

    @functools.wraps(view)
    def slowly(*args: P.args, **values: P.kwargs) -> ResponseReturnValue:
        started = time.monotonic()
        answer = view(*args, **values)
        if request.method == "POST":
            time.sleep(max(0.0, EVEN_SECONDS - (time.monotonic() - started)))
        return answer

    return slowly


def _ask_before_an_address_changes(app: Flask) -> None:
    """A new email address is confirmed with a button, by the account's owner, signed in.

    Flask-Security changes it when the link is opened: the reader of an address that somebody else has given,
    or a program that checks links in emails, would then assign the address to that account.
    """
    endpoint = "security.change_email_confirm"
    change = app.view_functions[endpoint]

    @functools.wraps(change)
    def confirm(token: str) -> Any:
        if not current_user.is_authenticated:
            return _unauthenticated()
        expired, invalid, found = check_and_get_token_status(token, "change_email", ADDRESS_LINK)
        if not (expired or invalid) and found[0] != current_user.fs_uniquifier:
            raise Forbidden(_("This link is for another account. Sign in to that one to use it."))
        if request.method == "POST" or expired or invalid:
            return change(token=token)
        return render_template("accounts/confirm_address.html", token=token, email=found[2])

    app.view_functions[endpoint] = confirm
    rule = next(app.url_map.iter_rules(endpoint))
    app.add_url_rule(rule.rule, endpoint, confirm, methods=["POST"])


def _unauthenticated(mechanisms: Any = None, headers: Any = None) -> ResponseReturnValue:
    """Ask to sign in and return; a posted form keeps what was typed."""
    if api.wants_json():
        return api.problem(401, "unauthenticated", _("Please sign in"))
    if request.method not in ("GET", "HEAD"):
        raise CSRFError("the session has ended")
    flash(_("Please sign in. You then return to this page."), "info")
    return redirect(url_for("security.login", next=request.full_path.rstrip("?")))


def load_user(uniquifier: str) -> User | None:
    """The person behind a cookie, if its session is still valid: one statement, roles and memberships included."""
    asked = {"sid": session.get(SESSION_KEY, ""), "now": clock.now(), "uniquifier": uniquifier}
    before = time.monotonic()
    row = db.session.execute(_who(), asked).unique().one_or_none()
    if row is None:
        return None
    g.fs_authn_via, g.fs_paa = "session", session.get("fs_paa", 0)  # what Flask-Security's own loader sets
    user, *g.login_session, g.unread, g.wrote, g.earned, instant = row
    clock.learn(before, instant)  # at no cost: it decides whether an operation of this request is in time
    if session.get(LANGUAGE_KEY) != user.locale:
        session[LANGUAGE_KEY] = user.locale
    return user


def _note_activity(response: Response) -> Response:
    """Keep the session's `last_active_at` roughly right, without a write per request.

    Not after a streamed response: it still reads the rows that the view has loaded, and a commit would take them away.
    """
    session_id, last_active_at = g.get("login_session", (None, None))
    if session_id and not response.is_streamed and clock.now() - last_active_at > ACTIVITY_EVERY:
        try:
            services.touch_session(session_id)
        except (SQLAlchemyError, Unavailable):  # the page is ready, and matters more than this update
            log.exception("the time of last activity could not be stored")
    return response


def _connect(app: Flask) -> None:
    user_logged_in.connect(_signed_in, app)
    user_logged_out.connect(_signed_out, app)
    password_changed.connect(_password_changed, app)
    password_reset.connect(_password_reset, app)
    change_email_confirmed.connect(_address_changed, app)


def _signed_in(app: Flask, user: User, **_facts: object) -> None:
    days = app.config["CROWD"].limits.session_days
    ip_address, user_agent = request.remote_addr or "", request.user_agent.string
    session.permanent = True
    session[SESSION_KEY] = services.open_session(user, days=days, ip_address=ip_address, user_agent=user_agent).sid


def _signed_out(app: Flask, user: User, **_facts: object) -> None:
    sid = session.pop(SESSION_KEY, None)
    if sid and user.is_authenticated:
        services.close_session(user, sid)


def _password_changed(app: Flask, user: User, **_facts: object) -> None:
    """Every other session ends; the one that Flask-Security has just opened stays."""
    services.password_changed(user, keep=session.get(SESSION_KEY))


def _password_reset(app: Flask, user: User, **_facts: object) -> None:
    services.password_changed(user, keep=None)


def _address_changed(app: Flask, user: User, old_email: str, **_facts: object) -> None:
    services.address_changed(user, old_email=old_email)
