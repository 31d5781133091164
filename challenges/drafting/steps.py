"""The steps in which a draft is written: each a form with some fields of the brief, in the order of the pages.

A field of the brief belongs to one step. `CHECK` is the last page, which has no fields.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from wtforms.fields.core import UnboundField

from challenges import brief as briefs
from challenges.brief import Problem
from challenges.forms import (
    AttachmentsForm,
    DatesForm,
    DecidingForm,
    EntryForm,
    PartForm,
    PrizesForm,
    ProblemForm,
    RightsForm,
    RubricForm,
    TypeForm,
)
from crowd.errors import Sentence

CHECK = "check"


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its name in the URL, its title, its form, and the template of its fields."""

    name: str
    title: Sentence
    form: type[PartForm]
    template: str

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the brief that are written here."""
        return tuple(name for name in briefs.FIELDS if hasattr(self.form, name))

    def labels(self) -> dict[str, Sentence]:
        """The labels of these fields, by their names."""
        return {name: _label(getattr(self.form, name)) for name in self.fields}


def _label(field: UnboundField) -> Sentence:
    """Of a field, or of rows, whose first argument is the field of each row."""
    label: Sentence = next(one for one in field.args if not isinstance(one, UnboundField))
    return label


STEPS = (
    Step("problem", _l("Problem"), ProblemForm, "challenges/fields/problem.html"),
    Step("attachments", _l("Attachments and full text"), AttachmentsForm, "challenges/fields/attachments.html"),
    Step("type", _l("Type and tier"), TypeForm, "challenges/fields/type.html"),
    Step("prizes", _l("Prizes"), PrizesForm, "challenges/fields/prizes.html"),
    Step("rubric", _l("Rubric"), RubricForm, "challenges/fields/rubric.html"),
    Step("entry", _l("Who may enter"), EntryForm, "challenges/fields/entry.html"),
    Step("dates", _l("Dates"), DatesForm, "challenges/fields/dates.html"),
    Step("review", _l("Judging and decision"), DecidingForm, "challenges/fields/review.html"),
    Step("rights", _l("Rights in the results"), RightsForm, "challenges/fields/rights.html"),
)
NAMED = {step.name: step for step in STEPS}
STEP_OF = {field: step.name for step in STEPS for field in step.fields}


@dataclass(frozen=True, slots=True)
class Gap:
    """What stops a draft from going to screening: the step and the field where it is put right, and the words."""

    step: str
    field: str
    message: Sentence


def gaps(problems: Iterable[Problem]) -> list[Gap]:
    """What is missing, in the order of the steps."""
    found = [Gap(STEP_OF[field], field, message) for field, message in problems]
    order = [step.name for step in STEPS]
    return sorted(found, key=lambda gap: order.index(gap.step))


def first_to_write(missing: Sequence[Gap]) -> str:
    """The name of the step where something is missing, of the last page where nothing is."""
    return missing[0].step if missing else CHECK


def beside(name: str) -> tuple[str | None, str]:
    """The names of the steps before and after one; the last page comes after the last step."""
    names = [*(step.name for step in STEPS), CHECK]
    at = names.index(name)
    return (names[at - 1] if at else None), names[min(at + 1, len(names) - 1)]
