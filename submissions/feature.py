"""What the submissions declare: pages, jobs, words of their operations."""

from flask_babel import lazy_gettext as _l

from challenges import queries as challenge_queries
from challenges.contract.events import ContractAmended
from challenges.discussion.events import NewsPosted
from challenges.events import ChallengeCancelled, ChallengeClosed
from challenges.questions import ACCEPTANCE, ENTERED_AT, PARTICIPANTS, SET_ASIDE_AT_CLOSE, TAKES_PART
from crowd.accounts.questions import WRITES_PROPOSALS
from crowd.feature import Feature
from submissions import labels, mediation, notifications, queries, reports, tabs, views
from submissions.acceptance import queries as acceptance_queries
from submissions.acceptance import services as acceptance
from submissions.acceptance import views as acceptance_views
from submissions.confirmation import queries as confirmation_queries
from submissions.confirmation import views as confirmation_views
from submissions.entry import queries as entry_queries
from submissions.entry import views as entry_views
from submissions.numbers import views as number_views
from submissions.open_matters import open_matters
from submissions.participation import queries as participation_queries
from submissions.personal_data import PERSONAL_DATA, erase
from submissions.shares import views as share_views

AUDIT = {
    "registration.created": _l("Registered"),
    "registration.withdrawn": _l("Withdrew the registration"),
    "proposal.started": _l("Started the proposal"),
    "proposal.saved": _l("Edited the draft"),
    "proposal.file_attached": _l("Added a file"),
    "proposal.file_detached": _l("Removed a file"),
    "proposal.submitted": _l("Submitted a version"),
    "proposal.withdrawn": _l("Withdrew the proposal"),
    "proposal.resumed": _l("Resumed the proposal"),
    "proposal.access_denied": _l("Tried to view a sealed proposal and was refused"),
    "proposal.disqualified": _l("Disqualified after a case about its integrity"),
    "proposal.set_aside": _l("Set aside: the contract in force was not accepted"),
    "registration.answered": _l("Corrected the answers of the registration"),
    "registration.accepted": _l("Accepted the changed contract"),
    "registration.confirmed": _l("Confirmed the registration"),
    "registration.refused": _l("Refused the registration"),
    "shares.set": _l("Set the shares"),
    "share.agreed": _l("Agreed to a share"),
    "share.refused": _l("Refused a share"),
}
SUBJECTS = {
    "proposal": _l("Proposal"),
    "registration": _l("Registration"),
}
DATA = {
    "agency_points": _l("Share of the agency"),
    "challenge_state": _l("State of the challenge"),
    "shares": _l("Shares"),
}
JOBS = {
    "proposals.remind_drafts": _l("Remind the authors of drafts"),
    "proposals.remind_acceptance": _l("Remind those who have not accepted a changed contract"),
    "registrations.notify_amended": _l("Notify all participants of a changed contract"),
    "registrations.notify_news": _l("Notify all participants of an answer or an update"),
    "registrations.notify_closed": _l("Notify all participants of the close"),
    "registrations.notify_cancelled": _l("Notify all participants of the cancellation"),
}

FEATURE = Feature(
    name="submissions",
    case_kinds=(*reports.KINDS, *mediation.KINDS),
    blueprints=(
        views.blueprint,
        share_views.blueprint,
        acceptance_views.blueprint,
        entry_views.blueprint,
        number_views.blueprint,
        confirmation_views.blueprint,
    ),
    jobs="submissions.jobs",
    on={
        NewsPosted: ("registrations.notify_news",),
        ContractAmended: ("registrations.notify_amended",),
        ChallengeClosed: ("registrations.notify_closed",),
        ChallengeCancelled: ("registrations.notify_cancelled",),
    },
    answers={
        WRITES_PROPOSALS: queries.writes_proposals,
        PARTICIPANTS: queries.taking_part,
        ENTERED_AT: entry_queries.entered_at,
        TAKES_PART: queries.takes_part,
        SET_ASIDE_AT_CLOSE: acceptance.set_aside,
        ACCEPTANCE: acceptance_queries.state_of,
    },
    audit=AUDIT,
    audit_data=DATA,
    subjects=SUBJECTS,
    job_labels=JOBS,
    labels={"proposal": labels.PROPOSAL, "confirmation": labels.CONFIRMATION},
    notifications=notifications.KINDS,
    notification_group=_l("Proposals: registrations, teams, receipts"),
    link_access={
        "confirmations.index": lambda actor: confirmation_queries.access_queue(actor),
        "submissions.register": lambda actor, id: challenge_queries.access(actor, id),
        "submissions.show": lambda actor, id: queries.access(actor, id),
    },
    dashboard_tasks=(participation_queries.waiting, acceptance_queries.waiting, confirmation_queries.waiting),
    open_matters=(open_matters,),
    personal_data=PERSONAL_DATA,
    erasures=(erase,),
    tabs={"challenge": tabs.of_challenge},
    sections={
        "numbers.": ("challenges",),
        "submissions.": ("proposals", "challenges"),
        "submissions.register": ("challenges",),
        "acceptance.": ("challenges",),
        "entry.": ("challenges",),
        "confirmations.": ("screening", "challenges"),
        "shares.": ("proposals", "challenges"),
    },
)
