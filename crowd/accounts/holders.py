"""People and organisations as holders of entries of registers."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import InstrumentedAttribute

from crowd import email_address
from crowd.access import access_row
from crowd.accounts.belonging import is_close
from crowd.accounts.models import ERASED, Organisation, User
from crowd.accounts.organisations.rights import Right
from crowd.accounts.queries import people_with_right
from crowd.accounts.questions import OPENS_TO, ORGANISATION_PAGE, PERSON_PAGE
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import Invalid
from crowd.notifications.kinds import path_to
from crowd.registers.questions import Holder, Holders
from crowd.text import key

_TABLES: dict[str, type[User] | type[Organisation]] = {"user": User, "organisation": Organisation}


def _find(reader: Actor | None, kind: str, ids: Iterable[int]) -> dict[int, Holder]:
    found = list(ids)
    if kind == "user":
        query = sa.select(User.id, User.name, OPENS_TO()(reader).label("opens")).where(User.id.in_(found))
        return {row.id: _person(row.id, row.name, row.opens) for row in db.session.execute(query)}
    rows = db.session.execute(sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(found)))
    return {row.id: Holder(row.name, path_to(ORGANISATION_PAGE(), organisation_id=row.id)) for row in rows}


def _person(user_id: int, name: str, opens: bool) -> Holder:
    """A person without a page where it does not open for the reader, and without a name where it was deleted."""
    page = path_to(PERSON_PAGE(), user_id=user_id) if opens else None
    return Holder(None if name == ERASED else name, page)


def _recipients(kind: str, row_id: int) -> Sequence[int]:
    if kind == "user":
        return list(db.session.scalars(sa.select(User.id).where(User.id == row_id, User.name != ERASED)))
    return [person.id for person in people_with_right(row_id, Right.MANAGE_MEMBERS)]


def _lock(kind: str, row_id: int) -> None:
    access_row(None, _TABLES[kind], row_id, view=lambda _actor, _row: True, to=None, lock=True)


def _called(kind: str, words: str, row_id: InstrumentedAttribute[int | None]) -> sa.ColumnElement[bool]:
    table = _TABLES[kind]
    return sa.exists().where(table.id == row_id, table.called(words), table.name != ERASED)


def _meant(kind: str, typed: str) -> int:
    if kind == "user":
        query = sa.select(User.id).where(User.email == email_address.normal(typed), User.active)
    else:
        numbered = sa.func.lower(Organisation.registration_number) == key(typed)
        here = (Organisation.origin.is_(None), Organisation.closed_at.is_(None))
        query = sa.select(Organisation.id).where(sa.or_(numbered, Organisation.name == typed), *here)
    found = db.session.scalars(query.limit(2)).all()
    if len(found) != 1:
        message = (
            _("There is no open account with this address.")
            if kind == "user"
            else _("There is no organisation with this number or name, or more than one.")
        )
        raise Invalid.at("holder", message)
    return found[0]


def _refresh(actor: Actor) -> None:
    if isinstance(actor, User):
        db.session.refresh(actor, ["roles", "memberships"])


HOLDERS = Holders(
    find=_find, recipients=_recipients, lock=_lock, called=_called, meant=_meant, refresh=_refresh, close=is_close
)
