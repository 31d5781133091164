"""Pages of technology contracts: totals and how to apply, and the files of both."""

from collections.abc import Iterator

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from crowd import csv_export
from crowd.technology_contracts import policy, queries
from crowd.technology_contracts.kinds import KINDS_OF_CONTRACT
from crowd.technology_contracts.register import REGISTER
from crowd.web import guards
from crowd.web.arguments import arguments

blueprint = Blueprint("technology_contracts", __name__)


@blueprint.get("/technology-contracts")
@guards.public
def index() -> ResponseReturnValue:
    """Totals by kind and year, how to apply, and for the operator the file of all contracts."""
    actor = guards.actor()
    return render_template(
        "technology_contracts/index.html", totals=queries.totals(), fewest=queries.FEWEST, register=REGISTER,
        sellers=queries.sellers(actor), exports=policy.can_export(actor), kinds=KINDS_OF_CONTRACT,
        years=queries.years(),
    )  # fmt: skip


@blueprint.get("/technology-contracts.csv")
@guards.public
def totals() -> Response:
    """The totals as CSV."""
    header = ("year", "kind", "currency", "contracts", "contract_amount", "technology_amount")
    return csv_export.response("technology-contracts.csv", header, _lines())


def _lines() -> Iterator[tuple[object, ...]]:
    for one in queries.totals():
        sums = [money.decimal if money else "" for money in (one.contract_amount, one.technology_amount)]
        yield one.year, one.kind, one.currency, one.contracts, *sums


@blueprint.get("/technology-contracts/register.csv")
@guards.signed_in
def export() -> Response:
    """The register with amounts, of a kind or a year where they are given, as CSV."""
    found = queries.rows(guards.actor(), kind=arguments().text("kind"), year=arguments().text("year"))
    return csv_export.response("technology-contracts-register.csv", queries.COLUMNS, found)
