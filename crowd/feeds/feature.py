"""What feeds declare: the private calendar and its page."""

from flask_babel import lazy_gettext as _l

from crowd.feature import Feature
from crowd.feeds import tabs, views
from crowd.feeds.personal_data import PERSONAL_DATA, erase

AUDIT = {
    "calendar_link.created": _l("Created a link of their calendar"),
    "calendar_link.revoked": _l("Withdrew the link of their calendar"),
}

FEATURE = Feature(
    name="feeds",
    blueprints=(views.blueprint,),
    audit=AUDIT,
    subjects={"calendar_link": _l("Link of a calendar")},
    personal_data=PERSONAL_DATA,
    erasures=(erase,),
    tabs={"account": tabs.of_account},
)
