"""The bench's own people and challenges, made through the services: a sponsor, staff, solvers and experts."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import current_app, session
from flask_security import login_user
from flask_wtf.csrf import generate_csrf

from challenges import services as challenges
from challenges.brief import Brief, PrizeLine
from challenges.criteria import CriterionLine
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.screening import queries as screening_queries
from challenges.screening import rounds
from challenges.screening import services as screening
from challenges.screening.workflow import CheckAnswer
from crowd import clock
from crowd.accounts import services as accounts
from crowd.accounts.models import Organisation, OrganisationKind, PlatformRole, User
from crowd.accounts.organisations import services as organisations
from crowd.accounts.verification import services as verification
from crowd.accounts.verification.numbers import check_character
from crowd.audit import SYSTEM
from crowd.bench.clients import AGENT
from crowd.db import commit, db, joined
from crowd.ledger.deposits import services as deposits
from crowd.ledger.workflow import DepositState
from submissions import services as submissions

T = TypeVar("T")
Session = dict[str, Any]
MARK = "bench.example"  # the domain of the crew's email addresses
TAGS = ("acoustics", "leak detection", "water")
AT_ONCE = 100  # operations in one transaction during the preparation
TEXT = "The recordings of two hydrants are filtered, aligned and compared over ten minutes of night flow. " * 12
ROLES = {
    "centre": (PlatformRole.SERVICE_CENTRE,),
    "finance": (PlatformRole.FINANCE,),
    "expert": (PlatformRole.EXPERT,),
    "member": (PlatformRole.COUNCIL,),
    "sponsor": (),
    "solver": (),
}


def batches(things: Sequence[T]) -> Iterator[Sequence[T]]:
    """The things in order, a hundred at a time."""
    return (things[begin : begin + AT_ONCE] for begin in range(0, len(things), AT_ONCE))


def person(role: str, number: int = 0) -> User:
    """One of the crew, created where there is none yet."""
    email = f"{role}{number}@{MARK}"
    row = db.session.scalar(sa.select(User).where(User.email == email))
    return row or accounts.create_user(
        SYSTEM,
        email=email,
        name=f"{role.capitalize()} {number}",
        roles=ROLES[role],
        locale="en",
        expertise=TAGS if role == "expert" else (),
    )


def people(role: str, number: int) -> list[int]:
    """The ids of so many of the crew; created a hundred per transaction."""
    found = []
    for some in batches(range(number)):
        with joined():
            rows = [person(role, one) for one in some]
            db.session.flush()
            found += [row.id for row in rows]
    return found


def sponsor(number: int = 0) -> tuple[User, int]:
    """A sponsor and their organisation's id, verified."""
    actor = person("sponsor", number)
    name = f"Bench Works {number}"
    row = db.session.scalar(sa.select(Organisation).where(Organisation.name == name))
    if row is None:
        row = organisations.create_organisation(actor, name=name, kind=OrganisationKind.ENTERPRISE, country="CN")
        first = f"91410300{number:09}"
        verification.register(
            actor,
            row.id,
            registration_number=first + check_character(first),
            contact_name=actor.name,
            contact_email=actor.email,
        )
        organisations.verify(person("centre"), row.id, reason="Compared with the register.")
        db.session.refresh(actor)
    return actor, row.id


def brief(title: str, closes_at: datetime, **changes: Any) -> Brief:
    """A complete brief of ordinary length."""
    criteria = [("Detection on hidden sites", 50), ("Cost per site", 30), ("Clarity", 20)]
    whole: dict[str, Any] = {
        "title": title, "summary": "Ten minutes of sound from two hydrants; say whether there is a leak, and where.",
        "problem_statement": f"## What we have\n\n{TEXT}\n\n## What we need\n\n{TEXT}",
        "language": "en", "stage": "1",
        "tags": TAGS, "prizes": [PrizeLine(title="First", amount=1_000_000), PrizeLine(title="Second", amount=500_000)],
        "criteria": [CriterionLine(title=name, weight=weight) for name, weight in criteria], "closes_at": closes_at,
    }  # fmt: skip
    return Brief(**(whole | changes))


Step = tuple[str, Callable[[], Any]]


def opening(title: str, closes_at: datetime, number: int = 0, **changes: object) -> Iterator[Step]:
    """The operations that open a challenge, by name, in order; the first one returns it."""
    actor, organisation_id = sponsor(number)
    made: list[Challenge] = []

    def create() -> Challenge:
        made.append(challenges.create(actor, organisation_id, brief=brief(title, closes_at, **changes)))
        return made[0]

    yield "create", create
    challenge_id = made[0].id
    yield "submit", lambda: lifecycle.submit(actor, challenge_id)
    yield "check", lambda: _check(challenge_id)
    yield "approve", lambda: lifecycle.approve(person("centre"), challenge_id)
    yield "pay", lambda: _pay(challenge_id)


def _check(challenge_id: int) -> None:
    """The service centre answers the whole checklist."""
    one = rounds.current(db.session.get_one(Challenge, challenge_id))
    assert one is not None
    answers = {item.key: (CheckAnswer.YES, "") for item in screening_queries.checklist(one.checklist).items}
    screening.check(person("centre"), challenge_id, answers=answers)


def _pay(challenge_id: int) -> None:
    """A deposit for the sponsor, from which the challenge is funded; it opens at once."""
    row = db.session.get_one(Challenge, challenge_id)
    deposit = deposits.record(
        person("finance"),
        bank_reference=secrets.token_hex(8),
        value_date=clock.today(),
        payer="Bench Works",
        amount=row.cost,
        currency=row.currency,
        organisation_id=row.organisation_id,
    )
    if deposit.state == DepositState.RECORDED:
        deposits.confirm(person("finance", 1), deposit.id)
    lifecycle.fund(SYSTEM, challenge_id)


def opened(title: str, **changes: Any) -> int:
    """The id of an open challenge."""
    found = [act() for _name, act in opening(title, clock.now() + timedelta(days=20), **changes)]
    return int(found[0].id)


def draft(author: User, challenge_id: int) -> int:
    """The id of a complete draft that only waits for its submission."""
    submissions.register(author, challenge_id, accepted=True)
    row = submissions.start(author, challenge_id)
    submissions.save(author, row.id, title=f"By {author.name}", abstract=TEXT[:300], body=TEXT, language="en")
    return row.id


def drafts(authors: Sequence[int], challenge_ids: Sequence[int]) -> list[tuple[int, int]]:
    """(author, proposal) of new drafts, the authors spread over the challenges."""
    found: list[tuple[int, int]] = []
    for some in batches(list(enumerate(authors))):
        with joined():
            for place, author in some:
                who = db.session.get_one(User, author)
                found.append((author, draft(who, challenge_ids[place % len(challenge_ids)])))
        db.session.expunge_all()
    return found


def cookies(user_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """For each person a signed-in browser's cookies and its token for forms, as a sign-in makes them."""
    return {user_id: _signed_in(user_id) for user_id in user_ids}


def _signed_in(user_id: int) -> tuple[str, str]:
    session, token = session_of(user_id)
    return cookie_of(session, db.session.get_one(User, user_id).locale), token


def session_of(user_id: int) -> tuple[Session, str]:
    """The browser's session after a sign-in of this person, and its token for forms."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    visit = app.test_request_context(environ_base={"REMOTE_ADDR": "127.0.0.1"}, headers={"User-Agent": AGENT})
    with app.app_context(), visit:  # a context of its own, so that no two people share a token
        login_user(db.session.get_one(User, user_id), authn_via=["bench"])
        commit()
        token = generate_csrf()
        return dict(session), token


def cookie_of(session: Session, locale: str) -> str:
    """The cookies of a browser with this session and language."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    value = app.session_interface.get_signing_serializer(app).dumps(session)
    return f"{app.config['SESSION_COOKIE_NAME']}={value}; locale={locale}"
