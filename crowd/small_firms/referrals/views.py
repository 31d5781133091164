"""Pages of referrals: a person's, and making one."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd.config import limits
from crowd.small_firms.referrals import policy, queries, services
from crowd.small_firms.referrals.forms import NoteForm, ReferralForm
from crowd.small_firms.views import blueprint
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments
from crowd.web.confirmation import Reason


@blueprint.get("/small-firms/referrals")
@guards.signed_in
def referrals() -> ResponseReturnValue:
    """The referrals of the person's firms, and those that they note."""
    return _page(None)


def _page(rejected: NoteForm | None) -> ResponseReturnValue:
    actor = guards.person()
    page = queries.listed(actor, after=arguments().after, size=limits().page_rows)
    rows = [row for row in page.rows if policy.can_view(actor, row)]
    notes = {row.id: NoteForm(row, formdata=None) for row in rows if row.is_open and policy.can_note(actor, row)}
    if rejected is not None:
        notes[rejected.row_id] = rejected
    shown = render_template("small_firms/referrals.html", page=page, rows=rows, notes=notes, rejected=rejected)
    return shown, rejected.status if rejected is not None else 200


@blueprint.route("/small-firms/referrals/new/<number>", methods=["GET", "POST"])
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.EXPLAINED)
def refer(number: str) -> ResponseReturnValue:
    """Refer the firm of an entry."""
    actor, form = guards.person(), ReferralForm()
    entry = queries.entry_for(actor, number)
    if form.passes(lambda: services.refer(actor, number, **form.values())):
        flash(_("The firm is referred, and notified."), "success")
        return redirect(url_for(".referrals"), 303)
    return render_template("small_firms/refer.html", form=form, entry=entry), form.status


@blueprint.post("/small-firms/referrals/<int:referral_id>/note")
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.EXPLAINED)
def note_referral(referral_id: int) -> ResponseReturnValue:
    """Note what became of a referral."""
    actor = guards.person()
    form = NoteForm(queries.access(actor, referral_id))
    if form.passes(lambda: services.note(actor, referral_id, **form.values())):
        flash(_("It is noted, and the firm is notified."), "success")
        return redirect(url_for(".referrals"), 303)
    return _page(form)
