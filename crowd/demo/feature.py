"""What the demonstration declares: its pages and the words of its one recorded operation."""

from flask_babel import lazy_gettext as _l

from crowd.demo import views
from crowd.feature import Feature

AUDIT = {
    "story.told": _l("Loaded the demonstration data"),
}
SUBJECTS = {
    "demonstration": _l("Demonstration"),
}

FEATURE = Feature(
    name="demo",
    blueprints=(views.blueprint,),
    audit=AUDIT,
    subjects=SUBJECTS,
)
