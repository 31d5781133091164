"""The search index of a challenge: written with the challenge, and again where its organisation's name or the
search rules have changed.
"""

from collections.abc import Iterable

import sqlalchemy as sa

from challenges import search_tokens
from challenges.importing.richtext import understand_html
from challenges.models import Challenge
from challenges.queries import source_of
from crowd.db import atomic, db
from crowd.taxonomy.schemes import FIELD, INDUSTRY
from crowd.taxonomy.vocabulary import current

AT_ONCE = 200  # challenges per transaction


def index(challenge: Challenge, body: str) -> None:
    """Store the search tokens of a challenge; `body` is its longest text, as plain text or Markdown.

    It is found by all names of its fields, and by its fields and their industries as terms.
    """
    names = [name for tag in challenge.tags for name in current().spellings(tag)]
    texts = (*names, challenge.title, challenge.organisation.name, challenge.summary, body)
    challenge.search = search_tokens.tokens(*texts, terms=_terms(challenge.tags))
    challenge.search_version = search_tokens.VERSION


def _terms(tags: Iterable[str]) -> list[str]:
    """The tokens of fields and of their industries."""
    fields = [search_tokens.term_token(FIELD, current().field_key(tag)) for tag in tags]
    return fields + [search_tokens.term_token(INDUSTRY, one.code) for one in current().related(tags, INDUSTRY)]


@atomic
def reindex(challenge_ids: Iterable[int]) -> int:
    """Reindex these challenges, under locks for which no submission waits; returns their number."""
    query = sa.select(Challenge).where(Challenge.id.in_(list(challenge_ids))).order_by(Challenge.id)
    rows = db.session.scalars(query.with_for_update(key_share=True, of=Challenge)).all()
    for challenge in rows:
        index(challenge, _body(challenge))
    return len(rows)


def of_organisation(organisation_id: int) -> list[int]:
    """The challenges of an organisation."""
    return list(db.session.scalars(sa.select(Challenge.id).where(Challenge.organisation_id == organisation_id)))


@atomic
def mark_outdated(scheme: str, keys: Iterable[str]) -> int:
    """Let the challenges that have these terms be read again; returns how many have them."""
    tokens = [search_tokens.term_token(scheme, key) for key in keys]
    statement = sa.update(Challenge).where(Challenge.search.overlap(tokens)).values(search_version=0)
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def outdated() -> list[int]:
    """The next challenges whose tokens were made by older rules."""
    query = sa.select(Challenge.id).where(Challenge.search_version < search_tokens.VERSION).order_by(Challenge.id)
    return list(db.session.scalars(query.limit(AT_ONCE)))


def _body(challenge: Challenge) -> str:
    source = source_of(challenge) if challenge.external else None
    if source is None:
        return challenge.problem_statement
    sections: dict[str, str] = source.mapped.get("sections", {})
    return "\n".join(understand_html(html, name).text for name, html in sections.items())
