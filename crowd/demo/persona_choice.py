"""The choice of personas: everybody by role, and the reviewers of one challenge."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crowd.accounts.models import User
from crowd.db import db
from crowd.demo import personas
from crowd.demo.parts import ROLES
from scoring.models import Assignment
from scoring.workflow import AssignmentState

KEYS = frozenset(person.key for person in personas.PEOPLE)
BY_EMAIL = {person.email: person for person in personas.PEOPLE}


@dataclass(frozen=True, slots=True)
class ReviewerPersona:
    """A reviewer of a challenge, and how many of their reviews of it are submitted and open."""

    person: personas.Person
    done: int
    waiting: int


def by_role(words: str = "", role: str = "") -> Sequence[tuple[str, Sequence[personas.Person]]]:
    """(role, its people) in the order of ROLES: those who match the words, of one role where one is given."""
    found = [
        (name, [one for one in personas.people(name) if _fits(one, words)]) for name in ROLES if role in ("", name)
    ]
    return [(name, people) for name, people in found if people]


def _fits(person: personas.Person, words: str) -> bool:
    place = personas.organisation(person.organisation) if person.organisation else None
    known = [person.name, person.email, person.bio, *person.expertise, *((place.name, place.english) if place else ())]
    text = " ".join(known).casefold()
    return all(word in text for word in words.casefold().split())


def houses(*, english: bool) -> dict[str, str]:
    """The organisations' names, by key."""
    return {one.key: one.english if english else one.name for one in personas.ORGANISATIONS}


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
