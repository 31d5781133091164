"""Profiles of people and organisations; they belong to the blueprint of scoring (`scoring.person`)."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from crowd.config import limits
from crowd.web import guards
from scoring import pictures
from scoring.profiles import queries
from scoring.views import blueprint


@blueprint.get("/people")
@guards.public
def people() -> ResponseReturnValue:
    """Everybody who has points, the most first."""
    return render_template(
        "scoring/people.html", page=queries.people(after=request.args.get("after"), size=limits().page_rows)
    )


@blueprint.get("/people/<int:user_id>")
@guards.public
def person(user_id: int) -> ResponseReturnValue:
    """A person's record, explained event by event."""
    profile = queries.person(guards.actor(), user_id)
    return render_template("scoring/person.html", profile=profile, picture=pictures.reputation(profile))


@blueprint.get("/organisations/<int:organisation_id>")
@guards.public
def organisation(organisation_id: int) -> ResponseReturnValue:
    """An organisation's record, as a sponsor and as an agency."""
    profile = queries.organisation(organisation_id)
    return render_template("scoring/organisation.html", profile=profile, picture=pictures.reputation(profile))
