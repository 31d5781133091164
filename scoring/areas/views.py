"""The pages of industries and regions; they belong to the blueprint of scoring."""

from flask import render_template
from flask.typing import ResponseReturnValue

from crowd.taxonomy.schemes import CHINA, REGION
from crowd.taxonomy.vocabulary import current
from crowd.web import guards
from scoring.areas import queries
from scoring.views import blueprint


@blueprint.get("/industries")
@guards.public
def industries() -> ResponseReturnValue:
    """All industries, and the regions with tiers."""
    tiers = [one for one in current().all(REGION) if "tier" in one.attributes]
    china = current().get(REGION, CHINA)
    return render_template("scoring/industries.html", industries=queries.industries(), china=china, cities=tiers)


@blueprint.get("/industries/<code>")
@guards.public
def industry(code: str) -> ResponseReturnValue:
    """An industry: its challenges, organisations, people and results."""
    return render_template("scoring/area.html", area=queries.industry(guards.actor(), code))


@blueprint.get("/regions/<code>")
@guards.public
def region(code: str) -> ResponseReturnValue:
    """A region: its challenges, organisations, people and results."""
    return render_template("scoring/area.html", area=queries.region(guards.actor(), code))
