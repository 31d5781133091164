"""Pages of proposals: registration, writing, viewing, submission."""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, Response, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from challenges import queries as challenges
from challenges.contract import queries as contracts
from challenges.models import Challenge
from challenges.policy import can_view as can_view_challenge
from challenges.rules import rules_of
from crowd import clock, files
from crowd.accounts import acting
from crowd.accounts.models import Organisation
from crowd.db import db
from crowd.errors import Conflict, Invalid, NotFound
from crowd.file_names import as_attachment
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments, posted
from crowd.web.confirmation import Reason
from submissions import charts, policy, queries, receipt, services
from submissions.acceptance import queries as acceptance
from submissions.entry import policy as entry_policy
from submissions.entry import services as entry
from submissions.entry.forms import asked
from submissions.forms import ProposalForm, RegisterForm
from submissions.models import Proposal, ProposalVersion, Registration
from submissions.participation import queries as participation
from submissions.parties import why_not
from submissions.status import HEADINGS, NOTHING_MORE, SEALED, ProposalStatus, status_of
from submissions.submission_errors import problems

blueprint = Blueprint("submissions", __name__)
blueprint.add_app_template_global(participation.entered_by)


@blueprint.app_errorhandler(queries.Sealed)
def sealed(error: queries.Sealed) -> ResponseReturnValue:
    """A request for a hidden proposal: record it, then answer exactly as for a missing one."""
    db.session.rollback()
    if actor := guards.actor():
        services.record_denied_access(actor, error.proposal_id)
    return current_app.handle_user_exception(NotFound(noted=True))


@blueprint.app_template_global("my_participation")
def _my_participation(challenge: Challenge) -> tuple[int | None, int | None, bool]:
    """The reader's registration and proposal in a challenge, by number, and whether it takes new ones."""
    found = participation.participation_ids(guards.actor(), challenge.id)
    return *found, challenge.takes_proposals(clock.now())


@blueprint.app_template_global("status_of")
def _status(proposal: Proposal, outcome: Any) -> ProposalStatus:
    """The outcome of a proposal; `outcome` as in `outcomes_of`, None before the decision."""
    return status_of(proposal, won=bool(outcome and outcome.award), now=clock.now())


@blueprint.app_template_global("opens_to_me")
def _opens_to_me(proposal_id: int) -> bool:
    """Whether the reader may view a proposal."""
    return bool(queries.visible_among(guards.actor(), [proposal_id]))


# ---- registration


@blueprint.route("/challenges/<int:id>/register", methods=["GET", "POST"])
@guards.signed_in
@guards.sealed
@guards.takes_files
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def register(id: int) -> ResponseReturnValue:
    """The terms and the registration; once registered, the link to the proposal."""
    free, challenge = _free_agencies(id), challenges.access(guards.actor(), id, to=can_view_challenge)
    data = {"organisation_id": acting.default_among(guards.actor(), [one.id for one in free])}
    form = asked(RegisterForm, challenge, data=data)
    form.offer(policy.agencies_of(guards.actor()) if form.is_submitted() else free)
    if form.passes(lambda: _registered(id, form)):
        flash(_("You take part. Now start your proposal; it stays hidden until the challenge closes."), "success")
        return redirect(url_for(".register", id=id), 303)
    return _register_page(id, form)


def _registered(id: int, form: RegisterForm) -> Registration:
    return services.register(
        guards.person(), id, organisation_id=form.organisation_id.data, accepted=form.accepted.data,
        contract=form.contract.data, answers=form.answers(), documents=entry.keep(form.chosen()),
    )  # fmt: skip


def _register_page(id: int, form: RegisterForm) -> ResponseReturnValue:
    actor = guards.person()
    challenge = challenges.access(actor, id, to=can_view_challenge)
    form.contract.data = contracts.number_in_force(id)  # the page leads to that version
    page = render_template(
        "submissions/register.html",
        challenge=challenge,
        form=form,
        part=participation.participation_of(actor, id),
        why_not=why_not(actor, challenge),
        taking=challenge.takes_proposals(clock.now()),
        taken=_entries(id).values(),
        asks=entry_policy.asks(challenge),
    )
    return page, form.status


def _entries(challenge_id: int) -> dict[int, participation.ParticipationEntry]:
    """The entries of the person's own agencies."""
    return participation.entries(challenge_id, [agency.id for agency in policy.agencies_of(guards.actor())])


def _free_agencies(challenge_id: int) -> list[Organisation]:
    """The person's agencies that have no entry yet, or whose registered person has left."""
    taken = {number for number, entry in _entries(challenge_id).items() if entry.acts or entry.proposal_id}
    return [agency for agency in policy.agencies_of(guards.actor()) if agency.id not in taken]


@blueprint.post("/challenges/<int:id>/unregister")
@guards.signed_in
@guards.sealed
@confirmation.required
def unregister(id: int) -> ResponseReturnValue:
    """Withdraw the registration."""
    services.unregister(guards.person(), id)
    flash(_("You no longer take part in this challenge."), "success")
    return redirect(url_for("challenges.show", challenge_id=id), 303)


@blueprint.post("/challenges/<int:id>/proposals")
@guards.signed_in
@guards.sealed
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def start(id: int) -> ResponseReturnValue:
    """Begin a proposal, or continue the existing one."""
    proposal = services.start(guards.person(), id)
    return redirect(url_for(".edit", id=proposal.id), 303)


@blueprint.get("/proposals")
@guards.signed_in
def mine() -> ResponseReturnValue:
    """Proposals that need the person, submitted ones, and pages of finished ones."""
    actor, after = guards.person(), arguments().after
    return render_template(
        "submissions/mine.html",
        page=participation.over(actor, after),
        current=None if after else participation.under_way(actor),
        not_begun=[] if after else participation.not_begun(actor),
        by_heading=_by_heading,
    )


def _by_heading(rows: Iterable[Proposal], outcomes: Mapping[int, Any]) -> list[tuple[str, list[Proposal]]]:
    """Finished proposals below their headings, in the order of the headings."""
    found: dict[str, list[Proposal]] = {str(heading): [] for heading in HEADINGS.values()}
    for row in rows:
        found[str(HEADINGS[_status(row, outcomes.get(row.id))])].append(row)
    return [(heading, group) for heading, group in found.items() if group]


# ---- writing


@blueprint.route("/proposals/<int:id>/edit", methods=["GET", "POST"])
@guards.signed_in
@guards.sealed
@guards.takes_files
@confirmation.not_required(Reason.EDITABLE)
def edit(id: int) -> ResponseReturnValue:
    """The editor: text, files and the next step, in one form, so that no button loses typed text."""
    proposal = queries.access(guards.actor(), id, to=policy.can_edit)
    form = _editor(proposal, queries.working_version(proposal))
    status = 200
    if form.is_submitted():
        status = _save(id, form) if form.validate() else 422
        if status == 303:
            return redirect(_next(id), 303)
    return _edit_page(id, form, status)


def _editor(proposal: Proposal, version: ProposalVersion) -> ProposalForm:
    """The form filled with a version; the opened page gets an id, with which it may overwrite its own saves."""
    texts = {name: getattr(version, name) for name in services.TEXTS}
    return ProposalForm(
        rules_of(proposal.challenge), data={**texts, "base": receipt.stamp(version), "editor": secrets.token_hex(8)}
    )


def _save(id: int, form: ProposalForm) -> int:
    """Save the text first, then do the file operation: 303, or the status of the error."""
    try:
        services.save(guards.person(), id, **form.texts())
        if "remove" in posted():
            services.detach(guards.person(), id, posted().number("remove") or 0)
        return _attach(id, form)
    except services.EditConflict as refused:
        version = queries.working_version(queries.access(guards.actor(), id, to=policy.can_edit))
        form.overtaken, form.base.data = version, receipt.stamp(version)
        form.form_errors.append(str(refused.message))
    except Conflict as refused:
        form.form_errors.append(str(refused.message))
    return 409


def _attach(id: int, form: ProposalForm) -> int:
    for upload in form.uploads():
        try:
            services.attach(guards.person(), id, stream=upload.stream, filename=upload.filename)
        except Invalid as refused:
            name = files.clean_name(upload.filename)
            problem = _("%(file)s was not added: %(problem)s", file=name, problem=str(refused.message))
            form.files.errors = [*form.files.errors, problem]
    return 422 if form.files.errors else 303


def _next(id: int) -> str:
    """The URL after the pressed button."""
    wish = posted().text("then")
    endpoint = {"preview": ".show", "check": ".submit"}.get(wish, ".edit")
    if endpoint == ".edit":
        flash(_("Saved as a draft."), "success")
    return url_for(endpoint, id=id, draft=1 if wish == "preview" else None)


def _edit_page(id: int, form: ProposalForm, status: int) -> ResponseReturnValue:
    proposal = queries.access(guards.actor(), id, to=policy.can_edit)
    version = queries.working_version(proposal)
    page = render_template(
        "submissions/edit.html",
        proposal=proposal,
        version=version,
        form=form,
        challenge=proposal.challenge,
        taking=proposal.challenge.takes_proposals(clock.now()),
        leads=policy.can_manage(guards.actor(), proposal),
        can_set_shares=policy.can_set_shares(guards.actor(), proposal),
        sealed=SEALED[ProposalStatus.WRITING],
        accepting=acceptance.state_of(guards.actor(), proposal.challenge),
    )
    return page, status


@blueprint.post("/proposals/<int:id>/autosave")
@guards.signed_in
@guards.sealed
@confirmation.not_required(Reason.EDITABLE)
def autosave(id: int) -> ResponseReturnValue:
    """The editor's text, saved while it is written; returns JSON."""
    proposal = queries.access(guards.actor(), id, to=policy.can_edit)
    form = ProposalForm(rules_of(proposal.challenge)).check()
    version = services.save(guards.person(), id, **form.texts())
    return jsonify(saved_at=version.changed_at.isoformat(), version=version.number)


# ---- viewing


@blueprint.get("/proposals/<int:id>")
@guards.signed_in
@guards.sealed
def show(id: int) -> ResponseReturnValue:
    """A proposal: the version that counts, or (`?draft=1`, for its parties) the draft."""
    proposal = queries.access(guards.actor(), id)
    inside = policy.is_contributor(guards.actor(), proposal)
    drafted = inside and bool(arguments().text("draft"))
    version = queries.working_version(proposal) if drafted else queries.shown_version(proposal)
    return _show_page(proposal, version, inside)


@blueprint.get("/proposals/<int:id>/versions/<int:number>")
@guards.signed_in
@guards.sealed
def version(id: int, number: int) -> ResponseReturnValue:
    """One version as it was or is."""
    proposal = queries.access(guards.actor(), id)
    found = queries.version(guards.actor(), proposal, number)
    return _show_page(proposal, found, policy.is_contributor(guards.actor(), proposal))


def _show_page(proposal: Proposal, version: ProposalVersion, inside: bool) -> ResponseReturnValue:
    actor = guards.actor()
    history = policy.can_read_history(actor, proposal)
    return render_template(
        "submissions/show.html", proposal=proposal, version=version, inside=inside, challenge=proposal.challenge,
        versions=queries.versions(proposal) if inside else [version],
        events=queries.timeline(proposal) if history else [], way=charts.progress_chart,
        reports=policy.can_report(actor, proposal),
        edits=policy.can_edit(actor, proposal), transitions=policy.open_transitions(actor, proposal, clock.now()),
        can_set_shares=policy.can_set_shares(actor, proposal),
        taking=proposal.challenge.takes_proposals(clock.now()), nothing_more=NOTHING_MORE, sealed=SEALED,
        accepting=acceptance.state_of(actor, proposal.challenge),
    )  # fmt: skip


@blueprint.get("/proposals/<int:id>/versions/<int:number>/receipt.json")
@guards.signed_in
@guards.sealed
def receipt_file(id: int, number: int) -> ResponseReturnValue:
    """The document whose SHA-256 is the version's digest, byte for byte."""
    found = queries.version(guards.actor(), queries.access(guards.actor(), id), number)
    response = Response(receipt.document(found), mimetype="application/json")
    response.headers["Content-Disposition"] = as_attachment(f"proposal-{id}-version-{number}.json")
    return response


@blueprint.get("/proposals/<int:id>/files/<int:file_id>")
@guards.signed_in
@guards.sealed
def file(id: int, file_id: int) -> ResponseReturnValue:
    """Download a file of a proposal."""
    return files.attachment(queries.file(guards.actor(), id, file_id))


# ---- submitting


@blueprint.route("/proposals/<int:id>/submit", methods=["GET", "POST"])
@guards.signed_in
@guards.sealed
@once.acts
@confirmation.not_required(Reason.EXPLAINED)
def submit(id: int) -> ResponseReturnValue:
    """What would be submitted, what is missing, and what happens; then the submission."""
    if request.method == "GET":
        return _submit_page(id)
    try:
        services.submit(guards.person(), id, base=posted().text("base") if "base" in posted() else None)
    except Invalid as refused:
        return _submit_page(id, refused), 422
    flash(_("Your proposal is submitted. This is your receipt."), "success")
    return redirect(url_for(".show", id=id), 303)


def _submit_page(id: int, refused: Invalid | None = None) -> str:
    proposal = queries.access(guards.actor(), id, to=policy.can_manage)
    draft = proposal.draft_version
    found = refused.fields if refused else problems(proposal, draft) if draft else {}
    return render_template(
        "submissions/submit.html",
        proposal=proposal,
        version=draft,
        challenge=proposal.challenge,
        problems=found,
        digest=receipt.digest(draft) if draft else "",
        accepting=acceptance.state_of(guards.actor(), proposal.challenge),
        taking=proposal.challenge.takes_proposals(clock.now()),
    )


@blueprint.post("/proposals/<int:id>/withdraw")
@guards.signed_in
@guards.sealed
@confirmation.required
def withdraw(id: int) -> ResponseReturnValue:
    """Withdraw a proposal."""
    services.withdraw(guards.person(), id)
    flash(_("The proposal is withdrawn. Until the challenge closes you can resume it."), "success")
    return redirect(url_for(".show", id=id), 303)


@blueprint.post("/proposals/<int:id>/resume")
@guards.signed_in
@guards.sealed
@confirmation.not_required(Reason.REVERSIBLE)
def resume(id: int) -> ResponseReturnValue:
    """Resume a withdrawn proposal."""
    services.resume(guards.person(), id)
    flash(_("The proposal is a draft again."), "success")
    return redirect(url_for(".edit", id=id), 303)
