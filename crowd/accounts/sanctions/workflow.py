"""States of a sanction, and what the council can decide."""

from enum import StrEnum
from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext

from crowd.errors import Sentence
from crowd.workflow import TransitionWording


class SanctionState(StrEnum):
    """Decided: it begins once the time for an appeal is over. In force; ended by its time; lifted by an appeal."""

    DECIDED = "decided"
    IN_FORCE = "in_force"
    ENDED = "ended"
    LIFTED = "lifted"


TRANSITIONS = {
    "begin": ({SanctionState.DECIDED}, SanctionState.IN_FORCE),
    "end": ({SanctionState.IN_FORCE}, SanctionState.ENDED),
    "lift": ({SanctionState.DECIDED}, SanctionState.LIFTED),
}
WORDING = TransitionWording(
    states={
        SanctionState.DECIDED: _l("This sanction is decided and has not begun."),
        SanctionState.IN_FORCE: _l("This sanction is in force."),
        SanctionState.ENDED: _l("This sanction has ended."),
        SanctionState.LIFTED: _l("This sanction was lifted."),
    },
    operations={
        "begin": _l("Only a sanction that was decided begins."),
        "end": _l("Only a sanction that is in force ends."),
        "lift": _l("Only a sanction that has not begun is lifted."),
    },
)


class SanctionKind(StrEnum):
    """What a sanction does."""

    WARNING = "warning"
    SUSPENSION = "suspension"
    EXCLUSION = "exclusion"


class Measure(NamedTuple):
    """A kind of sanction, for so many days where it ends by itself."""

    kind: SanctionKind
    days: int | None
    label: Sentence

    @property
    def is_warning(self) -> bool:
        """Whether it closes nothing."""
        return self.kind == SanctionKind.WARNING


def _suspension(days: int) -> Measure:
    label = lazy_ngettext("Suspension for %(num)d day", "Suspension for %(num)d days", days)
    return Measure(SanctionKind.SUSPENSION, days, label)


APPEAL = "sanction_appeal"  # the kind of case
WARNING = "warning"
MEASURES = {
    WARNING: Measure(SanctionKind.WARNING, None, _l("Warning")),
    "suspension_30": _suspension(30),
    "suspension_90": _suspension(90),
    "suspension_365": _suspension(365),
    "exclusion": Measure(SanctionKind.EXCLUSION, None, _l("Exclusion")),
}
