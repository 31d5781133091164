"""The form with which a keeper enters somebody: the holder, the fields of the register, and the reason."""

from functools import cache
from typing import cast

from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectChoice, SelectField

from crowd.errors import Sentence
from crowd.feature import declared
from crowd.register_kinds import RegisterField, RegisterKind
from crowd.web.fields import area, line
from crowd.web.forms import Form

PREFIX = "data_"  # of the fields of the register
WHO = {
    "user": (_l("Email address of the person"), _l("Of their account here.")),
    "organisation": (_l("Organisation"), _l("Its registration number, or its name as it is written here.")),
}


def _holder(label: Sentence, hint: Sentence = "") -> Field:
    return line(label, "254", description=hint, render_kw={"autocomplete": "off"})


def _reason() -> Field:
    return area(_l("Reason"), "max_reason_length", rows=3, description=_l("The holder reads it; it is not public."))


class GrantForm(Form):
    """What every register asks; `form_of` puts the fields of one between them."""

    holder, reason = _holder(_l("Holder")), _reason()

    def typed(self) -> dict[str, str]:
        """The holder and the reason."""
        return {"holder": self.holder.data or "", "reason": self.reason.data or ""}

    def entry(self) -> dict[str, object]:
        """What is typed into the fields of the register."""
        return {
            name.removeprefix(PREFIX): field.data for name, field in self._fields.items() if name.startswith(PREFIX)
        }


@cache
def form_of(register: str) -> type[GrantForm]:
    """The form of a register."""
    kind: RegisterKind = declared().registers[register]
    fields = {f"{PREFIX}{name}": _field(field) for name, field in kind.fields.items()}
    whole = {"holder": _holder(*WHO[kind.holder]), **fields, "reason": _reason()}
    return cast(type[GrantForm], type(f"GrantFormOf{kind.prefix}", (GrantForm,), whole))


def _field(field: RegisterField) -> Field:
    if field.choices:
        choices = [SelectChoice(value, label) for value, label in field.choices.items()]
        return SelectField(field.label, choices=choices)
    return line(field.label, "300", description=field.description)
