"""What the challenges declare: pages, jobs, words of their operations."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

import challenges.admin
import challenges.on_behalf.views  # noqa: F401 - adds pages to the blueprint
from challenges import api, followers, labels, notifications, queries, tabs, uses, views
from challenges.contract import views as contract_views
from challenges.discussion import labels as discussion_labels
from challenges.discussion import queries as discussion_queries
from challenges.discussion import views as discussion_views
from challenges.feeds import views as feed_views
from challenges.funding import queries as funding_queries
from challenges.funding import views as funding_views
from challenges.funding.policy import can_view_funding
from challenges.library import labels as library_labels
from challenges.library import views as library_views
from challenges.on_behalf.policy import can_view as can_view_firm
from challenges.open_matters import open_matters
from challenges.personal_data import PERSONAL_DATA, erase
from challenges.screening import queries as screening
from challenges.screening import services as screening_services
from challenges.searches import queries as search_queries
from challenges.searches import services as searches
from challenges.searches import views as search_views
from crowd.accounts.events import OrganisationRenamed, ParkMembershipEnded
from crowd.feature import Feature, FollowedKind, UnitWork
from crowd.ledger.deposits.questions import EXPECTED_PAYMENTS, PAYMENT_PURPOSE
from crowd.ledger.events import MoneyAllocated
from crowd.ledger.questions import CHALLENGES, ESCROW_PAGE, FUNDING_PAGE
from crowd.notifications.questions import CHALLENGE_PAGE
from crowd.taxonomy.events import TermsChanged
from crowd.taxonomy.labels import term_name

AUDIT = {
    "challenge.consented": _l("The firm consented"),
    "challenge.consent_ended": _l("The firm's consent ended with its membership of the park"),
    "challenge.consent_withdrawn": _l("The firm withdrew its consent"),
    "challenge.firm_chosen": _l("Chose the firm for which the park posts"),
    "challenge.created": _l("Draft started"),
    "challenge.edited": _l("Draft changed"),
    "challenge.submitted": _l("Submitted for screening"),
    "challenge.withdrawn": _l("Withdrawn from screening"),
    "challenge.returned": _l("Returned by the service centre"),
    "challenge.approved": _l("Approved"),
    "challenge.funded": _l("Money paid into escrow"),
    "challenge.funding_expired": _l("Not paid in time, a draft again"),
    "challenge.opened": _l("Opened"),
    "challenge.closed": _l("Closed, judging started"),
    "challenge.decided": _l("Decision published"),
    "challenge.settled": _l("Paid and settled"),
    "challenge.cancelled": _l("Cancelled"),
    "challenge.import_created": _l("Imported from the other platform"),
    "challenge.import_updated": _l("Updated from the other platform"),
    "challenge.archived": _l("Archived: its dates have passed"),
    "screening.handed_over": _l("Handed the screening over"),
    "question.asked": _l("Asked a question"),
    "question.published": _l("Published a question"),
    "question.rejected": _l("Rejected a question"),
    "question.answered": _l("Answered a question"),
    "update.posted": _l("Posted an update"),
    "challenge.template_used": _l("Inserted a template into the draft"),
    "challenge.template_undone": _l("Undid a template in the draft"),
    "template.added": _l("Added a template"),
    "template.changed": _l("Changed a template"),
    "template.retired": _l("Retired a template"),
    "template.restored": _l("Offered a template again"),
    "contract.amended": _l("Contract changed"),
    "contract.proposed": _l("Proposed a change of the contract, which waits for its money"),
    "challenge.topped_up": _l("Paid for the change of the contract"),
    "contract.withdrawn": _l("Withdrew the change of the contract"),
    "payment_proof.uploaded": _l("Uploaded a payment proof"),
}
SUBJECTS = {
    "challenge": _l("Challenge"),
    "payment_proof": _l("Payment proof"),
    "brief_template": _l("Template"),
    "challenge_question": _l("Question"),
    "challenge_update": _l("Update"),
}
DATA = {
    "appeals_until": _l("Appeal period until"),
    "archived": _l("Archived"),
    "consents": _l("Consents ended"),
    "contract": _l("Contract"),
    "clarification": _l("Clarification"),
    "class": _l("Kind of change"),
    "copied_from": _l("Copied from challenge"),
    "cost": _l("Cost"),
    "fee_version": _l("Version of the fee schedule"),
    "foreign_id": _l("Number there"),
    "platform": _l("Platform"),
    "refunded": _l("Money returned"),
    "part": _l("Part of the draft"),
    "template": _l("Template"),
    "due": _l("Challenges due"),
    "close": _l("Closed"),
    "expire_funding": _l("Returned to draft"),
    "failed": _l("Failed"),
    "open": _l("Opened"),
    "read": _l("Challenges indexed"),
}
JOBS = {
    "search.reindex_organisation": _l("Reindex the challenges of a renamed organisation"),
    "search.reindex_outdated": _l("Reindex challenges for search"),
    "search.reindex_terms": _l("Find challenges whose terms have changed"),
    "external_records.archive": _l("Archive expired records of other platforms"),
    "challenges.end_consents": _l("End the consents of a firm that has left a park"),
    "challenges.close": _l("Close a challenge"),
    "challenges.notify_followers": _l("Notify those who follow a challenge, its sponsor or its field"),
    "searches.notify_hits": _l("Notify those whose saved search finds a new challenge"),
    "contracts.fund_change": _l("Put a change of a contract in force for which money has arrived"),
    "challenges.fund": _l("Fund a challenge for which money has arrived"),
    "funding.expire": _l("Return unpaid challenges to draft"),
    "challenges.open": _l("Open a challenge"),
    "challenges.open_and_close_due": _l("Open and close what is due"),
}

FEATURE = Feature(
    name="challenges",
    blueprints=(
        views.blueprint,
        discussion_views.blueprint,
        contract_views.blueprint,
        funding_views.blueprint,
        search_views.blueprint,
        feed_views.blueprint,
        library_views.blueprint,
        api.blueprint,
    ),
    jobs="challenges.jobs",
    commands="challenges.importing.cli",
    checks="challenges.contract.projection",
    schedule={
        "challenges.open_and_close_due": timedelta(seconds=30),
        "funding.expire": timedelta(minutes=10),
        "search.reindex_outdated": timedelta(seconds=30),
        "external_records.archive": timedelta(hours=1),
    },
    on={
        MoneyAllocated: ("challenges.fund", "contracts.fund_change"),
        OrganisationRenamed: ("search.reindex_organisation",),
        ParkMembershipEnded: ("challenges.end_consents",),
        TermsChanged: ("search.reindex_terms",),
    },
    answers={
        CHALLENGE_PAGE: "challenges.show",
        CHALLENGES: queries.FOR_LEDGER,
        FUNDING_PAGE: "funding.show",
        ESCROW_PAGE: "funding.transfers",
        PAYMENT_PURPOSE: funding_queries.purpose_of,
        EXPECTED_PAYMENTS: funding_queries.expected,
    },
    audit=AUDIT,
    audit_data=DATA,
    subjects=SUBJECTS,
    job_labels=JOBS,
    labels={
        "challenge": labels.STATES,
        "next_step": labels.NEXT_STEPS,
        "question": discussion_labels.STATES,
        "finding": labels.FINDINGS,
        "template_kind": library_labels.KINDS,
    },
    notifications=notifications.KINDS,
    notification_group=_l("Challenges: screening, opening, closing, cancellation"),
    link_access={
        "challenges.firm": lambda actor, challenge_id: queries.access(actor, challenge_id, to=can_view_firm),
        "challenges.screen": queries.access,
        "challenges.show": queries.access,
        "contracts.show": queries.access,
        "discussion.show": queries.access,
        "searches.show": search_queries.access,
        "funding.show": lambda actor, challenge_id: queries.access(actor, challenge_id, to=can_view_funding),
    },
    open_matters=(open_matters,),
    personal_data=PERSONAL_DATA,
    erasures=(erase,),
    followed={
        followers.CHALLENGE: FollowedKind(_l("Challenges"), access=queries.access, find=followers.find_challenges),
        followers.TERM: FollowedKind(
            _l("Fields, industries and regions"),
            access=followers.access_term,
            find=lambda actor, ids: followers.find_terms(actor, ids, term_name),
        ),
        searches.SAVED_SEARCH: FollowedKind(
            _l("Saved searches"), access=search_queries.access, find=search_queries.followed
        ),
    },
    term_uses=uses.USES,
    unit_work={
        "screening": UnitWork(
            text=lambda number: ngettext("%(num)d challenge to screen", "%(num)d challenges to screen", number),
            waiting=screening.waiting_in,
            hand_over=screening_services.hand_over_for_unit,
        )
    },
    deadlines=(followers.deadlines,),
    dashboard_tasks=(
        queries.waiting,
        discussion_queries.waiting,
        screening.waiting,
        funding_queries.waiting,
        search_queries.waiting,
    ),
    tabs={
        "account": tabs.of_account,
        "challenge": tabs.of_challenge,
        "administration": tabs.of_administration,
    },
    sections={
        "challenges.": ("challenges",),
        "challenges.screen": ("screening", "challenges"),
        "challenges.new": ("own_challenges",),
        "challenges.edit": ("own_challenges",),
        "challenges.cost": ("own_challenges",),
        "funding.": ("own_challenges", "finance", "challenges"),
        "funding.invoice": ("own_challenges", "finance"),
        "funding.transfers": ("challenges",),
        "contracts.": ("challenges",),
        "discussion.": ("challenges",),
        "library.": ("own_challenges",),
    },
)
