"""The page of science and technology SMEs: conditions, applications to which anybody may object, and how to apply."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from crowd.accounts.organisations.queries import for_whom
from crowd.config import limits
from crowd.small_firms import conditions, queries
from crowd.small_firms.kinds import APPLICATION, OBJECTION
from crowd.small_firms.referrals.queries import totals
from crowd.small_firms.referrals.workflow import ReferralState
from crowd.small_firms.register import REGISTER
from crowd.web import guards
from crowd.web.arguments import arguments

blueprint = Blueprint("small_firms", __name__)


@blueprint.get("/small-firms")
@guards.public
def index() -> ResponseReturnValue:
    """The conditions, and the applications whose time for objections runs."""
    actor = guards.actor()
    page, published = queries.published(actor, after=arguments().after, size=limits().page_rows)
    return render_template(
        "small_firms/index.html", page=page, published=published, firms=for_whom(actor), register=REGISTER,
        conditions=conditions.conditions({}), application=APPLICATION, objection=OBJECTION,
        days=limits().small_firm_objection_days, totals=totals(), states=list(ReferralState),
        reads_referrals=actor is not None,
    )  # fmt: skip
