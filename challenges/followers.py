"""What those hear who follow a challenge, its sponsor, a field, an industry or a region: only what is public.

An operation enqueues one job; each job notifies some followers and enqueues the next, so that a popular challenge
costs its sponsor nothing and no memory. Who hears of it otherwise (the sponsor's people, participants) is left out.
"""

from collections.abc import Callable, Iterable

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from challenges import policy, queries
from challenges.models import Challenge
from challenges.notifications import FOLLOWED, followed_params
from challenges.questions import PARTICIPANTS
from crowd import clock
from crowd.accounts.models import Membership
from crowd.audit import Actor
from crowd.background import enqueue
from crowd.db import db
from crowd.errors import NotFound
from crowd.feature import Followed
from crowd.following.models import Follow
from crowd.following.queries import Subject
from crowd.following.services import notify_followers
from crowd.languages import ENGLISH
from crowd.ledger.questions import RESULTS_PAGE
from crowd.notifications.kinds import path_to
from crowd.taxonomy.models import Term
from crowd.taxonomy.schemes import FIELD, INDUSTRY, REGION
from crowd.taxonomy.vocabulary import Entry, current
from crowd.web.tasks import Task

CHALLENGE, ORGANISATION, TERM = "challenge", "organisation", "term"
SCHEMES = (FIELD, INDUSTRY, REGION)  # whose terms can be followed


def announce(actor: Actor, challenge: Challenge, what: str) -> None:
    """Enqueue the notifications of followers: the challenge was `opened`, `amended`, `closed`, `decided`,
    `settled` or `cancelled`; the record of another platform was `listed`, `changed` or `archived`; `answered:7` and
    `update:3` name the question and the update. Nothing where it was never published, or where nobody follows a
    record or its agency (an import changes thousands).
    """
    unheard = not _is_followed(challenge, what) if challenge.external else challenge.published_at is None
    if unheard:
        return
    enqueue("challenges.notify_followers", challenge.id, what, actor.id, challenge_id=challenge.id, wake=False)
    if what == "opened":
        enqueue("searches.notify_hits", challenge.id, actor.id, challenge_id=challenge.id, wake=False)


def _is_followed(challenge: Challenge, what: str) -> bool:
    subjects = sa.tuple_(Follow.subject_type, Follow.subject_id).in_(_subjects(challenge, what))
    return bool(db.session.scalar(sa.select(sa.exists().where(subjects))))


def _subjects(challenge: Challenge, what: str) -> list[Subject]:
    """Whose followers hear of it. The terms of another platform's record are not ours, so only its agency's do. Of one
    for invited people only, nobody hears who may not see it (`notify_next`).
    """
    found = [(CHALLENGE, challenge.id)]
    if what in ("opened", "listed"):
        found.append((ORGANISATION, challenge.organisation_id))
    return found + (_terms_of(challenge) if what == "opened" else [])


def key_of(challenge: Challenge, what: str) -> str:
    """What makes a person hear of it once, whatever they follow; a record, and a contract, may change several times, a
    round may be decided again.
    """
    times = {"changed": challenge.changed_at, "amended": challenge.changed_at, "decided": challenge.decided_at}
    at = times.get(what)
    return f"followed.{what}:{challenge.round.key}" + (f":{at.isoformat()}" if at else "")


def informed(challenge: Challenge, actor_id: int | None) -> list[sa.Select[int]]:
    """Those who hear of the challenge otherwise, and who did it."""
    sponsor = sa.select(Membership.user_id).where(Membership.organisation_id == challenge.organisation_id)
    return [sponsor, PARTICIPANTS()(challenge.id), *([sa.select(sa.literal(actor_id))] if actor_id else [])]


def notify_next(challenge_id: int, what: str, actor_id: int | None, after: int) -> int | None:
    """Notify the next followers; returns behind whom the next ones come, None at the end."""
    challenge = db.session.get_one(Challenge, challenge_id)
    said = what.partition(":")[0]
    pages = dict.fromkeys(("decided", "settled"), RESULTS_PAGE()) | {
        "amended": "contracts.show",
        "answered": "discussion.show",
        "update": "discussion.show",
    }
    page = pages.get(said, "challenges.show")
    return notify_followers(
        _subjects(challenge, what),
        after=after,
        kind=FOLLOWED[said],
        key=key_of(challenge, what),
        path=path_to(page, challenge_id=challenge.id),
        params=followed_params(challenge),
        challenge_id=challenge.id,
        besides=informed(challenge, actor_id),
        among=policy.readers_of(challenge, Follow.user_id) if challenge.by_invitation else None,
    )


def _terms_of(challenge: Challenge) -> list[Subject]:
    """Its fields, their industries, its sponsor's region and those above, and the terms that were merged into these."""
    found = {entry.id for tag in challenge.tags if (entry := current().find(FIELD, tag))}
    found |= {entry.id for entry in current().related(challenge.tags, INDUSTRY)}
    region = current().by_id(challenge.organisation.region_id)
    found |= {entry.id for entry in current().above(region)} if region else set()
    fresh = found
    while fresh:
        merged = set(db.session.scalars(sa.select(Term.id).where(Term.merged_into_id.in_(fresh))))
        fresh, found = merged - found, found | merged
    return [(TERM, term_id) for term_id in sorted(found)]


# ---- what can be followed


def find_challenges(actor: Actor | None, challenge_ids: Iterable[int]) -> dict[int, Followed]:
    """These challenges for the page of those who follow them, where they may see them."""
    seen = queries.visible_among(actor, challenge_ids)
    query = sa.select(Challenge.id, Challenge.title, Challenge.language).where(Challenge.id.in_(seen))
    return {
        number: Followed(title, url_for("challenges.show", challenge_id=number), language)
        for number, title, language in db.session.execute(query)
    }


def access_term(_actor: Actor | None, term_id: int) -> Entry:
    """A field, an industry or a region. Raises NotFound where there is none."""
    entry = current().by_id(term_id)
    if entry is None or entry.scheme not in SCHEMES:
        raise NotFound
    return entry


def find_terms(_actor: Actor | None, term_ids: Iterable[int], name: Callable[[Entry], str]) -> dict[int, Followed]:
    """These terms, each with the list of its challenges; `name` is in the reader's language."""
    entries = [(number, current().by_id(number)) for number in term_ids]
    return {number: Followed(name(entry), url_of_term(entry)) for number, entry in entries if entry is not None}


def url_of_term(entry: Entry) -> str:
    """The list of the challenges of a term."""
    if entry.scheme == FIELD:
        return url_for("challenges.index", tag=entry.names[ENGLISH.locale])
    if entry.scheme == INDUSTRY:
        return url_for("challenges.index", industry=entry.code)
    return url_for("challenges.index", region=entry.code)


def only_term(filters: queries.Filters) -> Entry | None:
    """The term whose list this is: the one field, industry or region among the filters; None where there are several,
    none, or a field that is in no scheme.
    """
    found = [current().find(FIELD, tag) for tag in filters.tags]
    codes = ((INDUSTRY, filters.industry), (REGION, filters.region))
    found += [current().get(scheme, code) for scheme, code in codes if code]
    return found[0] if len(found) == 1 else None


def deadlines(actor: Actor) -> list[Task]:
    """When the challenges that a person follows close."""
    followed = sa.select(Follow.subject_id).where(Follow.user_id == actor.id, Follow.subject_type == CHALLENGE)
    query = sa.select(Challenge.id, Challenge.title, Challenge.closes_at).where(
        Challenge.id.in_(followed),
        Challenge.state.in_(queries.TAKING),
        Challenge.closes_at > clock.now(),
        policy.visible_to(actor),
    )
    return [
        Task(_("Closes"), url_for("challenges.show", challenge_id=number), title, closes_at, challenge_id=number)
        for number, title, closes_at in db.session.execute(query.order_by(Challenge.closes_at, Challenge.id))
    ]
