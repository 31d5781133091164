"""The editor of a published challenge: the brief, why it changes, and how much the sponsor says the change weighs."""

from dataclasses import replace

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectChoice, SelectField

from challenges.brief import Brief
from challenges.contract import services
from challenges.forms import BriefForm, filled
from challenges.models import Challenge
from crowd.contracts.workflow import ChangeClass
from crowd.errors import Invalid
from crowd.web.arguments import posted
from crowd.web.fields import area

CLASSES = [
    SelectChoice("", _l("as the platform finds")),
    SelectChoice(ChangeClass.CLARIFYING.value, _l("at least a clarification")),
    SelectChoice(ChangeClass.MATERIAL.value, _l("a material change: everybody registered accepts again")),
]


class AmendForm(BriefForm):
    """`shown` is the digest of the version whose check the person saw; a change of anything shows the check again."""

    reason = area(_l("Why it changes"), "max_reason_length", optional=True, rows=3)  # needed once it is published
    change_class = SelectField(_l("Treat it as"), choices=CLASSES, default="")
    shown = HiddenField()

    def __init__(self, present: Brief) -> None:
        super().__init__(data=filled(present))
        self.present = present

    def brief(self) -> Brief:
        """The changed brief. What stays is as it is in force, and so is a date whose shown second was not changed."""
        present = self.present
        typed = replace(present, **self.changes())
        assert present.closes_at is not None
        same = typed.closes_at == present.closes_at.replace(microsecond=0)
        return replace(
            typed,
            currency=present.currency,
            language=present.language,
            type=present.type,
            tier=present.tier,
            opens_at=present.opens_at,
            closes_at=present.closes_at if same else typed.closes_at,
        )

    def wanted(self) -> ChangeClass | None:
        """The class that the sponsor gives it, if any."""
        return ChangeClass(self.change_class.data) if self.change_class.data else None

    def is_confirmed(self) -> bool:
        """Whether the person pressed the button under the check."""
        return "publish" in posted()

    @property
    def lacks_only_reason(self) -> bool:
        """Whether the change itself is right, and only the reason is missing."""
        return set(self.errors) <= {"reason"}

    def planned(self, challenge: Challenge) -> services.Plan | None:
        """What the change would be; None, with messages at the fields, where it is not possible."""
        try:
            found = services.plan(challenge, self.brief(), wanted=self.wanted())
        except Invalid as refusal:
            self.refuse(refusal)
            return None
        self.shown.data = found.digest
        return found
