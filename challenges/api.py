"""Challenges as JSON: what is published, for everybody."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from challenges import filtering, queries
from challenges.brief import PrizeLine, lines
from challenges.criteria import CriterionLine
from challenges.models import Challenge, Type
from crowd.config import limits
from crowd.errors import Sentence
from crowd.web import guards
from crowd.web.api import ResponseField, Schema, describes
from crowd.web.arguments import arguments

blueprint = Blueprint("challenges_api", __name__)


def _url(challenge: Challenge) -> str:
    return url_for("challenges.show", challenge_id=challenge.id, _external=True)


def _type(challenge: Challenge) -> str | None:
    return None if challenge.external else str(Type.PRIZE)  # the rules that all challenges here follow


def _organisation(challenge: Challenge) -> dict[str, object]:
    verified = challenge.organisation.verified_at is not None
    return {"id": challenge.organisation_id, "name": challenge.organisation.name, "verified": verified}


def _prizes(challenge: Challenge) -> list[dict[str, object]]:
    return [asdict(line) for line in lines(PrizeLine, challenge.prizes)]


def _criteria(challenge: Challenge) -> list[dict[str, object]]:
    return [asdict(line) for line in lines(CriterionLine, challenge.criteria)]


def _source(challenge: Challenge) -> dict[str, Any] | None:
    source = queries.source_of(challenge) if challenge.external else None
    if source is None:
        return None
    types = source.mapped.get("types_given", [])
    return {"platform": source.platform, "id": source.foreign_id, "url": source.url, "types": types}


def _at(name: str, text: Sentence) -> ResponseField:
    """A column that holds a time, or null: in UTC."""

    def value(challenge: Challenge) -> str | None:
        instant = getattr(challenge, name)
        return instant.isoformat() if instant else None

    return ResponseField(name, text, value)


BRIEF = Schema(
    _l("Fields of each challenge"),
    (
        ResponseField("id", _l("number of the challenge"), lambda row: row.id),
        ResponseField("url", _l("its page"), _url),
        ResponseField(
            "origin",
            _l("platform: posted here; external: a record of another platform’s challenge"),
            lambda row: str(row.origin),
        ),
        ResponseField("state", _l("its state"), lambda row: str(row.state)),
        ResponseField(
            "type",
            _l("prize: under the rules of this platform; null for a record of another platform"),
            _type,
        ),
        ResponseField("stage", _l("required maturity, or null"), lambda row: str(row.stage) if row.stage else None),
        ResponseField("language", _l("language of its text"), lambda row: row.language),
        ResponseField("title", _l("title"), lambda row: row.title),
        ResponseField("summary", _l("summary, plain text"), lambda row: row.summary),
        ResponseField("tags", _l("fields"), lambda row: list(row.tags)),
        ResponseField("organisation", _l("who posts it: id, name, and whether it is verified"), _organisation),
        ResponseField("currency", _l("currency of all its amounts, ISO 4217"), lambda row: row.currency),
        ResponseField(
            "prize_total", _l("all prizes together, in minor units (fen, cents)"), lambda row: row.prize_total
        ),
        _at("opens_at", _l("opening, or null")),
        _at("closes_at", _l("closing, or null")),
        ResponseField("in_escrow", _l("whether its money is held in escrow now"), lambda row: row.in_escrow),
    ),
)
WHOLE = Schema(
    _l("Further fields of one challenge"),
    (
        ResponseField("problem_statement", _l("the problem, in Markdown"), lambda row: row.problem_statement),
        ResponseField("rights", _l("what happens with the rights in what is awarded"), lambda row: row.rights),
        ResponseField("prizes", _l("each with title, amount in minor units, and number of awards"), _prizes),
        ResponseField(
            "criteria", _l("each with title, description, weight in percent, and scale of points"), _criteria
        ),
        ResponseField(
            "registrations",
            _l("how many take part; proposals are not counted before the close"),
            lambda row: row.registrations_count,
        ),
        _at("published_at", _l("opened")),
        _at("closed_at", _l("closed")),
        _at("decided_at", _l("decided")),
        _at("settled_at", _l("paid and settled")),
        ResponseField(
            "source",
            _l("for a record of another platform: its name, number and address, and the types that it gives"),
            _source,
        ),
    ),
    base=BRIEF,
)


@blueprint.get("/api/v1/challenges")
@guards.public
@describes(
    _l(
        'Challenges, at most %(rows)s in a response. Where there are more, "after" is the cursor of the next page, '
        "else null."
    ),
    BRIEF,
    parameters=filtering.PARAMETERS,
    example="/api/v1/challenges?state=open&here=1&sort=closing",
)
def index() -> ResponseReturnValue:
    """A page of challenges; `after` in the response is the cursor of the next one (null on the last)."""
    size = limits().page_rows
    page = queries.list_page(filtering.read(arguments()), after=arguments().after, size=size)
    return _unless_known(jsonify(challenges=[BRIEF.dump(row) for row in page], after=page.after))


@blueprint.get("/api/v1/challenges/<int:challenge_id>")
@guards.public
@describes(_l('One challenge under "challenge": the fields above, and these.'), WHOLE, example="/api/v1/challenges/1")
def show(challenge_id: int) -> ResponseReturnValue:
    """One challenge with its prizes and rubric."""
    challenge = queries.access(None, challenge_id)
    return _unless_known(jsonify(challenge=WHOLE.dump(challenge)))


def _unless_known(response: Any) -> ResponseReturnValue:
    """304 where the caller already has the same response."""
    response.add_etag()
    response.cache_control.no_cache = True
    return response.make_conditional(request)
