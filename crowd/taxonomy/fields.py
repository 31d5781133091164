"""A field of forms that takes a term by any of its names, or by its code."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.form import BaseForm
from wtforms.validators import ValidationError

from crowd.errors import Sentence
from crowd.taxonomy.labels import path_name
from crowd.taxonomy.lookup import Lookup, lookup
from crowd.taxonomy.schemes import REGION
from crowd.taxonomy.vocabulary import current

NO_TERM = _l("No term of this list has this name or code.")
NO_PLACE = _l("We do not know this place. Write a country, or a province or city of China.")
SUGGESTED = 1_000  # terms: a longer list is not sent with the page


class TermNameField(StringField):
    """A term of a scheme by its name, or none; `data` is its id. The browser suggests the names of the scheme."""

    data: Any

    def __init__(
        self, label: Sentence = None, validators: Sequence[object] = (), *, scheme: str, **kwargs: Any
    ) -> None:
        super().__init__(label, list(validators), render_kw={"autocomplete": "off"}, **kwargs)
        self.scheme = scheme

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
            raise ValidationError(not_found(self.scheme, found))
        self.data = found.term.id if found.term else None

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else path_name(self.data)


def suggestions(scheme: str) -> list[str]:
    """The names of a scheme's terms for the browser to offer; none of a list that is too long for a page."""
    terms = current().all(scheme)
    return [path_name(term) for term in terms] if len(terms) <= SUGGESTED else []


def not_found(scheme: str, found: Lookup) -> Sentence:
    """Why no term was found, with those that may be meant."""
    if not found.alike:
        return NO_PLACE if scheme == REGION else NO_TERM
    return _("This may mean several. Choose one: %(names)s", names=" · ".join(map(path_name, found.alike)))
