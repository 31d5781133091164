"""What an organisation is and where, as terms of the taxonomy."""

from flask_babel import lazy_gettext as _

from crowd.accounts.models import Organisation, OrganisationKind
from crowd.errors import Invalid
from crowd.taxonomy.lookup import lookup
from crowd.taxonomy.schemes import CHINA, REGION
from crowd.taxonomy.vocabulary import current
from crowd.web.forms import NOT_OFFERED

OF_CHINA = {"HK": "810000", "MO": "820000", "TW": "710000"}  # codes of ISO 3166 that are regions of China here
COLUMNS = {"agency_kind_id": "agency_kind", "ownership_kind_id": "ownership_kind", "stage_id": "stage"}


def describe(row: Organisation, **terms: int | None) -> None:
    """Set the terms of an organisation (COLUMNS) and its region.

    Raises Invalid for a term of another scheme, and for a kind of agency where it is no agency.
    """
    if terms.get("agency_kind_id") is not None and row.kind != OrganisationKind.AGENCY:
        raise Invalid.at("agency_kind_id", _("Only agencies have a kind of agency."))
    vocabulary = current()
    for column, term_id in terms.items():
        entry = vocabulary.by_id(term_id)
        if term_id is not None and (entry is None or entry.scheme != COLUMNS[column]):
            raise Invalid.at(column, NOT_OFFERED)
        setattr(row, column, entry.id if entry else None)
    row.region_id = region_of(row.country, row.city)


def region_of(country: str, city: str) -> int | None:
    """The region of a place: the one below the country that the city means, also after its province, else the country
    itself.
    """
    vocabulary = current()
    whole = vocabulary.get(REGION, OF_CHINA.get(country, country)) if country else None
    if whole is None:
        return None
    found = lookup(REGION, city).term if city and country == CHINA else None
    return found.id if found is not None and whole in vocabulary.above(found) else whole.id
