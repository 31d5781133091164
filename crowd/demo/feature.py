"""What the demonstration declares: its pages and the words of its one recorded operation."""

from flask_babel import lazy_gettext as _l

from crowd.demo import views
from crowd.feature import Feature

AUDIT = {
    "demo.loaded": _l("Loaded the demonstration data"),
}
SUBJECTS = {
    "demo": _l("Demonstration"),
}

FEATURE = Feature(
    name="demo",
    blueprints=(views.blueprint,),
    audit=AUDIT,
    subjects=SUBJECTS,
)
