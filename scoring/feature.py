"""What judging declares: pages, jobs, words of its operations, who may open what its notifications link to."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

import scoring.areas.views
import scoring.awards.views
import scoring.holds.views
import scoring.profiles.views
import scoring.reviews.views  # noqa: F401 - adds pages to the blueprint
from challenges import queries as challenge_queries
from challenges.events import ChallengeCancelled, ChallengeClosed, DecisionScheduled, SilenceScheduled
from challenges.questions import PANEL_PAGE, PAY_REVIEWERS, REVIEWS
from crowd.accounts.events import ExpertLeft, OrganisationVerified
from crowd.accounts.questions import DECLARED_CONFLICTS, OPENS_TO, ORGANISATION_LIST, ORGANISATION_PAGE, PERSON_PAGE
from crowd.audit import Actor
from crowd.feature import Feature
from crowd.ledger.events import LedgerCheckRequested
from crowd.ledger.questions import HELD_AWARDS, PRIZE_TITLES, RESULTS_PAGE
from scoring import api, labels, notifications, policy, queries, tabs, views, voting
from scoring.appeals import kind as appeal_kinds
from scoring.awards import queries as award_queries
from scoring.feedback import queries as feedback_queries
from scoring.holds import queries as hold_queries
from scoring.honoraria import services as honoraria_services
from scoring.integrity import kind as integrity_kinds
from scoring.open_matters import open_matters
from scoring.personal_data import PERSONAL_DATA, erase
from scoring.profiles import queries as profiles
from scoring.reviews import notifications as review_notifications
from scoring.reviews import queries as review_queries
from scoring.silence import kind as silence_kinds
from submissions.questions import RECUSED_FROM, VOTED_ON

AUDIT = {
    "challenge.overdue": _l("Decision overdue"),
    "challenge.silent": _l("Nobody had decided in time"),
    "challenge.reopened": _l("Opened the decision again after a case"),
    "challenge.payment_held": _l("Held the payment"),
    "challenge.payment_released": _l("Released a held payment"),
    "panel.formed": _l("Formed the panel"),
    "panel.vacancies_filled": _l("Assigned more reviewers"),
    "review.started": _l("Started a review"),
    "review.submitted": _l("Submitted a review"),
    "review.changed": _l("Submitted a changed review"),
    "review.declined": _l("Declined a review"),
    "review.set_aside": _l("Set a review aside"),
    "review.released": _l("Released a review that is not needed any more"),
    "conflict.declared": _l("Declared a conflict of interest"),
    "conflict.withdrawn": _l("Withdrew a conflict of interest"),
    "award.selected": _l("Chose an award"),
    "award.removed": _l("Removed an award"),
    "award.announced": _l("Announced an award"),
    "challenge.not_awarded": _l("Closed without an award"),
    "award.held": _l("Held an award for review by the council"),
    "award.unverified": _l("An award waits for the verification of an organisation"),
    "award.cleared": _l("Released a held award for payment"),
    "award.paid": _l("Paid an award out of escrow"),
    "awards.paid": _l("Paid the awards out of escrow"),
    "honoraria.paid": _l("Paid the reviewers out of escrow"),
}
SUBJECTS = {
    "assignment": _l("Review"),
    "award": _l("Award"),
    "panel": _l("Panel"),
    "conflict_of_interest": _l("Conflict of interest"),
}
DATA = {
    "assignments": _l("Reviews assigned"),
    "awards": _l("Awards"),
    "back": _l("Returned to the sponsor"),
    "candidates": _l("Experts considered"),
    "conflict": _l("Conflict of interest"),
    "consequence": _l("What the contract says of it"),
    "decision_due_at": _l("Decision due"),
    "declared": _l("Conflict of interest"),
    "fee": _l("Platform fee"),
    "held": _l("Awards held"),
    "left_out": _l("Excluded"),
    "load": _l("Total reviews"),
    "most_open": _l("Most open reviews of one reviewer"),
    "overdue": _l("Overdue"),
    "paid": _l("Paid"),
    "panel": _l("Panel"),
    "party": _l("With whom"),
    "position": _l("Award position"),
    "prize": _l("Prize"),
    "released": _l("No longer needed"),
    "review_fee": _l("Fee for each review"),
    "reviewers": _l("Reviewers"),
    "reviews": _l("Reviews of each proposal"),
    "reviews_paid": _l("Reviews paid"),
    "rival": _l("Takes part with another proposal"),
    "rule": _l("Rule"),
    "seed": _l("Seed of the draw"),
    "silence_at": _l("Last date for the decision"),
    "self": _l("Own proposal"),
    "soon": _l("Due soon"),
    "sponsor": _l("Sponsor"),
    "unverified": _l("Awards that wait for a verification"),
    "tie": _l("Conflict of interest"),  # in records from before 0201; the audit trail is never rewritten
}
JOBS = {
    "ledger_checks.run": _l("Check the ledger"),
    "decisions.notify_overdue": _l("Notify of an overdue decision"),
    "decisions.find_overdue": _l("Find overdue decisions"),
    "decisions.carry_out_silence": _l("Decide by the contract where nobody has"),
    "decisions.find_silent": _l("Find challenges that nobody has decided in time"),
    "decisions.lapse_silence": _l("End the case about a silent sponsor"),
    "decisions.remind": _l("Remind of decisions that are due soon"),
    "appeals.carry_out": _l("Carry out the end of an appeal"),
    "integrity.carry_out": _l("Carry out the end of a case about integrity"),
    "honoraria.pay": _l("Pay the reviewers of a challenge"),
    "panels.form": _l("Form a panel"),
    "awards.notify_followers": _l("Notify those who follow the agency of an award"),
    "reviews.remind": _l("Remind reviewers"),
    "reviews.release_former": _l("Release the reviews of somebody who is no longer an expert"),
    "settlement.settle": _l("Settle a challenge"),
    "settlement.settle_due": _l("Settle what is due"),
    "settlement.settle_verified": _l("Settle what has waited for the verification of an organisation"),
    "reviews.replace_conflicted": _l("Replace reviewers with a new conflict of interest"),
}


def _awards(actor: Actor | None, challenge_id: int) -> None:
    queries.access_judging(actor, challenge_id)
    challenge_queries.access(actor, challenge_id, to=policy.can_award)


FEATURE = Feature(
    name="scoring",
    case_kinds=(*appeal_kinds.KINDS, *integrity_kinds.KINDS, *silence_kinds.KINDS),
    blueprints=(views.blueprint, api.blueprint),  # `views` is completed by reviews, awards and profiles
    jobs="scoring.jobs",
    checks="scoring.consistency",
    schedule={
        "settlement.settle_due": timedelta(minutes=1),
        "reviews.remind": timedelta(hours=1),
        "reviews.replace_conflicted": timedelta(minutes=10),
        "decisions.find_overdue": timedelta(hours=1),
        "decisions.find_silent": timedelta(minutes=10),
        "decisions.remind": timedelta(hours=1),
        "ledger_checks.run": timedelta(days=1),
    },
    on={
        ChallengeClosed: ("panels.form",),
        ChallengeCancelled: ("decisions.lapse_silence",),
        DecisionScheduled: ("decisions.notify_overdue",),
        SilenceScheduled: ("decisions.carry_out_silence",),
        ExpertLeft: ("reviews.release_former",),
        OrganisationVerified: ("settlement.settle_verified",),
        LedgerCheckRequested: ("ledger_checks.run",),
    },
    answers={
        DECLARED_CONFLICTS: review_queries.DECLARED_CONFLICTS,
        PAY_REVIEWERS: honoraria_services.pay_earned,
        HELD_AWARDS: hold_queries.held_awards,
        PRIZE_TITLES: award_queries.prize_titles,
        PANEL_PAGE: "scoring.panel",
        REVIEWS: review_queries.reviews_in,
        PERSON_PAGE: "scoring.person",
        OPENS_TO: profiles.opens_to,
        ORGANISATION_PAGE: "scoring.organisation",
        ORGANISATION_LIST: "scoring.organisations",
        RESULTS_PAGE: "scoring.results",
        VOTED_ON: voting.voted_on,
        RECUSED_FROM: voting.recused_from,
    },
    audit=AUDIT,
    audit_data=DATA,
    subjects=SUBJECTS,
    job_labels=JOBS,
    labels={
        "assignment": labels.ASSIGNMENT,
        "award": labels.AWARD,
        "fee": labels.FEE,
        "finding": labels.FINDINGS,
        "panel_rule": labels.PANEL_RULE,
    },
    notifications=notifications.KINDS | review_notifications.KINDS,
    notification_group=_l("Judging: reviews, awards, results"),
    link_access={
        "scoring.awards": _awards,
        "scoring.feedback": feedback_queries.access_feedback,
        "scoring.panel": queries.access_judging,
        "scoring.ranking": queries.access_judging,
        "scoring.results": lambda actor, challenge_id: challenge_queries.access(
            actor, challenge_id, to=policy.can_view_results
        ),
        "scoring.review": review_queries.access_assignment,
    },
    dashboard_tasks=(queries.waiting,),
    open_matters=(open_matters,),
    personal_data=PERSONAL_DATA,
    erasures=(erase,),
    tabs={"challenge": tabs.of_challenge},
    sections={
        "scoring.review": ("reviews",),
        "scoring.declared_conflicts": ("reviews",),
        "scoring.panel": ("challenges",),
        "scoring.ranking": ("challenges",),
        "scoring.awards": ("challenges",),
        "scoring.feedback": ("proposals", "challenges"),
        "scoring.holds": ("challenges",),
        "scoring.results": ("results",),
        "scoring.industries": ("challenges",),
        "scoring.industry": ("challenges",),
        "scoring.region": ("challenges",),
        "scoring.regions": ("challenges",),
        "scoring.cross_region_awards": ("challenges",),
        "scoring.person": ("people",),
        "scoring.organisation": ("people",),
        "scoring.organisations": ("people",),
    },
)
