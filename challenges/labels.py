"""The names of challenge types and stages on pages."""

from typing import Any

from flask_babel import lazy_gettext as _l

from challenges.models import Stage

STAGES: dict[Stage, Any] = {
    Stage.IDEA: _l("0 to 1: an idea"),
    Stage.PROTOTYPE: _l("1 to 10: a prototype"),
    Stage.PRODUCT: _l("10 to 100: a product"),
}
