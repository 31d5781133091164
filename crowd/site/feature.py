"""What the site declares: the pages that show data of all packages, and what belongs to none of them."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from crowd.accounts.questions import START_PAGE
from crowd.feature import Feature
from crowd.site import health, metrics, views

DATA = {
    "forms": _l("Tokens of forms"),
    "runs": _l("Runs of schedules"),
}
JOBS = {
    "platform.prune": _l("Delete finished jobs"),
}

FEATURE = Feature(
    name="site",
    blueprints=(views.blueprint, health.blueprint, metrics.blueprint),
    jobs="crowd.site.jobs",
    schedule={"platform.prune": timedelta(days=1)},
    answers={START_PAGE: "site.dashboard"},
    audit_data=DATA,
    job_labels=JOBS,
)
