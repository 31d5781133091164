"""The pages of industries and regions; they belong to the blueprint of scoring."""

from collections.abc import Iterator

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd import csv_export
from crowd.config import limits
from crowd.money import Money
from crowd.taxonomy import listing
from crowd.taxonomy.fields import suggestions
from crowd.taxonomy.labels import term_name
from crowd.taxonomy.lookup import MOST_ALIKE, search
from crowd.taxonomy.schemes import CHINA, REGION, SCHEMES
from crowd.taxonomy.vocabulary import current
from crowd.web import guards
from crowd.web.arguments import arguments
from crowd.web.fragments import cached
from scoring.areas import cross_region, queries
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


@blueprint.get("/regions")
@guards.public
def regions() -> ResponseReturnValue:
    """All regions, or those that have what is searched in their names."""
    words = arguments().question("q")
    found = search(REGION, words, limit=MOST_ALIKE) if words else listing.in_order(REGION, first=CHINA)
    page = listing.page_of(found, name=f"regions {words}", after=arguments().after, size=limits().page_rows)
    return render_template("scoring/regions.html", page=page, words=words, suggested=suggestions(REGION))


@blueprint.get("/regions/<code>")
@guards.public
def region(code: str) -> ResponseReturnValue:
    """A region: its challenges, organisations, people and results."""
    return render_template("scoring/area.html", area=queries.region(guards.actor(), code))


@blueprint.get("/statistics/regions")
@guards.public
def cross_region_awards() -> ResponseReturnValue:
    """Awards that cross regions, by pair of regions at a level, and by pair of tiers."""
    level = arguments().text("level", among=cross_region.LEVELS) or next(iter(cross_region.LEVELS))
    return render_template("scoring/cross_region.html", found=cached(lambda: _tables(level), "regions", level))


def _tables(level: str) -> str:
    """The part of the page that is the same for everybody."""
    return render_template(
        "scoring/_cross_region.html",
        level=level,
        sums=cross_region.load(),
        place=_place,
        fewest=cross_region.FEWEST,
    )


@blueprint.get("/statistics/regions.csv")
@guards.public
def cross_region_csv() -> ResponseReturnValue:
    """The same at all levels as CSV."""
    header = ("level", "from_code", "from", "to_code", "to", "awards", "amount", "currency")
    return csv_export.response("regions.csv", header, _lines(cross_region.load()))


def _lines(sums: dict[str, list[cross_region.Sum]]) -> Iterator[tuple[object, ...]]:
    for level, rows in sums.items():
        for row in rows:
            sides = [value for code in row.pair for value in (code, _place(level, code))]
            yield level, *sides, row.awards, Money(row.currency, row.amount).decimal, row.currency


def _place(level: str, code: str) -> str:
    """The name of a region or of a tier."""
    if level == cross_region.TIER:
        return str(SCHEMES[REGION].attributes[cross_region.TIER].values.get(code, _("No tier")))
    return term_name(current().get(REGION, code))
