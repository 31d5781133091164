"""The page about the fee, for everybody."""

from flask import render_template
from flask.typing import ResponseReturnValue

from crowd.ledger.fees import charts, queries
from crowd.ledger.fees.rules import FEES
from crowd.ledger.views import blueprint
from crowd.rules import queries as rules
from crowd.rules.page import values_of
from crowd.web import guards


@blueprint.get("/fees")
@guards.public
def fees() -> ResponseReturnValue:
    """The fee in force, what it comes to in an example, and its versions, the newest first."""
    version, points = queries.current_fee()
    adoptions = rules.adoptions(FEES)
    return render_template(
        "ledger/fees.html", version=version, points=points, example=charts.example(points), adoptions=adoptions,
        values_of={one.version.number: values_of(FEES, one.version) for one in adoptions},
        rules=FEES,
    )  # fmt: skip
