"""The platform begins: its people and organisations, eighteen months ago and over the weeks that followed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from flask_security import hash_password

from crowd import clock
from crowd.accounts import services as accounts
from crowd.accounts.models import MemberRole, OrganisationKind, PlatformRole
from crowd.accounts.organisations import services as organisations
from crowd.audit import SYSTEM
from crowd.db import joined
from crowd.demo import cast, company
from crowd.demo.company import LOCALES, ZONES
from crowd.demo.stage import Script, Stage

PASSWORD = "crowd demonstration"  # noqa: S105 - public, and only in demonstration mode
AGE = timedelta(days=548)
ROLES = {
    "expert": PlatformRole.EXPERT,
    "service_centre": PlatformRole.SERVICE_CENTRE,
    "council": PlatformRole.COUNCIL,
    "finance": PlatformRole.FINANCE,
    "programme_officer": PlatformRole.PROGRAMME_OFFICER,
    "auditor": PlatformRole.AUDITOR,
}


def scripts(theatre: Stage, end: datetime) -> Iterator[Script]:
    """One script for the people, one for the roles they get, and one for each organisation."""
    yield _people(end - AGE)
    yield _roles(end - AGE + timedelta(hours=1))
    for number, organisation in enumerate(cast.ORGANISATIONS):
        yield _organisation(organisation, end - AGE + timedelta(hours=4 + 2 * number))


def _people(begins: datetime) -> Script:
    yield begins
    password_hash = hash_password(PASSWORD)
    with joined():
        for person in cast.PEOPLE:
            accounts.create_user(
                SYSTEM,
                email=person.email,
                name=person.name,
                roles=[],
                password_hash=password_hash,
                locale=LOCALES[person.language],
                time_zone=ZONES[person.language],
                bio=person.bio,
                expertise=person.expertise,
                demonstration=True,
            )


def _roles(begins: datetime) -> Script:
    """The first administrator is made, and gives everybody of the platform's own people the role that is theirs."""
    yield begins
    accounts.grant(SYSTEM, company.person("adm").id, role=PlatformRole.ADMINISTRATOR)
    for person in cast.PEOPLE:
        if person.role in ROLES:
            accounts.grant(company.person("adm"), company.person(person.key).id, role=ROLES[person.role])


def _organisation(row: cast.Organisation, begins: datetime) -> Script:
    """Its first person founds it, the service centre verifies it, colleagues are invited and join."""
    yield begins
    staff = [person for person in cast.PEOPLE if person.organisation == row.key]
    founder = company.person(staff[0].key)
    organisation = organisations.found(
        founder,
        name=row.name,
        kind=OrganisationKind(row.kind),
        country=row.country,
        city=row.city,
        website=row.website,
        about=row.about,
    )
    number = organisation.id
    yield clock.now() + timedelta(hours=20)
    organisations.verify(company.person("eve"), number)
    for person in staff[1:]:
        yield clock.now() + timedelta(hours=3)
        invited = organisations.invite(company.person(staff[0].key), number, email=person.email, role=MemberRole.MEMBER)
        invitation = invited.id
        yield clock.now() + timedelta(hours=5)
        organisations.accept(company.person(person.key), invitation)
