"""Personas: the organisations, people and teams of the demonstration, read from TOML beside the texts, and their rows.

All are invented; email addresses end in `.example` and reach nobody. Rows are read again from the database at each
step of a scenario.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from crowd.accounts.models import Organisation, User
from crowd.db import db
from crowd.errors import Sentence
from scoring.models import Assignment
from scoring.workflow import AssignmentState
from submissions.participation.queries import entry_of

# By ISO 3166: the language and the time zone of members of an organisation in that country
LOCALES = {"CN": "zh_Hans_CN"}
ZONES = {
    "CN": "Asia/Shanghai", "DE": "Europe/Berlin", "DK": "Europe/Copenhagen", "IT": "Europe/Rome",
    "NL": "Europe/Amsterdam", "NO": "Europe/Oslo", "SE": "Europe/Stockholm",
}  # fmt: skip
LIVES = {"zh": "CN", "en": "DE"}  # people without an organisation, by the language in which they write
ROWS = tomllib.loads((Path(__file__).parent / "texts" / "personas.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class PersonaOrganisation:
    """`name` and `about` in its own `language`; `kind` one of OrganisationKind; `country` ISO 3166.

    `joined` counts the days before the scenario's end on which it was created; 0 is the platform's beginning. `founder`
    is the key of a person of another organisation who creates it. `ownership`, `agency_kind` and `stage` are codes of
    terms.
    """

    key: str
    name: str
    english: str
    kind: str
    language: str
    city: str
    country: str
    about: str
    registration_number: str
    register: str = ""
    joined: int = 0
    founder: str = ""
    ownership: str = ""
    agency_kind: str = ""
    stage: str = ""

    @property
    def website(self) -> str:
        """An email address under the reserved `.example`, which reaches nobody."""
        return f"https://www.{self.key}.example"

    @property
    def time_zone(self) -> str:
        """Its time zone, as in the tz database."""
        return ZONES[self.country]


@dataclass(frozen=True, slots=True)
class Person:
    """`role` as in ROLES; `expertise` by their English names in `crowd/taxonomy/terms/field.csv`; `joined` as above;
    `member_role` in the organisation, whose first person is its owner. `languages` are ISO 639 codes; `hidden` are the
    fields of the profile that nobody else sees.

    `language` is what they write; what they read on the platform follows the country of their organisation.
    """

    key: str
    name: str
    role: str
    language: str
    bio: str
    organisation: str | None = None
    expertise: tuple[str, ...] = ()
    joined: int = 0
    member_role: str = "member"
    languages: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    cv: str = ""
    availability: str = ""
    hidden: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        """Under the organisation's own domain, else the public's or the operator's."""
        outside = "people" if self.role in {"solver", "expert"} else "crowd"
        return f"{self.key}@{self.organisation or outside}.example"

    @property
    def country(self) -> str:
        """That of their organisation, else one where their language is spoken."""
        return organisation(self.organisation).country if self.organisation else LIVES[self.language]

    @property
    def locale(self) -> str:
        """The language of their pages and emails."""
        return LOCALES.get(self.country, "en")

    @property
    def time_zone(self) -> str:
        """The time zone of their pages and emails."""
        return ZONES[self.country]


@dataclass(frozen=True, slots=True)
class ReviewerPersona:
    """A reviewer of a challenge, and how many of their reviews of it are submitted and open."""

    person: Person
    done: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Team:
    """An ad-hoc group of solvers, or of an agency's people; `members` are keys of people and include the `lead`.

    `others` is what all but the lead get of an award together, in hundredths of a percent. The lead gets the rest; in
    an agency the lead gets `own`, and the agency keeps the rest.
    """

    key: str
    name: str
    language: str
    lead: str
    members: tuple[str, ...]
    others: int = 5_000
    own: int | None = None


MAIN: dict[str, Sentence] = {  # the main personas with their roles, in the order for a newcomer
    "ada": _l("sponsor"),
    "bo": _l("solver, of an agency"),
    "dee": _l("solver, newer here"),
    "cy": _l("reviewer"),
    "eve": _l("service centre"),
    "fen": _l("finance (prepares)"),
    "finn": _l("finance (approves)"),
    "gu": _l("council"),
    "pia": _l("programme officer"),
    "aud": _l("auditor"),
    "adm": _l("administrator"),
}
ROLES: dict[str, Sentence] = {  # each with its heading, in the order for a newcomer
    "sponsor": _l("Sponsors"),
    "solver": _l("Solvers"),
    "agency": _l("People of agencies"),
    "expert": _l("Reviewers"),
    "service_centre": _l("Service centre"),
    "finance": _l("Finance"),
    "council": _l("Council"),
    "council_office": _l("Council's office"),
    "programme_officer": _l("Programme officers"),
    "auditor": _l("Auditors"),
    "administrator": _l("Administrators"),
}
ORGANISATIONS = tuple(PersonaOrganisation(key=key, **row) for key, row in ROWS["organisations"].items())
PEOPLE = tuple(
    Person(key=key, **(row | {name: tuple(said) for name, said in row.items() if isinstance(said, list)}))
    for key, row in ROWS["people"].items()
)
BY_EMAIL = {one.email: one for one in PEOPLE}
TEAMS = tuple(Team(key=key, **(row | {"members": tuple(row["members"])})) for key, row in ROWS["teams"].items())


def organisation(key: str) -> PersonaOrganisation:
    """The organisation of that key; KeyError where there is none."""
    return {one.key: one for one in ORGANISATIONS}[key]


def person(key: str) -> Person:
    """The person of that key; KeyError where there is none."""
    return {one.key: one for one in PEOPLE}[key]


def people(role: str) -> tuple[Person, ...]:
    """Everybody of one role, in the order of the file."""
    return tuple(one for one in PEOPLE if one.role == role)


def by_role(words: str = "", role: str = "") -> Sequence[tuple[str, Sequence[Person]]]:
    """(role, its people) in the order of ROLES: those who match the words, of one role where one is given."""
    found = [(name, [one for one in people(name) if _fits(one, words)]) for name in ROLES if role in ("", name)]
    return [(name, matching) for name, matching in found if matching]


def _fits(person: Person, words: str) -> bool:
    known = [person.name, person.email, person.bio, *person.expertise]
    if person.organisation:
        theirs = organisation(person.organisation)
        known += [theirs.name, theirs.english]
    text = " ".join(known).casefold()
    return all(word in text for word in words.casefold().split())


def organisation_names(*, english: bool) -> dict[str, str]:
    """The organisations' names, by key."""
    return {one.key: one.english if english else one.name for one in ORGANISATIONS}


# ---- their rows


def account(key: str) -> User:
    """The account of a persona. Raises NoResultFound before the founding scenario."""
    return db.session.scalars(sa.select(User).where(User.email == person(key).email)).one()


def organisation_row(key: str) -> Organisation:
    """The row of an organisation."""
    return db.session.scalars(sa.select(Organisation).where(Organisation.name == organisation(key).name)).one()


def language_of(writer: User) -> str:
    """The language in which a persona writes: "zh" or "en", whatever language their pages have."""
    return BY_EMAIL[writer.email].language


def agency_of(solver: User, challenge_id: int) -> int | None:
    """The agency for which a persona takes part in a challenge; None where a colleague has registered for it."""
    agency = next((m.organisation_id for m in solver.memberships if m.organisation.kind == "agency"), None)
    return None if entry_of(challenge_id, agency) else agency


def owner_of_agency(key: str) -> User:
    """The creator of a persona's agency."""
    agency = person(key).organisation
    return account(next(one.key for one in PEOPLE if one.organisation == agency))


def panel(challenge_id: int) -> Sequence[ReviewerPersona]:
    """The personas who were asked to review a challenge, those with the most open reviews first."""
    waiting = sa.func.count().filter(Assignment.state == AssignmentState.PENDING)
    done = sa.func.count().filter(Assignment.state == AssignmentState.DONE)
    query = (
        sa.select(User.email, done, waiting)
        .join(Assignment, Assignment.reviewer_id == User.id)
        .where(Assignment.challenge_id == challenge_id, User.demonstration)
        .group_by(User.id)
        .order_by(waiting.desc(), User.id)
    )
    rows = db.session.execute(query).all()
    return [ReviewerPersona(BY_EMAIL[email], done, waiting) for email, done, waiting in rows if email in BY_EMAIL]
