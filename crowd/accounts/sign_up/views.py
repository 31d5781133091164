"""Pages of signing up, for visitors who are not signed in."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import hash_password, login_user

from crowd.accounts.questions import START_PAGE
from crowd.accounts.security import even
from crowd.accounts.sign_up import queries, services
from crowd.accounts.sign_up.forms import ChoosePasswordForm, SignUpForm
from crowd.accounts.views import blueprint, warn_of_namesakes
from crowd.web import confirmation, guards
from crowd.web.arguments import arguments
from crowd.web.confirmation import Reason
from crowd.web.link_access import local_path


@blueprint.route("/account/register", methods=["GET", "POST"])
@guards.public
@even
@confirmation.not_required(Reason.AUTHENTICATED)
def sign_up() -> ResponseReturnValue:
    """Ask for an account: a link is sent to the email address."""
    if guards.actor():
        return _signed_in_already()
    form = SignUpForm(next=arguments().text("next"))
    if not form.validate_on_submit():
        return render_template("accounts/sign_up.html", form=form), 422 if form.errors else 200
    typed = form.values()
    back_to = local_path(typed.pop("next")) or ""
    typed.pop("terms")
    services.begin(**typed, back_to=back_to)
    flash(_("We have sent an email to %(email)s. Open the link in it to choose your password.", email=typed["email"]))
    return redirect(url_for("security.login"), 303)


@blueprint.route("/account/register/<token>", methods=["GET", "POST"])
@guards.public
@confirmation.not_required(Reason.AUTHENTICATED)
def choose_password(token: str) -> ResponseReturnValue:
    """The page of a sign-up's link: set the password and sign in."""
    if guards.actor():
        return _signed_in_already()
    row = queries.find_sign_up(token)
    if row is None:
        return render_template("accounts/choose_password.html", form=None, email=""), 404
    form = ChoosePasswordForm(email=row.email, name=row.name)
    if not form.validate_on_submit():
        page = render_template("accounts/choose_password.html", form=form, email=row.email)
        return page, 422 if form.errors else 200
    person = services.complete(token, name=form.name.data, password_hash=hash_password(form.password.data))
    login_user(person)
    warn_of_namesakes(person)
    flash(_("Welcome. Your account is ready, and you are signed in."), "success")
    return redirect(local_path(arguments().text("next")) or url_for(START_PAGE()), 303)


@blueprint.get("/account/confirm")
@blueprint.get("/account/confirm/<token>")
@guards.public
def confirm_before(token: str = "") -> ResponseReturnValue:
    """The former page that confirmed addresses: an account is now created by signing up again, which takes a minute."""
    return redirect(url_for("accounts.sign_up"))


def _signed_in_already() -> ResponseReturnValue:
    flash(_("You are signed in already."))
    return redirect(url_for(START_PAGE()), 303)
