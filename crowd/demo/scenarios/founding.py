"""The beginning: people and organisations, eighteen months ago and over the following weeks."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta

from flask_security import hash_password

from crowd.accounts import services as accounts
from crowd.accounts.models import MemberRole, OrganisationKind, PlatformRole
from crowd.accounts.organisations import services as organisations
from crowd.accounts.organisations.terms import region_of
from crowd.accounts.profiles.visibility import Audience
from crowd.accounts.verification import services as verification
from crowd.audit import SYSTEM
from crowd.db import joined
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator
from crowd.taxonomy.vocabulary import current

PASSWORD = "crowd demonstration"  # noqa: S105 - public, and only in demonstration mode
AGE = timedelta(days=548)
EXTRACTS = {"zh": "登记信息摘录.txt", "en": "register-extract.txt"}
ROLES = {
    "expert": PlatformRole.EXPERT,
    "service_centre": PlatformRole.SERVICE_CENTRE,
    "council": PlatformRole.COUNCIL,
    "council_office": PlatformRole.COUNCIL_OFFICE,
    "finance": PlatformRole.FINANCE,
    "programme_officer": PlatformRole.PROGRAMME_OFFICER,
    "auditor": PlatformRole.AUDITOR,
}


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """The people of the first day, the roles they get, the organisations; then those who joined later."""
    yield _people(end - AGE)
    yield _roles(end - AGE + timedelta(hours=1))
    for number, organisation in enumerate(personas.ORGANISATIONS):
        if not organisation.joined:
            yield _organisation(organisation, end - AGE + timedelta(hours=4 + 2 * number))
    for person in personas.PEOPLE:
        if person.joined:
            yield _newcomer(person, end - timedelta(days=person.joined))
    for organisation in personas.ORGANISATIONS:
        if organisation.joined:
            yield _new_organisation(organisation, end - timedelta(days=organisation.joined))


def _people(begins: datetime) -> Script:
    yield working(begins)
    password_hash = hash_password(PASSWORD)
    with joined():
        for person in personas.PEOPLE:
            if not person.joined:
                _account(person, password_hash)


def _newcomer(person: personas.Person, at: datetime) -> Script:
    """Members of organisations sign up in office hours; the public at any hour."""
    yield working(at) if person.organisation else at
    _account(person, hash_password(PASSWORD))


def _account(person: personas.Person, password_hash: str) -> None:
    row = accounts.create_user(
        SYSTEM,
        email=person.email,
        name=person.name,
        roles=[],
        password_hash=password_hash,
        locale=person.locale,
        time_zone=person.time_zone,
        bio=person.bio,
        expertise=person.expertise,
        demonstration=True,
    )
    if person.languages:
        accounts.edit_profile(
            row, row.id, name=row.name, locale=row.locale, time_zone=row.time_zone, bio=row.bio,
            expertise=row.expertise, details=_details(person),
        )  # fmt: skip


def _details(person: personas.Person) -> accounts.ProfileDetails:
    """What else they say about themselves; where they are is where their organisation is."""
    where = personas.organisation(person.organisation) if person.organisation else None
    return accounts.ProfileDetails(
        languages=person.languages,
        region_id=region_of(where.country, where.city) if where else None,
        links=person.links,
        cv=person.cv,
        availability=person.availability,
        visibility=dict.fromkeys(person.hidden, Audience.NOBODY),
    )


def _roles(begins: datetime) -> Script:
    """Create the first administrator, who grants the platform's own people their roles."""
    yield working(begins)
    accounts.grant(SYSTEM, personas.account("adm").id, role=PlatformRole.ADMINISTRATOR)
    for person in personas.PEOPLE:
        if person.role in ROLES:
            accounts.grant(personas.account("adm"), personas.account(person.key).id, role=ROLES[person.role])


def _organisation(row: personas.PersonaOrganisation, at: datetime) -> Script:
    """Its first person creates it, the service centre verifies it, colleagues are invited and join."""
    yield working(at)
    staff = [person for person in personas.PEOPLE if person.organisation == row.key or person.key == row.founder]
    number = _found(row, staff[0])
    at += timedelta(hours=20)
    yield working(at)
    organisations.verify(personas.account("eve"), number, reason="Compared with the public register and the extract.")
    for person in staff[1:]:
        at += timedelta(hours=3)
        yield working(at)
        invited = organisations.invite(
            personas.account(staff[0].key), number, email=person.email, role=MemberRole(person.member_role)
        )
        invitation = invited.id
        at += timedelta(hours=5)
        yield working(at)
        organisations.accept(personas.account(person.key), invitation)


def _new_organisation(row: personas.PersonaOrganisation, at: datetime) -> Script:
    """Created in the last days: it waits for the service centre."""
    yield working(at)
    _found(row, next(person for person in personas.PEOPLE if person.organisation == row.key))


def _found(row: personas.PersonaOrganisation, founder: personas.Person) -> int:
    owner = personas.account(founder.key)
    number = organisations.create_organisation(
        owner,
        name=row.name,
        kind=OrganisationKind(row.kind),
        country=row.country,
        city=row.city,
        website=row.website,
        about=row.about,
        **_terms(row),
    ).id
    verification.register(
        owner,
        number,
        registration_number=row.registration_number,
        register=row.register,
        contact_name=owner.name,
        contact_email=owner.email,
    )
    verification.add_document(owner, number, io.BytesIO(_extract(row).encode()), EXTRACTS[row.language])
    return number


def _terms(row: personas.PersonaOrganisation) -> dict[str, int | None]:
    """The ids of its terms."""
    codes = {"ownership_kind": row.ownership, "agency_kind": row.agency_kind, "stage": row.stage}
    found = {scheme: current().get(scheme, code) for scheme, code in codes.items() if code}
    return {f"{scheme}_id": term.id for scheme, term in found.items() if term is not None}


def _extract(row: personas.PersonaOrganisation) -> str:
    """The register's data of an organisation."""
    lines = [row.name, row.registration_number, row.register, row.city, row.country]
    return "".join(f"{line}\n" for line in lines if line)
