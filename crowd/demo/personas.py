"""Personas: the organisations, people and teams of the demonstration, read from TOML beside the texts.

`parts.py` lists the main personas. All are invented; email addresses end in `.example` and reach nobody.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

# By ISO 3166: the language and the time zone of members of an organisation in that country
LOCALES = {"CN": "zh_Hans_CN"}
ZONES = {
    "CN": "Asia/Shanghai", "DE": "Europe/Berlin", "DK": "Europe/Copenhagen", "IT": "Europe/Rome",
    "NL": "Europe/Amsterdam", "NO": "Europe/Oslo", "SE": "Europe/Stockholm",
}  # fmt: skip
LIVES = {"zh": "CN", "en": "DE"}  # people without an organisation, by the language in which they write
ROWS = tomllib.loads((Path(__file__).parent / "texts" / "cast.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class PersonaOrganisation:
    """`name` and `about` in its own `language`; `kind` "enterprise", "agency" or "government"; `country` ISO 3166.

    `joined` counts the days before the scenario's end on which it was created; 0 is the platform's beginning.
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
    """`role` as in ROLES; `expertise` by their English names in `crowd/terms.csv`; `joined` as above.

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


ROLES = (
    *("sponsor", "solver", "agency", "expert", "service_centre", "council"),
    *("finance", "programme_officer", "auditor", "administrator"),
)
ORGANISATIONS = tuple(PersonaOrganisation(key=key, **row) for key, row in ROWS["organisations"].items())
PEOPLE = tuple(
    Person(key=key, **(row | {"expertise": tuple(row.get("expertise", ()))})) for key, row in ROWS["people"].items()
)
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
