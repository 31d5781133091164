"""Pages that belong to no single package: home page, statistics, dashboard, how it works, fees, terms, privacy,
contact.
"""

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from challenges.rule_set import rule_limits
from challenges.tier_rules import all_tier_rules
from challenges.tiers import offered
from crowd.accounts import services as accounts
from crowd.errors import NotFound
from crowd.languages import LANGUAGES
from crowd.money import CURRENCIES
from crowd.site import charts, legal_texts
from crowd.site import dashboard as dashboards
from crowd.site import home as site_home
from crowd.site.programme import programmes_of
from crowd.site.statistics import load as load_statistics
from crowd.web import api, confirmation, guards, readings
from crowd.web.arguments import arguments
from crowd.web.confirmation import Reason
from crowd.web.fragments import cached
from crowd.web.link_access import local_path
from scoring.profiles import queries as profiles

blueprint = Blueprint("site", __name__)
YEAR = 365 * 24 * 3600
THEMES = ("light", "dark", "auto")


@blueprint.get("/")
@guards.public
def home() -> ResponseReturnValue:
    """Open challenges, money in escrow and paid, latest results."""
    return render_template("site/home.html", found=cached(_home, "front"))


def _home() -> str:
    """The part of the home page that is the same for everybody."""
    return render_template("site/_home.html", front=site_home.home_page_data())


@blueprint.get("/statistics")
@guards.public
def statistics() -> ResponseReturnValue:
    """The platform's totals, with charts and their tables."""
    return render_template("site/statistics.html", found=cached(_statistics, "statistics"))


def _statistics() -> str:
    """The part of the page that is the same for everybody."""
    figures = load_statistics()
    return render_template(
        "site/_statistics.html",
        figures=figures,
        people=profiles.counts(),
        limits=rule_limits(),
        stands=charts.stands(figures),
        proposals=charts.proposals(figures),
        money=[charts.money(flow) for flow in figures.flows],
        waits=charts.waits(figures),
        month=charts.month,
    )


@blueprint.get("/dashboard")
@guards.signed_in
def dashboard() -> ResponseReturnValue:
    """The dashboard: tasks, changes, money, the next step."""
    return render_template("site/dashboard.html", dashboard=dashboards.load(guards.person()))


@blueprint.get("/programme")
@guards.roles("programme_officer")
def programme() -> ResponseReturnValue:
    """The challenges, money and decisions of my government bodies."""
    return render_template("site/programme.html", programmes=programmes_of(guards.person()))


@blueprint.get("/how-it-works")
@guards.public
def how_it_works() -> ResponseReturnValue:
    """How the platform works, for a newcomer."""
    return render_template("site/how_it_works.html", limits=rule_limits(), tiers=offered(), tier_rules=all_tier_rules())


@blueprint.get("/terms")
@guards.public
def terms() -> ResponseReturnValue:
    """The terms, which everybody accepts on signing up."""
    return _legal("terms")


@blueprint.get("/privacy")
@guards.public
def privacy() -> ResponseReturnValue:
    """Which data about people is stored, why and for how long."""
    return _legal("privacy")


@blueprint.get("/contact")
@guards.public
def contact() -> ResponseReturnValue:
    """How to reach the operator."""
    return _legal("contact")


def _legal(name: str) -> ResponseReturnValue:
    """A legal text: the version in force, or the requested one."""
    shown = legal_texts.shown(name, arguments().text("version") or None)
    return render_template("site/legal.html", name=name, shown=shown)


@blueprint.get("/api")
@guards.public
def api_docs() -> ResponseReturnValue:
    """What the API offers, as its endpoints are described where they stand."""
    settings = current_app.config["CROWD"]
    return render_template(
        "site/api.html",
        endpoints=list(api.described(current_app)),
        errors=api.ERRORS,
        address=settings.address,
        limits=settings.limits,
    )


@blueprint.get("/api/openapi.json")
@guards.public
def openapi() -> ResponseReturnValue:
    """The same as an OpenAPI document."""
    return jsonify(api.document(current_app))


@blueprint.get("/amounts")
@guards.public
def amount() -> ResponseReturnValue:
    """How an amount is understood, or why it is not: the line beside its field while it is typed."""
    currency = arguments().text("currency", among=CURRENCIES)
    return jsonify(readings.read(arguments().text("text"), currency or current_app.config["CROWD"].currency))


@blueprint.route("/language/<locale>", methods=["GET", "POST"])
@guards.public
@confirmation.not_required(Reason.REVERSIBLE)
def language(locale: str) -> ResponseReturnValue:
    """Store a language in this browser, and go back. A POST of a person stores it for their emails, too: a GET, which
    is a link that any site can lead to, never does.
    """
    if locale not in LANGUAGES:
        raise NotFound
    if request.method == "POST" and (actor := guards.actor()) is not None and actor.locale != locale:
        accounts.choose_language(actor, locale=locale)
    return _remember("locale", locale)


@blueprint.get("/theme/<theme>")
@guards.public
def theme(theme: str) -> ResponseReturnValue:
    """Store light, dark or the device's own choice, and go back."""
    if theme not in THEMES:
        raise NotFound
    return _remember("theme", theme)


def _remember(name: str, value: str) -> ResponseReturnValue:
    response = redirect(local_path(arguments().text("next")) or url_for("site.home"), 303)
    https = current_app.config["CROWD"].https
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=https, httponly=True)
    return response
