"""Fields of forms: text with its length, numbers, money, tags, and choices that every package uses.

Text is cleaned (`crowd.text`) where it is not too long to be processed. Lengths come from the settings by name. A
field whose meaning depends on another (an amount on its currency) reads that one. Dates and times: `time_fields`.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Optional, StopValidation, ValidationError
from wtforms.widgets import TextInput

from crowd import email_address, money, numbers, text
from crowd.config import limits
from crowd.errors import Sentence
from crowd.languages import LANGUAGES
from crowd.limits import Limits
from crowd.numbers import Unreadable
from crowd.text import MAX_EMAIL_LENGTH
from crowd.web import readings

REQUIRED = _l("Please fill this in.")
NO_ADDRESS = _l("This is not an email address that we can write to.")
MAX_READ_LENGTH = numbers.MAX_LENGTH + 1  # characters of a number or a time; longer text is not parsed


def limit(name: str) -> int:
    """The limit of that name in the running platform's settings."""
    return int(getattr(limits(), name))


class Length:
    """At most as many characters as the limit of that name allows; the field tells the browser, too.

    It is the first rule of a text field, and stops the others where it fails.
    """

    def __init__(self, name: str, least: int = 0) -> None:
        self.name, self.least = name, least

    def most(self) -> int:
        """The limit in force."""
        return limit(self.name) if hasattr(Limits, self.name) else int(self.name)

    def __call__(self, form: Any, field: Field) -> None:
        length = len(field.data or "")
        if length > self.most():
            excess = length - self.most()
            raise StopValidation(
                _("Too long by %(number)s characters (at most %(most)s).", number=excess, most=self.most())
            )
        if field.data and length < self.least:
            raise ValidationError(_("Please write at least %(number)s characters.", number=self.least))


def required() -> InputRequired:
    """The field must be filled; with our message."""
    return InputRequired(message=REQUIRED)


def line(label: Sentence, most: str, *, optional: bool = False, least: int = 0, **options: Any) -> StringField:
    """A field of one line; `most` names a limit of the settings (`max_title_length`) or is a number as text ("80")."""
    return StringField(label, [*_presence(optional), Length(most, least), *options.pop("validators", ())], **options)


def at_most(field: Field, number: int) -> None:
    """Replace the limit of a text field by a number that applies here only."""
    field.validators = [
        Length(str(number), rule.least) if isinstance(rule, Length) else rule for rule in field.validators
    ]
    field.flags.maxlength = number


def address(label: Sentence) -> StringField:
    """A field of one email address. One that is too long is not parsed."""
    keywords = {"type": "email", "autocomplete": "off"}
    return line(label, str(MAX_EMAIL_LENGTH), validators=[_is_address], render_kw=keywords)


def _is_address(form: Any, field: Field) -> None:
    """The text must be an address; `data` becomes the form in which it is stored."""
    try:
        field.data = email_address.read(field.data or "")
    except ValueError:
        raise ValidationError(NO_ADDRESS) from None


def area(
    label: Sentence,
    most: str,
    *,
    optional: bool = False,
    least: int = 0,
    rows: int = 8,
    markdown: bool = False,
    **options: Any,
) -> TextAreaField:
    """A field of many lines, with the same arguments as `line`; with `markdown` it has buttons for that."""
    keywords = {"rows": rows, **({"data-markdown": ""} if markdown else {}), **options.pop("render_kw", {})}
    return TextAreaField(label, [*_presence(optional), Length(most, least)], render_kw=keywords, **options)


def _presence(optional: bool) -> list[Optional | DataRequired]:
    return [Optional()] if optional else [DataRequired(message=REQUIRED)]  # after cleaning: spaces count as empty


class ParsedField(Field):
    """A field whose text is parsed once the field that it depends on is known: `_read(typed)` sets `data` or
    an error.
    """

    data: Any
    process_errors: list[Sentence]

    def process_formdata(self, valuelist: list[str]) -> None:
        """Wait: `post_process` reads what was typed."""
        self.data = None

    def post_process(self, formdata: Any = None) -> None:
        """Read what was typed, now that the other fields are filled."""
        super().post_process(formdata)
        if self.raw_data is None:
            return
        self.process_errors = []
        self.data = None
        typed = str(self.raw_data[0]).strip() if self.raw_data else ""
        if typed:
            self._read(typed[:MAX_READ_LENGTH])

    def _read(self, typed: str) -> None:
        raise NotImplementedError

    def _beside(self, name: str | None) -> Field | None:
        """The field of that name in this form or in one of those around it."""
        form = self._form
        while form is not None and name:
            if name in form:
                return form[name]
            form = form._parent_form
        return None


class NumberField(ParsedField):
    """A number in a line of text: a browser's number field rejects full-width digits and changes with the
    mouse wheel.
    """

    widget = TextInput()

    def __init__(self, label: Sentence, validators: Sequence[object], *, mode: str, **kwargs: Any) -> None:
        keywords = {"inputmode": mode, "autocomplete": "off", **kwargs.pop("render_kw", {})}
        super().__init__(label, list(validators), render_kw=keywords, **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self._shown()

    def _shown(self) -> str:
        """The field's text for its data."""
        return str(self.data)


class MoneyField(NumberField):
    """An amount as a person types it, parsed by `money.parse`; `data` is minor units of the currency, or None.

    `currency` is the name of the field (in this form or in the one around it) that holds the currency; where there is
    no such field, it is a currency itself, or None for the platform's. `least` and `most` are in minor units.
    """

    def __init__(self, label: Sentence = None, validators: Sequence[Any] = (), *, currency: str | None = "currency",
                 least: int = 1, most: int = money.MAX_AMOUNT, **kwargs: Any) -> None:  # fmt: skip
        super().__init__(label, validators, mode="decimal", **kwargs)
        self.named, self.least, self.most = currency, least, most

    @property
    def currency(self) -> str:
        """The currency in force: the other field's, the fixed one, or the platform's."""
        other = self._beside(self.named)
        chosen = str(other.data) if other is not None else self.named
        return chosen if chosen in money.CURRENCIES else str(current_app.config["CROWD"].currency)

    @property
    def understood(self) -> str:
        """How the amount was understood; nothing where there is none."""
        return "" if self.data is None else readings.understood(self.data, self.currency)

    @property
    def beside(self) -> str:
        """The name of the field that holds the currency, where there is one."""
        other = self._beside(self.named)
        return str(other.name) if other is not None else ""

    def _read(self, typed: str) -> None:
        try:
            self.data = money.parse(typed, self.currency).amount
        except Unreadable as error:
            self.process_errors = [readings.refusal(error, self.currency)]

    def pre_validate(self, form: Any) -> None:
        """The amount lies within its bounds."""
        if self.data is None:
            return
        if self.data < self.least:
            raise ValidationError(_("The minimum amount is %(amount)s.", amount=self._major(self.least)))
        if self.data > self.most:
            raise ValidationError(_("The largest amount is %(amount)s.", amount=self._major(self.most)))

    def _major(self, amount: int) -> str:
        return f"{money.Money(self.currency, amount).decimal:f}"

    def _shown(self) -> str:
        return self._major(self.data)


class WholeField(NumberField):
    """A whole number between two bounds; `wrong` is the message for any other."""

    def __init__(
        self, label: Sentence = None, validators: Sequence[Any] = (), *, least: int = 0,
        most: int | Decimal = money.MAX_AMOUNT, wrong: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(label, validators, mode="numeric", **kwargs)
        self.least, self.most, self.wrong = least, most, wrong

    def _read(self, typed: str) -> None:
        try:
            self.data = numbers.read(typed, 0)
        except Unreadable:
            self.process_errors = [self._wrong()]

    def pre_validate(self, form: Any) -> None:
        """The number lies within its bounds."""
        if self.data is not None and not self.least <= self.data <= self.most:
            raise StopValidation(self._wrong())

    def _wrong(self) -> str:
        if self.wrong:
            return self.wrong
        if self.most == money.MAX_AMOUNT:
            return _("Write a whole number of at least %(least)s in digits.", least=self.least)
        return _("Write a whole number from %(least)s to %(most)s.", least=self.least, most=self.most)


class DecimalField(WholeField):
    """A number with at most two decimals between two bounds; `wrong` is the message for any other."""

    decimals = 2

    def _read(self, typed: str) -> None:
        try:
            self.data = Decimal(numbers.read(typed, self.decimals)).scaleb(-self.decimals)
        except Unreadable:
            self.process_errors = [self._wrong()]

    def _shown(self) -> str:
        text = f"{self.data:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def _wrong(self) -> str:
        return self.wrong or _(
            "Write a number from %(least)s to %(most)s, with at most two decimals.", least=self.least, most=self.most
        )


class PercentField(NumberField):
    """A part of the whole in percent, with at most two decimals; `points` is the same in hundredths of a percent.

    `least` is the smallest part in hundredths of a percent.
    """

    def __init__(self, label: Sentence = None, *, least: int = 1, **kwargs: Any) -> None:
        super().__init__(label, [InputRequired(message=REQUIRED)], mode="decimal", **kwargs)
        self.least = Decimal(least) / 100

    def _read(self, typed: str) -> None:
        try:
            self.data = Decimal(numbers.read(numbers.plain(typed).removesuffix("%"), 2)) / 100
        except Unreadable:
            self.process_errors = [self._wrong()]

    def pre_validate(self, form: Any) -> None:
        """Between the smallest part and the whole."""
        if self.data is not None and not self.least <= self.data <= 100:
            raise StopValidation(self._wrong())

    @property
    def points(self) -> int:
        """The part in hundredths of a percent."""
        return int((self.data or 0) * 100)

    def _shown(self) -> str:
        return f"{self.data:.2f}"

    def _wrong(self) -> str:
        return _("Between %(least)s and 100 percent, with at most two decimals.", least=self.least)


class TagsField(Field):
    """Tags in one line, separated by commas of either script; `data` is a list without doubles.

    A space belongs to a tag ("leak detection"). Number and length follow the settings. JSON may give a list.
    """

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Split and clean; the first spelling of a tag is used."""
        most = limit("tags") * (limit("max_tag_length") + 2)
        typed = "\n".join(map(str, valuelist))
        self.data = [typed] if text.is_too_long(typed, most) else self._split(text.clean(typed))

    def _split(self, typed: str) -> list[str]:
        seen: dict[str, str] = {}
        for part in re.split(r"[,，、;；\n]", typed):
            tag = " ".join(part.split())
            if tag:
                seen.setdefault(text.key(tag), tag)
        return list(seen.values())

    def pre_validate(self, form: Any) -> None:
        """Neither too many nor too long."""
        tags = self.data or []
        if len(tags) > limit("tags"):
            raise ValidationError(_("There may be at most %(number)s tags.", number=limit("tags")))
        if any(len(tag) > limit("max_tag_length") for tag in tags):
            raise ValidationError(_("A tag may have at most %(number)s characters.", number=limit("max_tag_length")))

    def _value(self) -> str:
        return ", ".join(self.data or [])


class LanguageField(SelectField):
    """One of the platform's languages, each called by its own name."""

    def __init__(self, label: Sentence = None, **kwargs: Any) -> None:
        super().__init__(label, choices=[SelectChoice(one.locale, one.name) for one in LANGUAGES.values()], **kwargs)
        self.type = "SelectField"


class CurrencyField(SelectField):
    """One of the platform's currencies."""

    def __init__(self, label: Sentence = None, **kwargs: Any) -> None:
        super().__init__(label, choices=[SelectChoice(code, code) for code in money.CURRENCIES], **kwargs)
        self.type = "SelectField"
