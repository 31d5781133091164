"""The conditions of the register, checked by machine over the answers of an application."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from crowd.accounts.models import OrganisationKind
from crowd.config import limits
from crowd.errors import Invalid, Sentence
from crowd.money import Money
from crowd.procedure import Condition
from crowd.small_firms.points import Figures, Points, points
from crowd.taxonomy.schemes import CHINA
from crowd.web.labels import state_label
from crowd.web.organisations import country_name

CURRENCY, MINOR = "CNY", 100
YES = "yes"
_COUNTED = ("staff", "rd_staff", "revenue", "costs", "rd_expenses", "class_one", "class_two")
Answers = Mapping[str, str]


def check(answers: Answers) -> None:
    """Raises Invalid where the figures cannot be right."""
    found = figures(answers)
    if not found.staff:
        raise Invalid.at("staff", _l("A firm without people cannot apply."))
    if found.rd_staff > found.staff:
        raise Invalid.at("rd_staff", _l("These are more people than work in the firm."))
    if found.rd_expenses > found.costs:
        raise Invalid.at("rd_expenses", _l("This is more than all costs and expenses."))


def figures(answers: Answers) -> Figures:
    """The figures of the answers; 0 for what is not answered."""
    return Figures(**{name: int(answers.get(name) or 0) for name in _COUNTED})


def conditions(answers: Answers) -> list[Condition]:
    """All of them, with what the answers say."""
    found = figures(answers)
    return [*_of_firm(answers), *_of_size(found, int(answers.get("assets") or 0)), *_of_points(points(found))]


def _of_firm(answers: Answers) -> list[Condition]:
    country, kind = answers.get("country", ""), answers.get("kind", "")
    allowed, clean = answers.get("allowed", ""), answers.get("clean", "")
    return [
        Condition(_("It is registered in mainland China."), country == CHINA, country_name(country) if country else ""),
        Condition(
            _("It is an enterprise."), kind == OrganisationKind.ENTERPRISE,
            state_label(kind, "organisation_kind") if kind else "",
        ),
        Condition(
            _("Its products and services are neither prohibited, restricted nor phased out."), allowed == YES, ""
        ),
        Condition(
            _("Since the last year it has had no serious accident, environmental offence or breach of research "
              "integrity, and it is on no list of abnormal operation or serious offences."),
            clean == YES, "",
        ),
    ]  # fmt: skip


def _of_size(found: Figures, assets: int) -> list[Condition]:
    now = limits()
    revenue, whole = now.small_firm_revenue * MINOR, now.small_firm_assets * MINOR
    return [
        Condition(
            _("At most %(number)s people work in it.", number=now.small_firm_staff),
            found.staff <= now.small_firm_staff, _stated(found.staff),
        ),
        Condition(
            _("Its revenue in the last year was at most %(amount)s.", amount=Money(CURRENCY, revenue)),
            found.revenue <= revenue, _stated(Money(CURRENCY, found.revenue)),
        ),
        Condition(
            _("Its assets are at most %(amount)s.", amount=Money(CURRENCY, whole)),
            assets <= whole, _stated(Money(CURRENCY, assets)),
        ),
    ]  # fmt: skip


def _stated(value: int | Money) -> Sentence:
    return _l("stated: %(value)s", value=value)


def _of_points(found: Points) -> list[Condition]:
    least = limits().small_firm_points
    return [
        Condition(_("It has points for its R&D staff."), found.staff > 0, str(found.staff)),
        Condition(
            _("It has at least %(number)s points.", number=least), found.total >= least,
            _("%(total)s: %(staff)s for R&D staff, %(expenses)s for R&D expenses, %(property)s for intellectual "
              "property", total=found.total, staff=found.staff, expenses=found.expenses, property=found.rights),
        ),
    ]  # fmt: skip
