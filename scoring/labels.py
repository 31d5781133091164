"""The names of states of the judging, and sentences of several of its pages."""

from babel.lists import format_list
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from crowd.feature import Label
from crowd.web.labels import state_label
from crowd.web.request_locale import reader
from scoring.policy import OPERATORS
from scoring.workflow import AssignmentState, AwardState

ASSIGNMENT = {
    AssignmentState.PENDING: Label(_l("To review"), "warn"),
    AssignmentState.DONE: Label(_l("Submitted")),
    AssignmentState.DECLINED: Label(_l("Declined")),
    AssignmentState.RELEASED: Label(_l("No longer needed")),
    AssignmentState.SET_ASIDE: Label(_l("Set aside")),
}
AWARD = {
    AwardState.SELECTED: Label(_l("Chosen")),
    AwardState.ANNOUNCED: Label(_l("Announced")),
    AwardState.POSTED: Label(_l("Paid"), "safe"),
}
PANEL_RULE = {"greedy-1": Label(_l("Choice of reviewers, version 1"))}
FEE = {"award": Label(_l("prizes that are awarded"))}  # by what the rate applies to
FINDINGS = {
    "escrow_state": Label(_l("An escrow does not fit its challenge")),
    "escrow_stray": Label(_l("An escrow belongs to no challenge")),
    "award_misdirected": Label(_l("An award was not paid to those who share it")),
    "split_wrong": Label(_l("The shares of a submitted proposal are not complete")),
    "honorarium_wrong": Label(_l("A reviewer was not paid what the review earned")),
    "honorarium_missing": Label(_l("A review that came in time was not paid")),
    "review_missing": Label(_l("A finished review was not submitted")),
    "reputation_missing": Label(_l("A settled challenge gave no points")),
    "silence_case_wrong": Label(_l("A case about a silent sponsor does not follow its challenge")),
    "month_wrong": Label(_l("Monthly totals are not the sum of what happened")),
    "escrow_wrong": Label(_l("Monthly totals do not match the escrows")),
    "count_wrong": Label(_l("The number of proposals or registrations is wrong")),
    "award_unpaid": Label(_l("An award was not paid in full")),
    "award_paid_early": Label(_l("An award was paid before it took effect")),
    "award_open": Label(_l("An award does not fit its challenge")),
    "award_wrong": Label(_l("An award does not fit its prize")),
    "tie_wrong": Label(_l("Equal means do not share the prizes of their places")),
    "fee_wrong": Label(_l("A fee is not what was agreed")),
    "award_fee_wrong": Label(_l("An award was paid with another fee")),
    "paid_while_held": Label(_l("Something was paid while its payment was held")),
    "standing_wrong": Label(_l("Points are not the sum of their events")),
    "result_wrong": Label(_l("An award is not what the result publishes")),
    "place_missing": Label(_l("A decision lacks a published rank")),
}


def who_sees_reviewers() -> str:
    """To whom reviews carry names: `policy.sees_reviewers` in words."""
    roles = format_list([state_label(role, "platform_role") for role in OPERATORS], locale=reader().name)
    return _(
        "Reviewers are named to the sponsor and to the platform’s roles %(roles)s; not to participants and not to the "
        "public.",
        roles=roles,
    )
