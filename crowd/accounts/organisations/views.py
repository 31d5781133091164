"""Pages of organisations and their members."""

from collections.abc import Sequence

from babel.lists import format_list
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd.accounts import acting, open_matters
from crowd.accounts.models import Membership, Organisation, OrganisationKind, PlatformRole
from crowd.accounts.organisations import closing, policy, queries, services
from crowd.accounts.organisations.forms import HandOverForm, InviteForm, MemberRoleForm, OrganisationForm
from crowd.accounts.organisations.rights import POSTS, RIGHTS, rights_of
from crowd.accounts.queries import label, namesakes
from crowd.accounts.views import blueprint
from crowd.audit import Actor
from crowd.errors import NotFound
from crowd.taxonomy.labels import term_name
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments, posted
from crowd.web.confirmation import Reason
from crowd.web.forms import ReasonForm
from crowd.web.labels import state_label
from crowd.web.link_access import local_path
from crowd.web.organisations import country_name, usual_country
from crowd.web.request_locale import reader


@blueprint.app_template_global("organisation_terms")
def _terms(row: Organisation) -> list[tuple[str, str]]:
    """What an organisation is and where, by the names of its terms: (label, name)."""
    ids = (
        (_("Region"), row.region_id),
        (_("Kind of agency"), row.agency_kind_id),
        (_("Ownership"), row.ownership_kind_id),
        (_("Stage"), row.stage_id),
    )
    return [(label, term_name(term_id)) for label, term_id in ids if term_id is not None]


@blueprint.app_template_global("posting_kinds")
def _posting_kinds() -> str:
    """The kinds of organisations that may post challenges, as a list in the reader's language."""
    return format_list([state_label(kind, "organisation_kind") for kind in POSTS], "or", locale=reader().name)


@blueprint.get("/account/organisations")
@guards.signed_in
def organisations() -> ResponseReturnValue:
    """The organisations that I act for, and those that invite me."""
    actor = guards.person()
    invitations = queries.invitations_to(actor)
    return render_template(
        "accounts/organisations.html",
        memberships=acting.memberships_of(actor),
        closed=[one.organisation for one in actor.memberships if one.organisation.closed_at is not None],
        invitations=invitations,
        inviting={one.id: label(one.organisation) for one in invitations},
        acting=now.organisation_id if (now := acting.current(actor)) else None,
        several=bool(acting.others(actor)),
    )


@blueprint.post("/account/acting-for")
@guards.signed_in
@confirmation.not_required(Reason.REVERSIBLE)
def act_for() -> ResponseReturnValue:
    """Act for another one of the person's organisations from here on."""
    found = acting.switch(guards.person(), posted().number("organisation_id") or 0)
    if found is None:
        raise NotFound
    flash(_("You now act for %(organisation)s.", organisation=found.organisation.name), "success")
    return redirect(local_path(posted().text("next")) or url_for("accounts.organisations"), 303)


@blueprint.route("/account/organisations/new", methods=["GET", "POST"])
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.HARMLESS)
def organisation_new() -> ResponseReturnValue:
    """Create an organisation."""
    kind = arguments().text("kind", among=list(OrganisationKind))
    form = OrganisationForm(kind=kind or OrganisationKind.ENTERPRISE.value, country=usual_country())
    if form.passes(lambda: services.create_organisation(guards.person(), **form.values())):
        _warn_of_namesakes(form.outcome)
        flash(_("The organisation is registered. Now show what it is, so that it can be verified."), "success")
        return redirect(url_for("accounts.verification", organisation_id=form.outcome.id), 303)
    return render_template("accounts/organisation_form.html", form=form, organisation=None), form.status


@blueprint.route("/organisations/<int:organisation_id>/edit", methods=["GET", "POST"])
@guards.signed_in
@confirmation.not_required(Reason.EDITABLE)
def organisation_edit(organisation_id: int) -> ResponseReturnValue:
    """Change what an organisation says about itself."""
    row = queries.access(guards.actor(), organisation_id, to=policy.can_describe)
    form = OrganisationForm(obj=row)
    before = row.name
    if form.passes(lambda: services.edit(guards.person(), organisation_id, **form.values())):
        if form.outcome.name != before:
            _warn_of_namesakes(form.outcome)
        flash(_("The organisation's page is saved."), "success")
        return redirect(_members(organisation_id), 303)
    return render_template("accounts/organisation_form.html", form=form, organisation=row), form.status


def _warn_of_namesakes(row: Organisation) -> None:
    """Show organisations with the same or a similar name: one of them may be this one, registered twice."""
    if others := namesakes(row):
        names = format_list([other.name for other in others], locale=reader().name)
        told = _(
            "Other organisations here have the same name or one that looks like it: %(names)s. If yours is one of them,"
            " ask its owner to invite you. The service centre sees this when it verifies your organisation.",
            names=names,
        )
        flash(told, "warning")


@blueprint.get("/organisations/<int:organisation_id>/members")
@guards.signed_in
def members(organisation_id: int) -> ResponseReturnValue:
    """Who belongs to an organisation, and who is invited."""
    return _members_page(organisation_id)


def _members_page(
    organisation_id: int,
    form: InviteForm | None = None,
    hand_over: HandOverForm | None = None,
    *,
    role: MemberRoleForm | None = None,
    role_of: int | None = None,
) -> ResponseReturnValue:
    """`role` is a rejected change of the role of the person `role_of`."""
    actor = guards.actor()
    row = queries.access(actor, organisation_id, to=policy.can_view_members)
    members = queries.list_members(row.id)
    form, hand_over = form or InviteForm(formdata=None), hand_over or HandOverForm(formdata=None)
    form.offer(policy.grantable(actor, row.id))
    hand_over.offer(policy.successors(actor, members))
    page = render_template(
        "accounts/members.html", organisation=row, country=country_name(row.country), members=members,
        **_of_members(actor, members), invitations=queries.invitations_of(row.id),
        grantable=policy.grantable(actor, row.id), **_may(actor, row),
        may_hand_over=policy.can_hand_over(actor, row) and bool(hand_over.successor.choices),
        me=actor, form=form, hand_over=hand_over, role=role, role_of=role_of, role_rights=RIGHTS,
    )  # fmt: skip
    return page, max(one.status for one in (form, hand_over, role) if one)


def _of_members(actor: Actor | None, members: Sequence[Membership]) -> dict[str, object]:
    """What the reader may do with each member."""
    return {
        "alone": policy.is_only_owner(actor, members),
        "roles": {member.user_id: policy.new_roles(actor, member) for member in members},
        "removable": {member.user_id for member in members if policy.can_change(actor, member, None)},
    }


def _may(actor: Actor | None, row: Organisation) -> dict[str, bool]:
    """What the reader may do on the page of the members."""
    return {
        "may_manage": policy.can_manage_members(actor, row),
        "may_describe": policy.can_describe(actor, row),
        "may_see_verification": policy.can_view_verification(actor, row),
        "may_leave": policy.can_leave(actor, row),
        "may_close": policy.can_close(actor, row),
        "may_reopen": policy.can_reopen(actor, row),
    }


@blueprint.post("/organisations/<int:organisation_id>/invite")
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def invite(organisation_id: int) -> ResponseReturnValue:
    """Invite an email address."""
    form = InviteForm()
    form.offer(policy.grantable(guards.actor(), organisation_id))
    if form.passes(lambda: services.invite(guards.person(), organisation_id, **form.values())):
        flash(_("The invitation is on its way to %(email)s.", email=form.email.data), "success")
        return redirect(_members(organisation_id), 303)
    return _members_page(organisation_id, form)


@blueprint.post("/organisations/<int:organisation_id>/invitations/<int:invitation_id>/withdraw")
@guards.signed_in
@confirmation.not_required(Reason.REPEATABLE)
def withdraw_invitation(organisation_id: int, invitation_id: int) -> ResponseReturnValue:
    """Withdraw an invitation."""
    services.withdraw(guards.person(), organisation_id, invitation_id)
    flash(_("The invitation is withdrawn; its link no longer works."), "success")
    return redirect(_members(organisation_id), 303)


@blueprint.post("/organisations/<int:organisation_id>/members/<int:user_id>/role")
@guards.signed_in
@confirmation.required
def change_member_role(organisation_id: int, user_id: int) -> ResponseReturnValue:
    """Give a member another role."""
    form = MemberRoleForm()
    if form.passes(lambda: services.change_role(guards.person(), organisation_id, user_id, role=form.role.data)):
        flash(_("The role is changed."), "success")
        return redirect(_members(organisation_id), 303)
    return _members_page(organisation_id, role=form, role_of=user_id)


@blueprint.post("/organisations/<int:organisation_id>/members/<int:user_id>/remove")
@guards.signed_in
@confirmation.required
def remove_member(organisation_id: int, user_id: int) -> ResponseReturnValue:
    """Remove a member."""
    services.remove(guards.person(), organisation_id, user_id)
    flash(_("The membership has ended."), "success")
    return redirect(_members(organisation_id), 303)


@blueprint.post("/organisations/<int:organisation_id>/leave")
@guards.signed_in
@confirmation.required
def leave_organisation(organisation_id: int) -> ResponseReturnValue:
    """Leave an organisation."""
    services.leave(guards.person(), organisation_id)
    flash(_("You no longer act for this organisation."), "success")
    return redirect(url_for("accounts.organisations"), 303)


@blueprint.post("/organisations/<int:organisation_id>/hand-over")
@guards.signed_in
@confirmation.required
def hand_over(organisation_id: int) -> ResponseReturnValue:
    """Make another member the owner and leave."""
    form = HandOverForm()
    form.offer(policy.successors(guards.actor(), queries.list_members(organisation_id)))
    if not form.passes(lambda: services.hand_over(guards.person(), organisation_id, **form.values())):
        return _members_page(organisation_id, hand_over=form)
    flash(
        _(
            "%(person)s is now an owner of %(organisation)s. You no longer act for it.",
            person=form.outcome.user.name,
            organisation=form.outcome.organisation.name,
        ),
        "success",
    )
    return redirect(url_for("accounts.organisations"), 303)


@blueprint.get("/organisations/<int:organisation_id>/close")
@guards.signed_in
def close_organisation(organisation_id: int) -> ResponseReturnValue:
    """What closing an organisation does, and what is not finished."""
    return _close_page(organisation_id, ReasonForm(formdata=None))


def _close_page(organisation_id: int, form: ReasonForm) -> ResponseReturnValue:
    actor = guards.actor()
    row = queries.access(actor, organisation_id, to=policy.can_close_or_reopen)
    matters = open_matters.for_reader(actor, "organisation", row.id) if row.closed_at is None else []
    page = render_template("accounts/close_organisation.html", organisation=row, matters=matters, form=form)
    return page, form.status


@blueprint.post("/organisations/<int:organisation_id>/close")
@guards.signed_in
@confirmation.required
def do_close_organisation(organisation_id: int) -> ResponseReturnValue:
    """Close an organisation."""
    form = ReasonForm()
    if not form.passes(lambda: closing.close(guards.person(), organisation_id, **form.values())):
        return _close_page(organisation_id, form)
    flash(_("%(organisation)s is closed.", organisation=form.outcome.name), "success")
    return redirect(_members(organisation_id), 303)


@blueprint.post("/organisations/<int:organisation_id>/reopen")
@guards.roles(PlatformRole.ADMINISTRATOR)
@confirmation.not_required(Reason.REVERSIBLE)
def reopen_organisation(organisation_id: int) -> ResponseReturnValue:
    """Open a closed organisation again."""
    form = ReasonForm()
    if not form.passes(lambda: closing.reopen(guards.person(), organisation_id, **form.values())):
        return _close_page(organisation_id, form)
    flash(_("%(organisation)s is open again.", organisation=form.outcome.name), "success")
    return redirect(_members(organisation_id), 303)


@blueprint.get("/invitations/<token>")
@guards.public
def invitation(token: str) -> ResponseReturnValue:
    """The page behind an invitation's link; a visitor who is not signed in is asked to sign in, and returns here."""
    invitation, actor = queries.find_invitation(token), guards.actor()
    mine = actor is not None and invitation is not None and policy.can_answer(actor, invitation)
    inviter = queries.inviter_of(invitation) if invitation else ""
    page = render_template(
        "accounts/invitation.html",
        invitation=invitation,
        inviter=inviter,
        mine=mine,
        actor=actor,
        here=request.path,
        inviting=label(invitation.organisation) if invitation else "",
        rights=rights_of(invitation.role) if invitation else [],
    )
    return page, 200 if invitation else 404


@blueprint.post("/account/invitations/<int:invitation_id>/accept")
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def accept_invitation(invitation_id: int) -> ResponseReturnValue:
    """Accept the invitation."""
    membership = services.accept(guards.person(), invitation_id)
    flash(_("You now act for %(organisation)s.", organisation=membership.organisation.name), "success")
    return redirect(_members(membership.organisation_id), 303)


@blueprint.post("/account/invitations/<int:invitation_id>/decline")
@guards.signed_in
@confirmation.required
def decline_invitation(invitation_id: int) -> ResponseReturnValue:
    """Decline the invitation."""
    services.decline(guards.person(), invitation_id)
    flash(_("The invitation is declined."), "success")
    return redirect(url_for("accounts.organisations"), 303)


def _members(organisation_id: int) -> str:
    return url_for("accounts.members", organisation_id=organisation_id)
