"""The operator's start page, the jobs, and the audit trail."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from challenges import queries as challenges
from crowd import audit, background, csv_export, job_stats
from crowd.accounts.policy import OPERATORS, OVERSEERS
from crowd.audit import Actor, AuditEvent
from crowd.background import Job, JobState
from crowd.config import limits
from crowd.db import db, joined
from crowd.feature import Feature, Label, Tab, declared
from crowd.ledger import queries as ledger
from crowd.notifications import queries as notifications
from crowd.web import audit_page, confirmation, guards
from crowd.web.arguments import arguments
from crowd.web.confirmation import Reason
from crowd.web.paging import page
from crowd.web.tabs import tabs_of
from submissions.sealing import queries as sealing

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.get("")
@guards.roles(*OVERSEERS)
def index() -> ResponseReturnValue:
    """The operator's start page, with links to the pages of every package."""
    health = {
        "oldest": job_stats.oldest_due_seconds(),
        "check": ledger.last_check(),
        "mails": notifications.count_unsent(),
    }
    return render_template("admin/index.html", health=health, pages=tabs_of("administration"), jobs=job_stats.counts())


@blueprint.get("/jobs")
@guards.roles(*OVERSEERS)
def jobs() -> ResponseReturnValue:
    """Every job with challenge, attempts, duration, result and error; filtered by state and kind."""
    state, kind = arguments().text("state"), arguments().text("kind")
    rows = page(
        job_stats.listed(state, kind),
        [(Job.id, True)],
        name="jobs",
        after=arguments().after,
        size=limits().page_rows,
    )
    return render_template(
        "admin/jobs.html",
        jobs=rows,
        sealed=sealing.sealed_jobs(rows),
        reached=_reached(rows),
        states=list(JobState),
        kinds=list(declared().job_labels),
        state=state,
        kind=kind,
        counts=job_stats.counts(),
    )


@blueprint.post("/jobs/<int:job_id>/retry")
@guards.roles(*OPERATORS)
@confirmation.not_required(Reason.HARMLESS)
def retry_job(job_id: int) -> ResponseReturnValue:
    """Reset the attempts of a dead job."""
    background.retry(guards.person(), job_id)
    flash(_("The job will be tried again."), "success")
    return redirect(url_for("admin.jobs"), 303)


@blueprint.get("/audit", endpoint="audit")
@guards.roles(*OVERSEERS)
def audit_trail() -> ResponseReturnValue:
    """The audit trail, newest first, filtered."""
    rows = page(
        sealing.trail(guards.person(), **_filters()),
        [(AuditEvent.id, True)],
        name="audit",
        after=arguments().after,
        size=limits().page_rows,
    )
    return render_template(
        "admin/audit.html",
        events=rows,
        sealed=sealing.sealed_among(guards.person(), rows),
        reached=_reached(rows),
        actions=audit.known_actions(),
        filters=_filters(),
    )


@blueprint.get("/audit.csv")
@guards.roles(*OVERSEERS)
def audit_export() -> ResponseReturnValue:
    """The same events as a file."""
    limit = limits().export_rows
    query = sealing.trail(guards.person(), **_filters()).order_by(AuditEvent.id.desc()).limit(limit)
    header = ("id", "at", "actor", "action", "subject", "subject_id", "challenge", "data", "request")
    return csv_export.response("audit.csv", header, _rows(guards.person(), query))


def _rows(reader: Actor, query: sa.Select[AuditEvent]) -> Iterator[tuple[object, ...]]:
    """Queries only when the first line is read: a request's session is closed before its stream begins."""
    with joined():  # a server-side cursor needs a transaction
        for part in db.session.scalars(query.execution_options(yield_per=500)).partitions():
            sealed = sealing.sealed_among(reader, part)
            yield from (_cells(row, sealed=row.id in sealed) for row in part)


@blueprint.get("/audit/<int:event_id>")
@guards.roles(*OVERSEERS)
def event(event_id: int) -> ResponseReturnValue:
    """One event with all its data."""
    row = sealing.get_event(guards.person(), event_id)
    return render_template(
        "admin/event.html",
        event=row,
        sealed=bool(sealing.sealed_among(guards.person(), [row])),
        reached=bool(_reached([row])),
    )


def _reached(rows: Iterable[AuditEvent]) -> set[int]:
    """The challenges that the page of these rows may link to."""
    return challenges.visible_among(guards.actor(), [row.challenge_id for row in rows])


def _filters() -> dict[str, Any]:
    return {
        "action": arguments().text("action") or None,
        "actor_name": arguments().question("actor") or None,
        "challenge_id": arguments().number("challenge"),
        "subject_type": arguments().text("subject") or None,
        "subject_id": arguments().number("subject_id"),
    }


def _cells(row: AuditEvent, *, sealed: bool) -> tuple[object, ...]:
    data = "" if sealed or not row.data else json.dumps(row.data, ensure_ascii=False)
    subject = (row.subject_type, row.subject_id, None if sealed else row.challenge_id)
    return row.id, row.at, row.actor_name, row.action, *subject, data, row.request_id


def _tabs(_actor: Actor) -> Iterator[Tab]:
    yield Tab(60, _("Audit trail"), "admin.audit", _("Filter and export every recorded action."))
    yield Tab(70, _("Jobs"), "admin.jobs", _("Panels, settlements, payouts, emails: what is done, pending or failed."))


FEATURE = Feature(
    name="admin",
    blueprints=(blueprint,),
    tabs={"administration": _tabs},
    sections={"admin.": ("administration",)},
    audit={
        "request.refused": _l("Request refused"),
        "job.retried": _l("Reset a job's attempts"),
    },
    audit_data=audit_page.COMMON,
    subjects={
        "job": _l("Job"),
        "request": _l("Request"),
    },
    labels={
        "job": {
            JobState.READY: Label(_l("Pending")),
            JobState.RUNNING: Label(_l("Running"), "calm"),
            JobState.DONE: Label(_l("Done")),
            JobState.DEAD: Label(_l("Failed"), "seal"),
        },
    },
)
