"""What notifications declare: the inbox, the jobs that write and send emails."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from crowd.feature import Feature
from crowd.notifications import labels, tabs, views
from crowd.notifications.personal_data import PERSONAL_DATA, erase

AUDIT = {
    "preferences.changed": _l("Changed the email preferences"),
    "preferences.unsubscribed": _l("Stopped emails by the link in one"),
}
DATA = {
    "emails": _l("Emails"),
    "without_mail": _l("No emails"),
}
JOBS = {
    "notifications.email": _l("Write notification emails"),
    "emails.send": _l("Send an email"),
    "digests.write": _l("Write the digests that are due"),
    "digests.send": _l("Send digests"),
}

FEATURE = Feature(
    name="notifications",
    blueprints=(views.blueprint, views.unsubscribing_blueprint),
    jobs="crowd.notifications.jobs",
    schedule={"digests.write": timedelta(minutes=5)},
    audit=AUDIT,
    audit_data=DATA,
    job_labels=JOBS,
    personal_data=PERSONAL_DATA,
    erasures=(erase,),
    tabs={"account": tabs.of_account},
    labels={"frequency": labels.FREQUENCIES},
)
