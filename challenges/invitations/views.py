"""Pages of invitations: the sponsor's, the one behind a link, and a person's own."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from challenges import queries as challenges
from challenges.invitations import answers, policy, queries, services
from challenges.invitations.forms import DeclineInvitationForm, InvitationForm
from challenges.invitations.models import ChallengeInvitation
from challenges.invitations.tokens import token_of
from challenges.invitations.workflow import InvitationState
from challenges.models import Challenge
from challenges.views import render_page
from crowd import clock
from crowd.config import limits
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments
from crowd.web.confirmation import Reason

blueprint = Blueprint("invitations", __name__)
blueprint.add_app_template_filter(token_of, "invitation_token")
stops = Blueprint("invitation_stops", __name__)  # without a form token: its link is signed


# ---- the sponsor


@blueprint.get("/challenges/<int:challenge_id>/invitations")
@guards.signed_in
def index(challenge_id: int) -> ResponseReturnValue:
    """Who is invited, and what became of it; the form for more."""
    challenge = challenges.access(guards.actor(), challenge_id, to=policy.can_see_invitations)
    return _index(challenge, InvitationForm(formdata=None))


def _index(challenge: Challenge, form: InvitationForm) -> ResponseReturnValue:
    state = arguments().text("state", among=list(InvitationState))
    page = render_page(
        "invitations/index.html",
        challenge,
        page=queries.list_page(challenge, InvitationState(state) if state else None, after=arguments().after),
        counts=queries.counts(challenge),
        chosen=state,
        form=form,
        inviting=services.takes_invitations(challenge),
        limits=limits(),
    )
    return page, form.status


@blueprint.post("/challenges/<int:challenge_id>/invitations")
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.EXPLAINED)
def invite(challenge_id: int) -> ResponseReturnValue:
    """Invite people and organisations."""
    form = InvitationForm()
    if not form.passes(lambda: services.invite(guards.person(), challenge_id, **form.values())):
        challenge = challenges.access(guards.actor(), challenge_id, to=policy.can_see_invitations)
        return _index(challenge, form)
    _tell(form.outcome)
    return redirect(url_for(".index", challenge_id=challenge_id), 303)


def _tell(result: services.PreparedInvitations) -> None:
    """What became of each address."""
    if result.added:
        flash(ngettext("%(num)d invitation more.", "%(num)d invitations more.", result.added), "success")
    if result.repeated:
        again = ngettext("%(num)d address stood there twice.", "%(num)d addresses stood there twice.", result.repeated)
        flash(again)
    if result.known:
        flash(_("Invited before, so not again: %(list)s", list=", ".join(result.known)), "warn")
    if result.own:
        names = ", ".join(result.own)
        flash(_("Your own people and organisations cannot take part: %(list)s", list=names), "warn")
    if result.refused:
        flash(_("They want no invitations: %(list)s", list=", ".join(result.refused)), "warn")


@blueprint.post("/challenges/<int:challenge_id>/invitations/<public_id>/remind")
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.HARMLESS)
def remind(challenge_id: int, public_id: str) -> ResponseReturnValue:
    """Send an invitation again."""
    services.remind(guards.person(), challenge_id, public_id)
    flash(_("The invitation is sent again."), "success")
    return redirect(url_for(".index", challenge_id=challenge_id), 303)


@blueprint.post("/challenges/<int:challenge_id>/invitations/<public_id>/withdraw")
@guards.signed_in
@confirmation.required
def withdraw(challenge_id: int, public_id: str) -> ResponseReturnValue:
    """Withdraw an invitation."""
    services.withdraw(guards.person(), challenge_id, public_id)
    flash(_("The invitation is withdrawn; its link no longer opens."), "success")
    return redirect(url_for(".index", challenge_id=challenge_id), 303)


# ---- who is invited


@blueprint.get("/account/invitations")
@guards.signed_in
def mine() -> ResponseReturnValue:
    """What the person is invited to."""
    return render_template("invitations/mine.html", page=queries.mine(guards.person(), after=arguments().after))


@blueprint.get("/invited/<token>")
@guards.public
def show(token: str) -> ResponseReturnValue:
    """The page behind an invitation's link."""
    return _show(answers.see(guards.actor(), token), DeclineInvitationForm(formdata=None))


def _show(row: ChallengeInvitation, form: DeclineInvitationForm) -> Response:
    actor = guards.actor()
    mine, acceptable = policy.is_holder(actor, row), policy.can_accept(actor, row)
    page = render_template(
        "invitations/show.html",
        invitation=row,
        challenge=row.challenge,
        actor=actor,
        mine=mine,
        opens=mine or acceptable or (actor is None and policy.opens_signed_out(row)),
        acceptable=acceptable and not (mine and row.admits),
        answerable=policy.can_answer(actor, row),
        taking=row.challenge.takes_proposals(clock.now()),
        here=request.path,
        form=form,
    )
    return _private(make_response(page, form.status))


def _private(response: Response) -> Response:
    """Nobody stores or indexes the page of a link that opens by itself."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.post("/invited/<token>/accept")
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.EXPLAINED)
def accept(token: str) -> ResponseReturnValue:
    """Accept, with the account that is signed in."""
    row = answers.accept(guards.person(), token)
    flash(_("The invitation is yours now. Read the challenge, and register to take part."), "success")
    return redirect(url_for("challenges.show", challenge_id=row.challenge_id), 303)


@blueprint.post("/invited/<token>/decline")
@guards.public
@once.acts
@confirmation.not_required(Reason.EXPLAINED)
def decline(token: str) -> ResponseReturnValue:
    """Decline, also without an account."""
    form = DeclineInvitationForm()
    if not form.passes(lambda: answers.decline(guards.actor(), token, reason=form.reason.data or "")):
        return _show(queries.find_by_token(guards.actor(), token), form)
    flash(_("You have declined. The sponsor is told."), "success")
    return redirect(url_for(".show", token=token), 303)


@stops.route("/invited/<token>/stop", methods=["GET", "POST"])
@guards.public
@confirmation.not_required(Reason.EXPLAINED)
def stop(token: str) -> ResponseReturnValue:
    """No more invitations to an address: a GET asks, a POST does it, also for a mail program (RFC 8058)."""
    done = request.method == "POST"
    row = answers.refuse(guards.actor(), token) if done else queries.find_by_token(guards.actor(), token)
    return _private(make_response(render_template("invitations/stop.html", invitation=row, done=done)))
