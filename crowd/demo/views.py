"""Endpoints of the demonstration: switch person with one click, and read the mail. Absent in production."""

import sqlalchemy as sa
from flask import Blueprint, Flask, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import login_user

from crowd.accounts.models import User
from crowd.db import commit, db
from crowd.demo import mailbox, personas
from crowd.errors import NotFound
from crowd.languages import CHINESE
from crowd.web import confirmation, guards
from crowd.web.arguments import arguments
from crowd.web.confirmation import Reason
from crowd.web.request_locale import reader

blueprint = Blueprint("demo", __name__, url_prefix="/demo")
MAX_EMAILS = 50


def register(app: Flask) -> None:
    """Give templates the personas for the bar; nothing outside a demonstration."""
    main = personas.MAIN if app.config["CROWD"].demo else {}
    shown = [(key, personas.person(key).name, role) for key, role in main.items()]
    app.jinja_env.globals["demo_personas"] = shown


@blueprint.get("")
@guards.demonstration
def index() -> ResponseReturnValue:
    """Everybody of the demonstration by role, with one click each; of one challenge, those who judge it first."""
    words, role = arguments().question("q"), arguments().text("role")
    challenge = arguments().number("challenge")
    return render_template(
        "demo/index.html",
        groups=personas.by_role(words, role if role in personas.ROLES else ""),
        organisation_names=personas.organisation_names(english=reader().language != CHINESE),
        roles=personas.ROLES,
        words=words,
        role=role,
        challenge=challenge,
        panel=personas.panel(challenge) if challenge else [],
    )


@blueprint.post("/as/<key>")
@guards.demonstration
@confirmation.not_required(Reason.HARMLESS)
def switch_user(key: str) -> ResponseReturnValue:
    """Sign in as any persona, without a password."""
    if key not in {one.key for one in personas.PEOPLE}:
        raise NotFound
    person = db.session.scalar(sa.select(User).where(User.email == personas.person(key).email, User.demonstration))
    if person is None:
        raise NotFound(_("The demonstration's people are not loaded. Run: crowd demo"))
    session.clear()
    login_user(person, authn_via=["demonstration"])
    commit()
    return redirect(url_for("site.dashboard"), 303)


@blueprint.get("/mail")
@guards.demonstration
def mail() -> ResponseReturnValue:
    """The newest sent emails."""
    recipient = arguments().text("to")
    emails = mailbox.listed(recipient, after=arguments().after, size=MAX_EMAILS)
    return render_template("demo/mail.html", emails=emails, recipient=recipient)


@blueprint.get("/mail/<name>")
@guards.demonstration
def email(name: str) -> ResponseReturnValue:
    """One email."""
    return render_template("demo/email.html", email=mailbox.read(name))
