"""Profiles of people and organisations; they belong to the blueprint of scoring (`scoring.person`)."""

from flask import render_template
from flask.typing import ResponseReturnValue

from crowd.accounts import complaints
from crowd.accounts.models import OrganisationKind
from crowd.cases.answers import granted
from crowd.clock import now
from crowd.config import limits
from crowd.taxonomy.fields import not_found, suggestions
from crowd.taxonomy.schemes import INDUSTRY, REGION
from crowd.taxonomy.vocabulary import current
from crowd.web import guards
from crowd.web.arguments import arguments
from scoring import charts
from scoring.profiles import directory, parks, queries
from scoring.views import blueprint


@blueprint.get("/people")
@guards.public
def people() -> ResponseReturnValue:
    """Solvers, reviewers or agencies (`?list=`), the most points first; `?field=` filters by field."""
    kind, field = arguments().text("list"), arguments().question("field")
    kind = kind if kind in queries.LISTS else "solvers"
    page = queries.listed(kind, actor=guards.actor(), field=field, after=arguments().after, size=limits().page_rows)
    return render_template("scoring/people.html", page=page, kind=kind, field=field, reader=guards.actor())


@blueprint.get("/people/<int:user_id>")
@guards.public
def person(user_id: int) -> ResponseReturnValue:
    """A person's record, explained event by event."""
    profile = queries.person(guards.actor(), user_id)
    return render_template("scoring/person.html", profile=profile, picture=charts.reputation(profile, now()))


@blueprint.get("/organisations")
@guards.public
def organisations() -> ResponseReturnValue:
    """All organisations by name: by kind, region and industry, and by a part of their name."""
    filters = directory.read(arguments())
    return render_template(
        "scoring/organisations.html",
        filters=filters,
        found=directory.load(filters, after=arguments().after),
        kinds=list(OrganisationKind),
        industries=current().all(INDUSTRY),
        regions=suggestions(REGION),
        place_problem=not_found(REGION, filters.region),
    )


@blueprint.get("/organisations/<int:organisation_id>")
@guards.public
def organisation(organisation_id: int) -> ResponseReturnValue:
    """An organisation's record, as a sponsor and as an agency."""
    profile = queries.organisation(guards.actor(), organisation_id)
    picture = charts.reputation(profile, now())
    return render_template(
        "scoring/organisation.html", profile=profile, park=parks.load(profile.party), picture=picture,
        warnings=granted(complaints.KIND, organisation_id, now() - complaints.STANDS),
    )  # fmt: skip
