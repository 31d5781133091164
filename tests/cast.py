"""Personas: the same people in every test, created in the open transaction, with everything that their role needs."""

from functools import cached_property

from crowd.accounts.models import (
    MemberRole,
    Membership,
    Organisation,
    OrganisationKind,
    PlatformRole,
    Role,
    User,
)
from crowd.db import commit, db
from tests import factories


class Cast:
    """Each person is created on first use. Attributes are rows of the current session."""

    @cached_property
    def luoyang(self) -> Organisation:
        """Luoyang Water Group, Ada's enterprise, verified."""
        return factories.organisation("Luoyang Water Group")

    @cached_property
    def northlight(self) -> Organisation:
        """Northlight Sensing, an agency."""
        return factories.organisation("Northlight Sensing", OrganisationKind.AGENCY)

    @cached_property
    def ada(self) -> User:
        """The sponsor: owner of Luoyang Water Group."""
        return factories.user("Ada", member_of=self.luoyang, role=MemberRole.OWNER)

    @cached_property
    def abe(self) -> User:
        """Ada's colleague: a member, not an owner."""
        return factories.user("Abe", member_of=self.luoyang)

    @cached_property
    def bo(self) -> User:
        """The solver, alone."""
        return factories.user("Bo")

    @cached_property
    def bea(self) -> User:
        """A second solver, Bo's rival."""
        return factories.user("Bea")

    @cached_property
    def nils(self) -> User:
        """A solver who is on Northlight's staff."""
        return factories.user("Nils", member_of=self.northlight, role=MemberRole.OWNER)

    @cached_property
    def cy(self) -> User:
        """The reviewer."""
        return factories.user("Cy", PlatformRole.EXPERT, expertise=["acoustics", "leak detection", "water"])

    @cached_property
    def cleo(self) -> User:
        """A second reviewer."""
        return factories.user("Cleo", PlatformRole.EXPERT, expertise=["signal processing", "water"])

    @cached_property
    def carl(self) -> User:
        """A third reviewer."""
        return factories.user("Carl", PlatformRole.EXPERT, expertise=["machine learning"])

    @cached_property
    def dee(self) -> User:
        """The stranger: signed in, involved in nothing."""
        return factories.user("Dee")

    @cached_property
    def eve(self) -> User:
        """The operator: service centre."""
        return factories.user("Eve", PlatformRole.SERVICE_CENTRE)

    @cached_property
    def fen(self) -> User:
        """Finance, who makes."""
        return factories.user("Fen", PlatformRole.FINANCE)

    @cached_property
    def finn(self) -> User:
        """Finance, who checks."""
        return factories.user("Finn", PlatformRole.FINANCE)

    @cached_property
    def gu(self) -> User:
        """The council."""
        return factories.user("Gu", PlatformRole.COUNCIL)

    @cached_property
    def pia(self) -> User:
        """The programme officer."""
        return factories.user("Pia", PlatformRole.PROGRAMME_OFFICER)

    @cached_property
    def aud(self) -> User:
        """The auditor."""
        return factories.user("Aud", PlatformRole.AUDITOR)

    @cached_property
    def adm(self) -> User:
        """The administrator."""
        return factories.user("Adm", PlatformRole.ADMINISTRATOR)

    def reviewers(self) -> list[User]:
        """Cy, Cleo and Carl."""
        return [self.cy, self.cleo, self.carl]


def join(user: User, organisation: Organisation, role: MemberRole = MemberRole.MEMBER) -> Membership:
    """Make a person a member, committed into the test's transaction."""
    row = Membership(user_id=user.id, organisation_id=organisation.id, role=role)
    db.session.add(row)
    commit()
    db.session.refresh(user)
    return row


def role_named(name: PlatformRole) -> Role:
    """The row of a platform role."""
    return db.session.query(Role).filter_by(name=name.value).one()
