"""What following declares: its pages, and the group of notifications that followers get."""

from flask_babel import lazy_gettext as _l

from crowd.feature import Feature
from crowd.following import tabs, views
from crowd.notifications.kinds import FOLLOWING
from crowd.notifications.models import Frequency

FEATURE = Feature(
    name=FOLLOWING,
    blueprints=(views.blueprint,),
    notification_group=_l("Following: challenges, organisations and searches that you follow"),
    notification_frequency=Frequency.DAILY,
    tabs={"account": tabs.of_account},
)
