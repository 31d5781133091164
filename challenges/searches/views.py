"""The pages of a person's saved searches."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from challenges import filtering
from challenges.filter_names import suggested_name
from challenges.searches import queries, services
from challenges.searches.forms import SearchForm
from crowd.config import limits
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments
from crowd.web.confirmation import Reason

blueprint = Blueprint("searches", __name__, url_prefix="/account/searches")


@blueprint.get("")
@guards.signed_in
def index() -> ResponseReturnValue:
    """The person's searches, with the number of new results of each."""
    searches = queries.of_person(guards.person().id)
    return render_template("challenges/searches.html", searches=searches, new=queries.count_new(searches))


@blueprint.route("/new", methods=["GET", "POST"])
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def new() -> ResponseReturnValue:
    """Keep the search whose filters are in the URL."""
    filters = filtering.read(arguments())
    kept, chosen = filtering.arguments(filters), filtering.chosen(filters)
    form = SearchForm(name=suggested_name(chosen, limits().max_title_length))
    if form.passes(lambda: services.save(guards.person(), name=form.name.data, arguments=kept)):
        flash(_("The search is saved. You are notified when a new challenge matches it."), "success")
        return redirect(url_for("searches.index"), 303)
    return render_template("challenges/save_search.html", form=form, chosen=chosen, arguments=kept), form.status


@blueprint.get("/<int:search_id>")
@guards.signed_in
def show(search_id: int) -> ResponseReturnValue:
    """Open the list with the search's filters; its results count as seen."""
    search = services.look(guards.person(), search_id)
    return redirect(url_for("challenges.index", **filtering.arguments(queries.filters_of(search))), 303)


@blueprint.post("/<int:search_id>/delete")
@guards.signed_in
@confirmation.not_required(Reason.REPEATABLE)
def delete(search_id: int) -> ResponseReturnValue:
    """Delete a saved search."""
    services.delete(guards.person(), search_id)
    flash(_("The saved search is deleted."), "success")
    return redirect(url_for("searches.index"), 303)
