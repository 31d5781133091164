"""How many published challenges use a term, for the taxonomy's operator."""

import sqlalchemy as sa
from flask import url_for
from flask_babel import ngettext
from sqlalchemy.dialects.postgresql import array

from challenges.models import Challenge
from challenges.policy import LISTED
from challenges.search_tokens import term_token
from challenges.tiers import NEED_TIER
from crowd.feature import TermUse
from crowd.languages import ENGLISH
from crowd.taxonomy.schemes import FIELD, INDUSTRY, STAGE
from crowd.taxonomy.vocabulary import Entry, current


def _counted(clause: sa.ColumnElement[bool]) -> sa.Select[int]:
    return sa.select(sa.func.count()).select_from(Challenge).where(LISTED, clause)


def _of_term(entry: Entry) -> sa.Select[int] | None:
    if entry.scheme in (FIELD, INDUSTRY):
        tokens = [term_token(entry.scheme, code) for code in current().codes_of(entry)]
        return _counted(Challenge.search.overlap(tokens))
    column = {STAGE: Challenge.stage_id, NEED_TIER: Challenge.tier_id}.get(entry.scheme)
    return None if column is None else _counted(column.in_(current().ids_of(entry)))


def _of_free(key: sa.ColumnElement[str], _spellings: sa.ColumnElement[list[str]]) -> sa.Select[int]:
    token = sa.literal(term_token(FIELD, "~"), sa.Text) + key
    return _counted(Challenge.search.contains(array([token])))


def _url(entry: Entry) -> str:
    return url_for(
        "challenges.index",
        tag=entry.name(ENGLISH.locale) if entry.scheme == FIELD else None,
        industry=entry.code if entry.scheme == INDUSTRY else None,
        stage=entry.code if entry.scheme == STAGE else None,
        filtered=1,
    )


USES = {
    "challenges": TermUse(
        text=lambda number: ngettext("%(num)d challenge", "%(num)d challenges", number),
        of_term=_of_term,
        of_free=_of_free,
        url=_url,
        free_url=lambda name: url_for("challenges.index", tag=name, filtered=1),
    )
}
