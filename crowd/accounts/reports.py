"""Reports of abuse on the profiles of people and organisations."""

from flask_babel import lazy_gettext as _l

from crowd.abuse import report
from crowd.access import id_in
from crowd.accounts.models import Organisation, User
from crowd.accounts.policy import can_report
from crowd.accounts.questions import ORGANISATION_PAGE, PERSON_PAGE
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import Forbidden, NotFound
from crowd.notifications.kinds import path_to
from crowd.procedure import CaseSubject


def _person(actor: Actor | None, key: str) -> CaseSubject:
    row = db.session.get(User, id_in(key))
    if row is None or not row.active:
        raise NotFound
    if not can_report(actor, row):
        raise Forbidden(_l("You cannot report yourself."))
    path = path_to(PERSON_PAGE(), user_id=row.id)
    return CaseSubject(id=row.id, title=row.name, path=path, keeps_title=False, people=(row.id,))


def _organisation(actor: Actor | None, key: str) -> CaseSubject:
    row = db.session.get(Organisation, id_in(key))
    if row is None:
        raise NotFound
    if not can_report(actor, row):
        raise Forbidden(_l("Your own organisation, and one that is closed or of another platform, cannot be reported."))
    return CaseSubject(
        id=row.id, title=row.name, path=path_to(ORGANISATION_PAGE(), organisation_id=row.id), organisations=(row.id,),
        region_id=row.region_id,
    )  # fmt: skip


KINDS = (
    report(
        "profile_report",
        _l("Report of a profile"),
        "user",
        _person,
        upheld=_l("The texts and links of the profile are deleted, and the person is warned."),
        effect="accounts.clear_profile",
    ),
    report(
        "organisation_report",
        _l("Report of an organisation's profile"),
        "organisation",
        _organisation,
        upheld=_l("The description and the website of the organisation are deleted, and it is warned."),
        effect="accounts.clear_organisation",
    ),
)
