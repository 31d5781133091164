"""Forms: shape and type of input, one class for a page and for the API; business rules are in the services.

Every text is cleaned on the way in. Fields are in `crowd/web/fields.py`.
"""

import re
from collections.abc import Callable
from functools import cache
from itertools import chain
from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FileField,
    FormField,
    HiddenField,
    PasswordField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.fields.choices import SelectFieldBase
from wtforms.fields.core import UnboundField

from crowd import text
from crowd.errors import Conflict, Invalid, Sentence
from crowd.web import once
from crowd.web.fields import Length, area, limit

MAX_CHOICE_LENGTH = 2_000  # characters; longer than any that is offered
NOT_OFFERED = _l("Choose one of the options.")
NOT_TEXT = (PasswordField, FieldList, FormField)
UNTYPED = (*NOT_TEXT, BooleanField, FileField, HiddenField, SelectFieldBase, SubmitField)


def typed_label(name: str) -> Any:
    """The label of the field of that name into which people type; None for choices and for hidden values."""
    row = re.fullmatch(r"\w+-\d+-(\w+)", name)
    return _labels(Fieldset).get(row[1]) if row else _labels(Form).get(name)


@cache
def _labels(base: Any) -> dict[str, Any]:
    """The labels of all such fields of the forms derived from `base`, by the fields' names. Those of rows are apart."""
    found: dict[str, Any] = {}
    for form in base.__subclasses__():
        if form is Fieldset:
            continue
        for name, field in vars(form).items():
            if isinstance(field, UnboundField) and not issubclass(field.field_class, UNTYPED) and field.args:
                found.setdefault(name, field.args[0])
        found = _labels(form) | found
    return found


class Form(FlaskForm):
    """The base of every form. `values()` is what a service gets; `passes()` calls it and shows its errors."""

    outcome: Any = None  # what the service returned
    conflict: Conflict | None = None  # what another person or the clock changed before the form arrived

    class Meta(FlaskForm.Meta):
        """Every text field cleans its text, and every invalid choice has the same message."""

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            """Bind, with the cleaning filter before the field's own filters."""
            if issubclass(unbound_field.field_class, SelectField):
                options |= dict.fromkeys(("invalid_choice_message", "invalid_value_message"), str(NOT_OFFERED))
            if issubclass(unbound_field.field_class, NOT_TEXT):
                return unbound_field.bind(form=form, **options)
            filters = [_cleaner(unbound_field), *unbound_field.kwargs.get("filters", ())]
            return unbound_field.bind(form=form, **{**options, "filters": filters})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self:
            for rule in field.validators:
                if isinstance(rule, Length):
                    field.flags.maxlength = rule.most()

    def hidden_tag(self, *fields: Any) -> Markup:
        """The hidden fields, with the token that makes this form act once."""
        return Markup(super().hidden_tag(*fields)) + once.hidden_field()  # noqa: S704 - as the library wrote it

    def values(self) -> dict[str, Any]:
        """The fields' data by name, without the token, as keyword arguments of a service."""
        return {name: field.data for name, field in self._fields.items() if name != "csrf_token"}

    @property
    def status(self) -> int:
        """The status of the page that shows this form: 200, 422 with what was wrong, 409 with what has changed."""
        if self.conflict is not None:
            return self.conflict.status
        return Invalid.status if self.is_submitted() and self.errors else 200

    def refuse(self, refusal: Invalid | Conflict) -> None:
        """Put a service's messages at their fields; those without a field go to the top of the form."""
        if isinstance(refusal, Conflict):
            self.conflict = refusal
            self.form_errors.append(str(refusal.message))
            return
        for name, messages in refusal.fields.items():
            field = self._fields.get(name)
            if field is None:
                self.form_errors.extend(str(message) for message in messages)
            else:
                field.errors = [*field.errors, *(str(message) for message in messages)]
        if not refusal.fields:
            self.form_errors.append(str(refusal.message))

    def passes(self, act: Callable[[], object]) -> bool:
        """Whether the form is valid and the service accepts it: `outcome` is what the service returned.

        Otherwise the form keeps what was typed and the errors, to be shown again with `status`: nobody has to type it
        again because it was rejected or because another person was faster.
        """
        if not self.validate_on_submit():
            return False
        try:
            self.outcome = act()
        except (Invalid, Conflict) as refusal:
            self.refuse(refusal)
            return False
        return True

    def check(self) -> Self:
        """Validate and return the form. Raises Invalid with all messages by field: where no page shows them."""
        if not self.validate():
            raise Invalid(_("Please correct the following"), fields=_messages(self))
        return self


class Fieldset(Form):
    """A form inside a form: a row of `Rows(FormField(PrizeForm), ...)`. The outer form carries the token."""

    class Meta(Form.Meta):
        csrf = False

    def blank(self) -> bool:
        """Whether nothing was typed into this row."""
        typed = (
            text for field in self for text in field.raw_data or () if field.type not in ("SelectField", "BooleanField")
        )
        return not any(isinstance(text, str) and text.strip() for text in typed)


class Rows(FieldList):
    """Rows of a form inside a form. Blank rows do not count: they are neither checked nor in `data`.

    `spare` blank rows are shown after the filled ones, so that rows can be added without scripts. `most` names the
    limit of rows; `least` is how many must be filled.
    """

    def __init__(
        self, unbound: Any, label: Sentence = None, *, most: str, least: int = 0, spare: int = 1, **kwargs: Any
    ):
        super().__init__(unbound, label, **kwargs)
        self.most, self.least, self.spare = most, least, spare

    def process(self, formdata: Any, data: Any = (), extra_filters: Any = None) -> None:
        """Read the rows, drop the blank ones, and add the spare ones for display."""
        super().process(formdata, data or (), extra_filters)
        if formdata:
            self.entries: list[Any] = [entry for entry in self.entries if not entry.form.blank()]
            self._compact_indices()
        self._filled = len(self.entries)
        room = max(0, limit(self.most) - self._filled)
        for _row in range(min(room, max(self.spare, self.least - self._filled))):
            self._add_entry(None)

    def add(self, data: dict[str, object]) -> None:
        """A filled row behind the others, before the spare ones."""
        spare = self.entries[self._filled :]
        del self.entries[self._filled :]
        self._compact_indices()
        self._add_entry(data=data)
        self._filled += 1
        self.entries += spare
        self._compact_indices()

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Check the filled rows and their number."""
        rows = self.entries[: self._filled]
        self.errors = [entry.errors for entry in rows if not entry.validate(form)]
        if self._filled < self.least:
            self.errors.append(_("Fill in at least %(number)s.", number=self.least))
        if self._filled > limit(self.most):
            self.errors.append(_("There may be at most %(number)s.", number=limit(self.most)))
        return not self.errors

    @property
    def data(self) -> list[Any]:
        """The filled rows only."""
        return [entry.data for entry in self.filled]

    @property
    def filled(self) -> list[FormField]:
        """The filled rows, as they are shown."""
        return self.entries[: self._filled]


def _cleaner(unbound_field: Any) -> Callable[[Any], Any]:
    """What cleans a field's text; a text that is too long for the field's rules stays unchanged and is rejected."""
    rules = [*unbound_field.kwargs.get("validators", ()), *chain.from_iterable(unbound_field.args[1:2])]
    most = next((rule.most() for rule in rules if isinstance(rule, Length)), None)
    if most is None:  # a choice, or a value that the page itself set
        return lambda data: text.clean(data[:MAX_CHOICE_LENGTH]) if isinstance(data, str) else data
    kind = unbound_field.field_class
    one_line = issubclass(kind, StringField) and not issubclass(kind, TextAreaField)
    read = text.clean_line if one_line else text.clean
    return lambda data: read(data, most) if isinstance(data, str) else data


def _messages(form: Form) -> dict[str, list[Sentence]]:
    """Errors by field, of a form without rows."""
    found: dict[str, list[Sentence]] = {}
    for field in form:
        if field.errors:
            found[field.name] = [str(error) for error in field.errors]
    return found


class ReasonForm(Form):
    """The reason of an operation: it is shown to whom it concerns, or kept in the audit trail."""

    reason = area(_l("Reason"), "max_reason_length", rows=3)
