"""What notifications declare: the inbox, the jobs that write and send emails."""

from flask_babel import lazy_gettext as _l

from crowd.feature import Feature
from crowd.notifications import views

AUDIT = {
    "preferences.changed": _l("Changed the email preferences"),
    "preferences.unsubscribed": _l("Stopped emails by the link in one"),
}
DATA = {
    "letters": _l("Emails"),
    "without_mail": _l("No emails"),
}
JOBS = {
    "crowd.notifications.jobs.mail_notices": _l("Write notification emails"),
    "crowd.notifications.jobs.send_mail": _l("Send an email"),
}

FEATURE = Feature(
    name="notifications",
    blueprints=(views.blueprint, views.unsubscribing_blueprint),
    jobs="crowd.notifications.jobs",
    audit=AUDIT,
    audit_data=DATA,
    job_labels=JOBS,
)
