"""A field of forms that takes a term by any of its names, or by its code."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.form import BaseForm
from wtforms.validators import ValidationError

from crowd.errors import Sentence
from crowd.taxonomy.labels import path_name
from crowd.taxonomy.lookup import Lookup, lookup
from crowd.taxonomy.vocabulary import current

NO_TERM = _l("No term of this list has this name or code.")
SUGGESTED = 1_000  # terms: a longer list is not sent with the page


class TermNameField(StringField):
    """A term of a scheme by its name, or none; `data` is its id. The browser suggests the names of the scheme.

    `unknown` is said where no term is found.
    """

    data: Any

    def __init__(
        self, label: Sentence = None, validators: Any = None, *, scheme: str, unknown: Sentence = NO_TERM, **kwargs: Any
    ) -> None:
        keywords = {"autocomplete": "off", **kwargs.pop("render_kw", {})}
        super().__init__(label, validators, render_kw=keywords, **kwargs)
        self.scheme, self.unknown = scheme, unknown

    @property
    def suggestions(self) -> list[str]:
        """What the browser offers while somebody types."""
        return suggestions(self.scheme)

    def post_validate(self, form: BaseForm, validation_stopped: bool) -> None:
        """It must be a term of the scheme, and one only."""
        if self.errors:
            return
        typed = str(self.data or "").strip()
        found = lookup(self.scheme, typed)
        if typed and found.term is None:
            raise ValidationError(not_found(found, self.unknown))
        self.data = found.term.id if found.term else None

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else path_name(self.data)


def suggestions(scheme: str) -> list[str]:
    """The names of a scheme's terms for the browser to offer; none of a list that is too long for a page."""
    terms = current().all(scheme)
    return [path_name(term) for term in terms] if len(terms) <= SUGGESTED else []


def not_found(found: Lookup, unknown: Sentence) -> str:
    """Why no term was found, with the terms that may be meant."""
    names = [path_name(term) for term in found.alike]
    if not names:
        return str(unknown)
    return _("%(unknown)s Do you mean one of these? %(names)s", unknown=unknown, names=" · ".join(names))
