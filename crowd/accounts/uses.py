"""How many people, organisations and units use a term, for the taxonomy's operator. Of people, those who show it."""

import sqlalchemy as sa
from flask import url_for
from flask_babel import ngettext

from crowd.accounts.models import Organisation, User
from crowd.accounts.organisations.terms import COLUMNS
from crowd.accounts.profiles.visibility import visible_clause
from crowd.accounts.questions import ORGANISATION_LIST
from crowd.accounts.units.models import OperatorUnit
from crowd.db import Model
from crowd.feature import TermUse
from crowd.taxonomy.schemes import FIELD, REGION
from crowd.taxonomy.vocabulary import Entry, current

_COLUMNS = {scheme: column for column, scheme in COLUMNS.items()} | {REGION: "region_id"}


def _counted(kind: type[Model], *clauses: sa.SQLColumnExpression[bool]) -> sa.Select[int]:
    return sa.select(sa.func.count()).select_from(kind).where(*clauses)


def _people(entry: Entry) -> sa.Select[int] | None:
    if entry.scheme == FIELD:
        return _knowing(sa.literal(list(entry.spellings), sa.ARRAY(sa.Text)))
    if entry.scheme == REGION:
        return _counted(User, User.active, User.region_id.in_(current().ids_of(entry)), visible_clause(None, "region"))
    return None


def _knowing(spellings: sa.ColumnElement[list[str]]) -> sa.Select[int]:
    return _counted(User, User.active, User.expertise.overlap(spellings), visible_clause(None, "expertise"))


def _organisations(entry: Entry) -> sa.Select[int] | None:
    column = _COLUMNS.get(entry.scheme)
    ids = current().ids_of(entry)
    return _counted(Organisation, getattr(Organisation, column).in_(ids)) if column else None


def _units(entry: Entry) -> sa.Select[int] | None:
    ids = current().ids_of(entry)
    return _counted(OperatorUnit, OperatorUnit.region_id.in_(ids)) if entry.scheme == REGION else None


USES = {
    "people": TermUse(
        text=lambda number: ngettext("%(num)d person", "%(num)d people", number),
        of_term=_people,
        of_free=lambda _key, spellings: _knowing(spellings),
    ),
    "organisations": TermUse(
        text=lambda number: ngettext("%(num)d organisation", "%(num)d organisations", number),
        of_term=_organisations,
        url=lambda one: url_for(ORGANISATION_LIST(), region=one.code) if one.scheme == REGION else "",
    ),
    "units": TermUse(
        text=lambda number: ngettext("%(num)d crowdsourcing centre", "%(num)d crowdsourcing centres", number),
        of_term=_units,
        url=lambda _entry: url_for("accounts.units"),
    ),
}
