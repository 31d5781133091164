"""Who may enter: the conditions of a contract, and which of them an entrant does not meet.

They are asked of who enters: the organisation for which somebody registers, or the person who registers for
themselves. Where the contract says so (`shares`), people with whom they share an award meet what is asked of people,
or belong to the organisation. `submissions.entry.eligibility` is what asks.
"""

from collections.abc import Iterator
from datetime import datetime

from flask_babel import lazy_gettext as _

from challenges.entry.clause import Entrants
from challenges.entry.labels import Names
from crowd.accounts.models import Organisation, User
from crowd.canonical import Document
from crowd.errors import Sentence
from crowd.taxonomy.labels import term_code
from crowd.taxonomy.schemes import REGION
from crowd.taxonomy.vocabulary import current

Entrant = User | Organisation


def unmet(rule: Document, entrant: Entrant) -> Iterator[Sentence]:
    """The conditions that the entrant does not meet, each as a sentence. `rule` are the conditions as the document has
    them.
    """
    if isinstance(entrant, Organisation):
        yield from _of_organisation(rule, entrant)
    elif rule["entrants"] == Entrants.ORGANISATIONS:
        yield _("Only organisations may enter, not people for themselves.")
    if rule["regions"] and not _lies_in(rule["regions"], entrant.region_id):
        yield _("Only those in these regions may enter: %(regions)s.", regions=Names(rule["regions"], "regions"))


def unmet_by_share(rule: Document, person: User, entrant: Entrant, since: datetime) -> Iterator[Sentence]:
    """The conditions that a person with a share does not meet: none where they are who entered, or have belonged to the
    organisation that did `since` then.
    """
    found = list(unmet(rule, person)) if rule["shares"] else []
    if found and not _is_inside(person, entrant, since):
        yield from found


def _is_inside(person: User, entrant: Entrant, since: datetime) -> bool:
    return person.has_belonged(entrant, since) if isinstance(entrant, Organisation) else person.id == entrant.id


def _of_organisation(rule: Document, entrant: Organisation) -> Iterator[Sentence]:
    if rule["entrants"] == Entrants.PEOPLE:
        yield _("Only people may enter for themselves, not organisations.")
        return
    if rule["verified_only"] and entrant.verified_at is None:
        yield _("Only verified organisations may enter.")
    if rule["kinds"] and not _is_of(rule["kinds"], entrant):
        yield _("Only organisations of these kinds may enter: %(kinds)s.", kinds=Names(rule["kinds"], "kinds"))
    if rule["ownership"] and not _owned(rule["ownership"], entrant):
        names = Names(rule["ownership"], "ownership")
        yield _("Only organisations with this ownership may enter: %(kinds)s.", kinds=names)


def _is_of(codes: list[str], entrant: Organisation) -> bool:
    agency = term_code(entrant.agency_kind_id)
    return entrant.kind in codes or (bool(agency) and f"{entrant.kind}:{agency}" in codes)


def _owned(codes: list[str], entrant: Organisation) -> bool:
    return entrant.ownership_kind_id is not None and term_code(entrant.ownership_kind_id) in codes


def _lies_in(codes: list[str], region_id: int | None) -> bool:
    """Whether the region is one of these, or lies below one."""
    known = current()
    region = known.by_id(region_id)
    wanted = {entry.id for code in codes if (entry := known.get(REGION, code))}
    return region is not None and any(one.id in wanted for one in known.above(region))
