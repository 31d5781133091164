"""Pages of cases: filing one, its history, the steps in which somebody acts, the person's own cases and their queue."""

from functools import partial

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd import files
from crowd.accounts.models import User
from crowd.accounts.units.views import queue_tabs
from crowd.cases import minutes, policy, queries, queues, services
from crowd.cases.days_off import queries as days_off
from crowd.cases.forms import (
    AssignStepForm,
    BlackenForm,
    CaseEntryForm,
    ConcludeForm,
    MinutesForm,
    StepHandOverForm,
    SubstituteForm,
    VoteForm,
    filing_form,
)
from crowd.cases.models import Case, CaseStep
from crowd.cases.page import body_of, earlier_answers, filing_page, page_of
from crowd.cases.workflow import Finding, VoteChoice
from crowd.config import limits
from crowd.web import confirmation, guards, link_access, once
from crowd.web.arguments import arguments, posted
from crowd.web.confirmation import Reason
from crowd.web.forms import Form

blueprint = Blueprint("cases", __name__)


@blueprint.app_template_global("case_links_of")
def _case_links(subject_type: str, key: str | int, only: str = "") -> list[tuple[str, str]]:
    """What the reader can file about a subject, as links: all kinds, or `only` applications or restricted ones."""
    kinds = [kind for kind in queries.linked(subject_type) if not only or getattr(kind, only)]
    links = ((kind, url_for("cases.new", kind=kind.name, key=key)) for kind in kinds)
    return [
        (str(kind.link), url)
        for kind, url in links
        if not kind.restricted or link_access.refusal(guards.actor(), url) is None
    ]


@blueprint.get("/cases")
@guards.signed_in
def mine() -> ResponseReturnValue:
    """The cases to which the person is a party."""
    actor = guards.person()
    page = queries.own(actor, after=arguments().after, size=limits().page_rows)
    return render_template("cases/mine.html", page=page, kind_of=queries.kind_of, body_of=partial(body_of, actor))


@blueprint.get("/cases/queue")
@guards.signed_in
def queue() -> ResponseReturnValue:
    """What waits for the person's bodies, by due time."""
    actor = guards.person()
    found = queues.queues(actor, arguments().text("unit"))
    page = queues.queue(found, after=arguments().after, size=limits().page_rows)
    return render_template(
        "cases/queue.html", page=page, kind_of=queries.kind_of, title_of=queries.title_of,
        tabs=queue_tabs(found, "cases.queue"), work=queries.work_on(page.rows), away=days_off.colleagues(actor),
        of_body=policy.can_be_away(actor), applicants_of=queries.applicants, body_of=partial(body_of, actor),
    )  # fmt: skip


@blueprint.route("/cases/new/<kind>/<key>", methods=["GET", "POST"])
@guards.signed_in
@once.acts
@guards.takes_files
@confirmation.not_required(Reason.EXPLAINED)
def new(kind: str, key: str) -> ResponseReturnValue:
    """File a case."""
    declared, actor = queries.get_kind(kind), guards.person()
    subject = queries.may_file(actor, kind, key)
    form = filing_form(declared, subject, earlier_answers(actor, declared, key, arguments().text("from")))
    file = services.try_case if form.only_tries else services.file_case
    if form.passes(lambda: file(actor, kind, key, answers=form.answers(), uploads=form.uploads())) and form.outcome:
        flash(_("The case is filed. Its page shows who acts by when."), "success")
        return redirect(url_for(".show", public_id=form.outcome.public_id), 303)
    return render_template("cases/new.html", **filing_page(declared, subject, form)), form.status


@blueprint.get("/cases/<public_id>")
@guards.signed_in
def show(public_id: str) -> ResponseReturnValue:
    """The history of a case, and what the reader can do."""
    asked = arguments().number("step")
    case = queries.access(guards.actor(), public_id)
    return render_template("cases/show.html", case=case, **page_of(guards.person(), case, asked=asked))


def _again(public_id: str, form: Form, position: int | None = None) -> ResponseReturnValue:
    """The page with a form that was refused, in the step to which it belongs."""
    case = queries.access(guards.actor(), public_id)
    values = page_of(guards.person(), case, form, asked=position)
    return render_template("cases/show.html", case=case, **values), form.status


def _done(public_id: str, message: str) -> ResponseReturnValue:
    flash(message, "success")
    return redirect(url_for(".show", public_id=public_id), 303)


@blueprint.get("/cases/<public_id>/files/<int:entry_id>")
@guards.signed_in
def file(public_id: str, entry_id: int) -> Response:
    """The file of an entry, as a download."""
    return files.attachment(queries.file_of(guards.actor(), public_id, entry_id))


@blueprint.post("/cases/<public_id>/entries")
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.EXPLAINED)
def add_entry(public_id: str) -> ResponseReturnValue:
    """Add a text or a file."""
    form, actor = CaseEntryForm(), guards.person()
    upload = next(((one.stream, one.filename) for one in form.file.uploads()), None)
    bodies = bool(form.for_bodies.data)
    if form.passes(
        lambda: services.add_entry(actor, public_id, text=form.text.data or "", upload=upload, for_bodies=bodies)
    ):
        return _done(public_id, _("It is part of the case now."))
    return _again(public_id, form)


@blueprint.post("/cases/<public_id>/minutes")
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.EXPLAINED)
def add_minutes(public_id: str) -> ResponseReturnValue:
    """Add the minutes of a vote."""
    form, actor = MinutesForm(), guards.person()
    if form.passes(lambda: minutes.add(actor, public_id, text=form.text.data or "")):
        return _done(public_id, _("The minutes are published."))
    return _again(public_id, form)


@blueprint.post("/cases/<public_id>/entries/<int:entry_id>/black-out")
@guards.signed_in
@guards.sealed
@confirmation.not_required(Reason.EXPLAINED)
def blacken(public_id: str, entry_id: int) -> ResponseReturnValue:
    """Show an entry without personal data."""
    form, actor = BlackenForm(entry_id), guards.person()
    if form.passes(lambda: services.blacken(actor, public_id, entry_id, text=form.text.data or "")):
        return _done(public_id, _("The entry is shown without personal data."))
    return _again(public_id, form)


@blueprint.post("/cases/<public_id>/withdraw")
@guards.signed_in
@confirmation.required
def withdraw(public_id: str) -> ResponseReturnValue:
    """Withdraw the case."""
    services.withdraw(guards.person(), public_id)
    return _done(public_id, _("The case is withdrawn."))


@blueprint.post("/cases/<public_id>/steps/<int:position>/assign-to-me")
@guards.signed_in
@confirmation.not_required(Reason.REVERSIBLE)
def assign_to_me(public_id: str, position: int) -> ResponseReturnValue:
    """Take a step, or take it over from the person whom the page showed."""
    services.take(guards.person(), public_id, position, holder=posted().number("holder"))
    return _done(public_id, _("You have taken this step; the others see that."))


@blueprint.post("/cases/<public_id>/steps/<int:position>/release")
@guards.signed_in
@confirmation.not_required(Reason.REVERSIBLE)
def release(public_id: str, position: int) -> ResponseReturnValue:
    """Give a step back."""
    services.release(guards.person(), public_id, position)
    return _done(public_id, _("The step is everybody's again."))


@blueprint.post("/cases/<public_id>/steps/<int:position>/assign")
@guards.signed_in
@confirmation.not_required(Reason.REVERSIBLE)
def assign(public_id: str, position: int) -> ResponseReturnValue:
    """Assign a step to a colleague."""
    form, actor = AssignStepForm().offer(_step(public_id, position)), guards.person()
    if form.passes(lambda: services.assign(actor, public_id, position, user_id=form.user_id.data)):
        return _done(public_id, _("The step is assigned."))
    return _again(public_id, form, position)


@blueprint.post("/cases/<public_id>/steps/<int:position>/hand-over")
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def hand_over(public_id: str, position: int) -> ResponseReturnValue:
    """Hand a step over to another unit, or to another department."""
    form, actor = StepHandOverForm().offer_for(_step(public_id, position)), guards.person()
    if form.passes(lambda: services.hand_over(actor, public_id, position, **form.values())):
        return _done(public_id, _("The step is handed over."))
    return _again(public_id, form, position)


@blueprint.post("/cases/<public_id>/steps/<int:position>/conclude")
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.EXPLAINED)
def conclude(public_id: str, position: int) -> ResponseReturnValue:
    """Conclude a step, with reasons."""
    form, actor = ConcludeForm().offer(_step(public_id, position)), guards.person()
    if form.passes(
        lambda: services.conclude(
            actor, public_id, position, finding=Finding(form.finding.data), reasons=form.reasons.data
        )
    ):
        return _done(public_id, _("The step is concluded."))
    return _again(public_id, form, position)


@blueprint.post("/cases/<public_id>/steps/<int:position>/vote")
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.EXPLAINED)
def vote(public_id: str, position: int) -> ResponseReturnValue:
    """Vote, or declare a conflict of interest."""
    actor, step = guards.person(), _step(public_id, position)
    only_recuses = policy.can_recuse(actor, step) and not policy.can_vote(actor, step)
    form = VoteForm().offer(step, votes=not only_recuses)  # who may do neither is refused, whatever they chose
    if form.passes(
        lambda: services.vote(
            actor, public_id, position, choice=VoteChoice(form.choice.data), reasons=form.reasons.data
        )
    ):
        return _voted(actor, form.outcome)
    return _again(public_id, form, position)


def _voted(actor: User, case: Case) -> ResponseReturnValue:
    """Back to the case; who is recused does not open it any more, unless they are a party or oversee."""
    if policy.can_view(actor, case):
        return _done(case.public_id, _("Your vote is part of the case."))
    flash(_("You are recused: from now on this case is not shown to you."), "success")
    return redirect(url_for(".queue"), 303)


@blueprint.post("/cases/<public_id>/steps/<int:position>/substitutes")
@guards.signed_in
@confirmation.not_required(Reason.EXPLAINED)
def name_substitute(public_id: str, position: int) -> ResponseReturnValue:
    """Let an expert vote for members with a conflict of interest."""
    form, actor = SubstituteForm(), guards.person()
    form.user_id.choices = [(one, str(one)) for one in queries.possible_substitutes(_step(public_id, position))]
    if form.passes(lambda: services.name_substitute(actor, public_id, position, user_id=form.user_id.data)):
        return _done(public_id, _("The substitute is asked to vote."))
    return _again(public_id, form, position)


def _step(public_id: str, position: int) -> CaseStep:
    return queries.step_of(queries.access(guards.actor(), public_id), position)
