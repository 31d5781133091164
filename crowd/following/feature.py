"""What following declares: its pages, and the group of notifications that followers get."""

from flask_babel import lazy_gettext as _l

from crowd.feature import Feature
from crowd.following import tabs, views
from crowd.following.personal_data import PERSONAL_DATA, erase
from crowd.notifications.kinds import FOLLOWING
from crowd.notifications.models import Frequency

FEATURE = Feature(
    name=FOLLOWING,
    blueprints=(views.blueprint,),
    notification_group=_l(
        "Following: challenges, organisations, fields, industries, regions and searches that you follow"
    ),
    notification_frequency=Frequency.DAILY,
    personal_data=PERSONAL_DATA,
    erasures=(erase,),
    tabs={"account": tabs.of_account},
)
