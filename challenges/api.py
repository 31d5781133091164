"""Challenges as JSON: what is published, for everybody."""

from typing import Any

from flask import Blueprint, current_app, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from challenges import filtering, queries
from challenges.models import Challenge, ExternalRecord, Type
from crowd.web import guards
from crowd.web.arguments import arguments

blueprint = Blueprint("challenges_api", __name__)


@blueprint.get("/api/v1/challenges")
@guards.public
def index() -> ResponseReturnValue:
    """A page of challenges; `after` in the response is the cursor of the next one (null on the last)."""
    size = current_app.config["CROWD"].limits.page_rows
    page = queries.list_page(filtering.read(arguments()), after=arguments().after, size=size)
    return _unless_known(jsonify(challenges=[brief(row) for row in page], after=page.after))


@blueprint.get("/api/v1/challenges/<int:challenge_id>")
@guards.public
def show(challenge_id: int) -> ResponseReturnValue:
    """One challenge with its prizes and rubric."""
    challenge = queries.access(None, challenge_id)
    return _unless_known(jsonify(challenge=whole(challenge)))


def _unless_known(response: Any) -> ResponseReturnValue:
    """304 where the caller already has the same response."""
    response.add_etag()
    response.cache_control.no_cache = True
    return response.make_conditional(request)  # type: ignore[no-any-return]


def brief(challenge: Challenge) -> dict[str, Any]:
    """A row of the list. Amounts are minor units of `currency`; times are UTC."""
    return {
        "id": challenge.id,
        "url": url_for("challenges.show", challenge_id=challenge.id, _external=True),
        "origin": str(challenge.origin),
        "state": str(challenge.state),
        "type": None if challenge.external else str(Type.PRIZE),  # the rules that all challenges here follow
        "stage": str(challenge.stage) if challenge.stage else None,
        "language": challenge.language,
        "title": challenge.title,
        "summary": challenge.summary,
        "tags": list(challenge.tags),
        "organisation": {"id": challenge.organisation_id, "name": challenge.organisation.name,
                         "verified": challenge.organisation.verified_at is not None},
        "currency": challenge.currency,
        "prize_total": challenge.prize_total,
        "opens_at": _at(challenge.opens_at),
        "closes_at": _at(challenge.closes_at),
        "in_escrow": challenge.in_escrow,
    }  # fmt: skip


def whole(challenge: Challenge) -> dict[str, Any]:
    """One challenge with all its public data."""
    source = queries.source_of(challenge) if challenge.external else None
    return brief(challenge) | {
        "problem_statement": challenge.problem_statement,
        "rights": challenge.rights,
        "prizes": [{"title": p.title, "amount": p.amount, "award_count": p.award_count} for p in challenge.prizes],
        "criteria": [
            {"title": c.title, "description": c.description, "weight": c.weight, "scale": c.scale}
            for c in challenge.criteria
        ],
        "registrations": challenge.registrations_count,
        "published_at": _at(challenge.published_at),
        "closed_at": _at(challenge.closed_at),
        "decided_at": _at(challenge.decided_at),
        "settled_at": _at(challenge.settled_at),
        "source": _source(source) if source else None,
    }


def _source(source: ExternalRecord) -> dict[str, Any]:
    types = source.mapped.get("types_given", [])
    return {"platform": source.platform, "id": source.foreign_id, "url": source.url, "types": types}


def _at(instant: Any) -> str | None:
    return instant.isoformat() if instant else None
