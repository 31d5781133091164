"""The registers of accounts: experts, and verified organisations. An entry and what it gives go together, whoever ends
either: the role of an expert, and the verification of an organisation.

Services of accounts call `enter`, `leave`, `pause` and `go_on` under the lock of the holder's row; what happens to an
entry otherwise (a keeper suspends it, its time is over) is carried out here.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from crowd import clock
from crowd.accounts.events import ExpertLeft, OrganisationVerified
from crowd.accounts.models import Organisation, OrganisationKind, PlatformRole, User
from crowd.accounts.profiles.visibility import visible_clause
from crowd.accounts.queries import get_role
from crowd.accounts.verification.queries import KIND, find_verified
from crowd.audit import Actor, record
from crowd.db import db
from crowd.errors import Conflict
from crowd.events import publish
from crowd.feature import Label
from crowd.register_kinds import RegisterField, RegisterKind
from crowd.registers import queries, services
from crowd.taxonomy.labels import path_name, term_code, terms
from crowd.taxonomy.schemes import REGION
from crowd.taxonomy.vocabulary import current
from crowd.values import term
from crowd.web.labels import state_label
from crowd.web.organisations import country_name

EXPERTS, ORGANISATIONS = "experts", "organisations"
ADMISSION = "expert_admission"  # the kind of case by which somebody becomes an expert
ROLE, VERIFIED, CHANGED, CLOSED, DELETED = "role", "verified", "changed", "closed", "deleted"
DECIDED = "decided"
CAUSES = {
    ROLE: Label(_l("The role was granted or removed.")),
    VERIFIED: Label(_l("The organisation was verified.")),
    CHANGED: Label(_l("What had been verified was changed.")),
    CLOSED: Label(_l("The account or the organisation was closed or opened again.")),
    DELETED: Label(_l("The account was deleted.")),
    DECIDED: Label(_l("A case decided it.")),
}
_OF_ORGANISATION = {
    "name": {"type": "string", "minLength": 1},
    "kind": {"enum": [kind.value for kind in OrganisationKind]},
    "country": {"type": "string"},
    "region": {"type": "string"},
    "registration_number": {"type": "string"},
    "registered_with": {"type": "string"},
}


def _fields_of_experts(user_ids: Iterable[int]) -> Mapping[int, Mapping[str, object]]:
    """The fields of work of people, as far as their profiles show them to everybody."""
    query = sa.select(User.id, User.expertise).where(User.id.in_(list(user_ids)), visible_clause(None, "expertise"))
    return {row.id: {"fields": list(row.expertise)} for row in db.session.execute(query)}


def _expert_changed(actor: Actor, user_id: int, valid: bool) -> None:
    """Give or take the role with an entry; a closed account keeps it until it is opened, and can do nothing with it."""
    row = db.session.get_one(User, user_id)
    if row.active:
        _set_expert(actor, row, valid)


def _set_expert(actor: Actor, row: User, valid: bool) -> None:
    """Give the person the role of an expert, or take it."""
    role = PlatformRole.EXPERT
    if row.is_any(role) == valid:
        return
    if valid:
        row.roles.append(get_role(role))
    else:
        row.roles.remove(get_role(role))
    record(actor, "role.granted" if valid else "role.revoked", row, role=term(role, "platform_role"))
    if not valid:
        publish(ExpertLeft(row.id))


def _organisation_changed(_actor: Actor, organisation_id: int, valid: bool) -> None:
    """Verify it or end that, with an entry; one that is closed stays as it was until it is opened."""
    row = db.session.get_one(Organisation, organisation_id)
    if row.closed_at is None:
        _set_verified(row, valid)


def _set_verified(row: Organisation, valid: bool) -> None:
    """Verify the organisation, or end that. Raises Conflict where another one is verified under its number by now."""
    if (row.verified_at is not None) == valid:
        return
    number = row.registration_number
    if valid and number and (other := find_verified(number, row.register, row.country, but=row.id)):
        raise Conflict(_l("%(organisation)s is verified under this number already.", organisation=other.name))
    row.verified_at = clock.now() if valid else None
    if valid:
        publish(OrganisationVerified(row.id))


def _region(code: str) -> str:
    """The region within its country; empty where it is only the country, which has a field of its own."""
    term = current().get(REGION, code)
    return code if term is None else path_name(term) if term.parent_id else ""


REGISTERS = {
    EXPERTS: RegisterKind(
        label=_l("Experts"),
        text=_l("Who is entered here may be chosen for the panels that review proposals."),
        prefix="EX",
        holder="user",
        schema={"type": "object", "additionalProperties": False},
        fields={"fields": RegisterField(_l("Fields of work"), show=lambda names: ", ".join(terms(names)))},
        keepers=(PlatformRole.ADMINISTRATOR,),
        term="expert_days",
        read=_fields_of_experts,
        changed=_expert_changed,
        case_kind=ADMISSION,
    ),
    ORGANISATIONS: RegisterKind(
        label=_l("Verified organisations"),
        text=_l("The service centre has checked that who is entered here exists, under this name and number."),
        prefix="VF",
        holder="organisation",
        schema={
            "type": "object", "additionalProperties": False, "properties": _OF_ORGANISATION,
            "required": list(_OF_ORGANISATION),
        },
        fields={
            "name": RegisterField(_l("Name as verified")),
            "kind": RegisterField(_l("Kind"), show=lambda kind: state_label(kind, "organisation_kind")),
            "country": RegisterField(_l("Country or region"), show=country_name),
            "region": RegisterField(_l("Region"), show=_region),
            "registration_number": RegisterField(_l("Registration number")),
            "registered_with": RegisterField(_l("Registered with")),
        },
        keepers=(PlatformRole.SERVICE_CENTRE,),
        term="verification_days",
        changed=_organisation_changed,
        open_certificate=True,
        case_kind=KIND,
    ),
}  # fmt: skip


def data_of(row: Organisation) -> dict[str, str]:
    """What is verified of an organisation, and entered."""
    return {
        "name": row.name,
        "kind": row.kind.value,
        "country": row.country,
        "region": term_code(row.region_id),
        "registration_number": row.registration_number,
        "registered_with": row.register,
    }


def verified_until(organisation_id: int) -> datetime | None:
    """When the verification of an organisation ends by its entry; None where it has no end, or no entry."""
    last = [last for _row, last in queries.of_holder(ORGANISATIONS, organisation_id)]
    return last[-1].valid_until if last else None


def enter(actor: Actor, row: User | Organisation, cause: str, *, reason: str = "", case_id: int | None = None) -> None:
    """The holder is entered, after the decision to give the role or to verify."""
    data = {} if isinstance(row, User) else data_of(row)
    services.ensure_valid(actor, _register_of(row), row.id, data, cause=cause, reason=reason, case_id=case_id)


def act_by_case(actor: Actor, row: User | Organisation, operation: str, case_id: int) -> None:
    """Their entries are suspended or revoked, as a case has decided."""
    services.act_on_all(actor, _register_of(row), row.id, operation, cause=DECIDED, case_id=case_id)


def leave(actor: Actor, row: User | Organisation, cause: str) -> None:
    """Their entries are revoked, since what was entered is no longer so."""
    services.act_on_all(actor, _register_of(row), row.id, "revoke", cause=cause)


def pause(actor: Actor, row: User | Organisation) -> None:
    """Their entries in all registers are suspended while the account or the organisation is closed; call it once that
    is set.
    """
    services.act_everywhere(actor, _kind_of(row), row.id, "suspend", cause=CLOSED)


def go_on(actor: Actor, row: User | Organisation) -> None:
    """What was suspended since is resumed; call it before the account or the organisation is set open.

    What an entry gives follows it from here on: it may have ended, or been resumed, while its holder was closed.
    """
    services.resume_after(actor, _kind_of(row), row.id, cause=CLOSED)
    valid = queries.has_valid(_register_of(row), row.id)
    if isinstance(row, User):
        _set_expert(actor, row, valid)
    else:
        _set_verified(row, valid)


def end(actor: Actor, row: User) -> None:
    """Every entry of a person is revoked with their account, in whatever register; call it once they have no name and
    no roles: nobody is notified, and nothing else is taken.
    """
    services.act_everywhere(actor, "user", row.id, "revoke", cause=DELETED)


def _kind_of(row: User | Organisation) -> str:
    return "user" if isinstance(row, User) else "organisation"


def _register_of(row: User | Organisation) -> str:
    return EXPERTS if isinstance(row, User) else ORGANISATIONS
