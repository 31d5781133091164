"""What the site declares: the pages that gather from all packages, and what belongs to none of them."""

from flask_babel import lazy_gettext as _l

from crowd import admin
from crowd.feature import Feature
from crowd.site import health, metrics, views

AUDIT = {
    "act.refused": _l("Request refused"),
    "job.retried": _l("Reset a job's attempts"),
}
SUBJECTS = {
    "job": _l("Job"),
    "request": _l("Request"),
}
JOBS = {
    "crowd.worker.prune": _l("Delete finished jobs"),
}

FEATURE = Feature(
    name="site",
    blueprints=(views.blueprint, health.blueprint, metrics.blueprint, admin.blueprint),
    jobs="crowd.worker",
    schedule={"jobs.forget": ("crowd.worker.prune", 24 * 3600)},
    audit=AUDIT,
    subjects=SUBJECTS,
    job_labels=JOBS,
)
