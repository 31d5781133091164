"""What the site declares: the pages that gather from all packages, and what belongs to none of them."""

from flask_babel import lazy_gettext as _l

from crowd.feature import Feature
from crowd.site import health, metrics, views

DATA = {
    "forgotten": _l("Deleted"),
}
JOBS = {
    "crowd.site.jobs.prune": _l("Delete finished jobs"),
}

FEATURE = Feature(
    name="site",
    blueprints=(views.blueprint, health.blueprint, metrics.blueprint),
    jobs="crowd.site.jobs",
    schedule={"jobs.forget": ("crowd.site.jobs.prune", 24 * 3600)},
    audit_data=DATA,
    job_labels=JOBS,
)
