"""The names of what can be chosen about entering, in the reader's language."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from babel.lists import format_list
from flask_babel import lazy_gettext as _l

from challenges.entry.clause import Entrants, Readership
from crowd.errors import Sentence
from crowd.taxonomy.labels import path_name, term_name
from crowd.taxonomy.schemes import AGENCY_KIND, OWNERSHIP_KIND, REGION
from crowd.taxonomy.vocabulary import current
from crowd.web.labels import state_label
from crowd.web.request_locale import reader

ENTRANTS: dict[str, Sentence] = {
    Entrants.ANYONE: _l("People and organisations"),
    Entrants.PEOPLE: _l("Only people, for themselves"),
    Entrants.ORGANISATIONS: _l("Only organisations"),
}
AUDIENCES: dict[str, Sentence] = {
    Readership.PUBLIC: _l("everybody"),
    Readership.REGISTERED: _l("after the registration"),
    Readership.SIGNED: _l("after the NDA"),
}


def kind_name(code: str) -> str:
    """The name of a kind of organisation, or of a kind of agency."""
    kind, _colon, agency = code.partition(":")
    return term_name(current().get(AGENCY_KIND, agency)) if agency else str(state_label(kind, "organisation_kind"))


def ownership_name(code: str) -> str:
    """The name of a kind of ownership."""
    return term_name(current().get(OWNERSHIP_KIND, code))


def region_name(code: str) -> str:
    """The name of a region with those above it."""
    return path_name(current().get(REGION, code))


NAMES: dict[str, Callable[[str], str]] = {
    "kinds": kind_name, "ownership": ownership_name, "regions": region_name,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """The names of some codes, when a sentence with them is read: in the language of who reads it."""

    codes: Sequence[str]
    what: str

    def __str__(self) -> str:
        return format_list([NAMES[self.what](code) for code in self.codes], "or", locale=reader().name)
