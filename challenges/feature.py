"""What the challenges declare: pages, jobs, words of their operations."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

import challenges.admin
import challenges.on_behalf.views  # noqa: F401 - adds pages to the blueprint
from challenges import api, followers, labels, notifications, queries, reports, tabs, uses, views
from challenges.brief_templates import adoption
from challenges.brief_templates import labels as brief_template_labels
from challenges.brief_templates import views as brief_template_views
from challenges.contract import views as contract_views
from challenges.contract.document import KIND
from challenges.discussion import labels as discussion_labels
from challenges.discussion import queries as discussion_queries
from challenges.discussion import views as discussion_views
from challenges.drafting import views as drafting_views
from challenges.entry import views as entry_views
from challenges.feeds import views as feed_views
from challenges.funding import queries as funding_queries
from challenges.funding import views as funding_views
from challenges.funding.policy import can_view_funding
from challenges.invitations import labels as invitation_labels
from challenges.invitations import notifications as _invitations  # noqa: F401 - defines its kinds
from challenges.invitations import queries as invitation_queries
from challenges.invitations import views as invitation_views
from challenges.invitations.policy import can_see_invitations
from challenges.on_behalf.policy import can_view as can_view_firm
from challenges.open_matters import open_matters
from challenges.personal_data import PERSONAL_DATA, erase
from challenges.rule_set import CHANGE, RULES
from challenges.screening import opinions
from challenges.screening import queries as screening
from challenges.screening import services as screening_services
from challenges.screening import views as screening_views
from challenges.searches import queries as search_queries
from challenges.searches import services as searches
from challenges.searches import views as search_views
from challenges.support import labels as support_labels
from challenges.support import queries as support_queries
from challenges.support import views as support_views
from challenges.tier_rules import CHANGE as TIERS_CHANGE
from challenges.tier_rules import NEEDS
from crowd.accounts.events import OrganisationRenamed, ParkMembershipEnded
from crowd.feature import ContractKind, Feature, FollowedKind, UnitWork
from crowd.ledger.deposits.questions import EXPECTED_PAYMENTS, PAYMENT_PURPOSE
from crowd.ledger.events import MoneyAllocated
from crowd.ledger.questions import CHALLENGES, ESCROW_PAGE, FUNDING_PAGE
from crowd.notifications.kinds import path_to
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
    "challenge.opening_waits": _l("Does not open before the organisation is verified again"),
    "challenge.opened": _l("Opened"),
    "challenge.closed": _l("Closed, judging started"),
    "challenge.decided": _l("Decision published"),
    "challenge.settled": _l("Paid and settled"),
    "challenge.cancelled": _l("Cancelled"),
    "challenge.import_created": _l("Imported from the other platform"),
    "challenge.import_updated": _l("Updated from the other platform"),
    "challenge.archived": _l("Archived: its dates have passed"),
    "screening.handed_over": _l("Handed the screening over"),
    "screening.taken": _l("Took the screening"),
    "screening.released": _l("Gave the screening back"),
    "screening.assigned": _l("Assigned the screening"),
    "screening.checked": _l("Answered the checklist"),
    "screening.remark_resolved": _l("Resolved a remark of the screening"),
    "screening.remark_reopened": _l("Opened a remark of the screening again"),
    "screening.checklist_written": _l("Wrote a version of the checklist"),
    "challenge_invitation.prepared": _l("Invited"),
    "challenge_invitation.sent": _l("Invitation sent"),
    "challenge_invitation.reminded": _l("Invitation sent again"),
    "challenge_invitation.seen": _l("Invitation opened"),
    "challenge_invitation.accepted": _l("Invitation accepted"),
    "challenge_invitation.declined": _l("Invitation declined"),
    "challenge_invitation.refused": _l("Address taken off the invitations of all sponsors"),
    "challenge_invitation.blocked": _l("Invitation not sent: the address wants none"),
    "challenge_invitation.withdrawn": _l("Invitation withdrawn"),
    "question.asked": _l("Asked a question"),
    "question.published": _l("Published a question"),
    "question.rejected": _l("Rejected a question"),
    "question.answered": _l("Answered a question"),
    "question.hidden": _l("Hid a question after a report"),
    "update.posted": _l("Posted an update"),
    "challenge.template_used": _l("Inserted a template into the draft"),
    "challenge.template_undone": _l("Undid a template in the draft"),
    "template.added": _l("Added a template"),
    "template.changed": _l("Changed a template"),
    "template.proposed": _l("Proposed a version of a template to the expert committee"),
    "template.adopted": _l("The expert committee adopted a version of a template"),
    "template.not_adopted": _l("A proposed version of a template was dropped"),
    "template.retired": _l("Retired a template"),
    "template.restored": _l("Offered a template again"),
    "contract.amended": _l("Contract changed"),
    "contract.proposed": _l("Proposed a change of the contract, which waits for its money"),
    "challenge.topped_up": _l("Paid for the change of the contract"),
    "contract.withdrawn": _l("Withdrew the change of the contract"),
    "challenge.support_added": _l("Added support in kind to the draft"),
    "challenge.support_removed": _l("Removed support in kind from the draft"),
    "challenge.support_agreed": _l("The grantor agreed to its support"),
    "challenge.support_declined": _l("The grantor declined its support"),
    "voucher.redeemed": _l("Redeemed a voucher"),
    "voucher.confirmed": _l("Confirmed the use of a voucher"),
    "voucher.handed_back": _l("Handed a voucher back"),
    "voucher.expired": _l("A voucher expired"),
    "voucher.voided": _l("A voucher became void"),
    "attachment.added": _l("Uploaded an attachment"),
    "nda.signed": _l("Signed the NDA"),
    "payment_proof.uploaded": _l("Uploaded a payment proof"),
}
SUBJECTS = {
    "challenge": _l("Challenge"),
    "payment_proof": _l("Payment proof"),
    "attachment": _l("Attachment"),
    "nda_signature": _l("Signature of the NDA"),
    "challenge_invitation": _l("Invitation"),
    "brief_template": _l("Template"),
    "challenge_question": _l("Question"),
    "challenge_update": _l("Update"),
    "screening_checklist": _l("Checklist"),
    "voucher": _l("Voucher"),
}
DATA = {
    "done": _l("Carried out"),
    "answers": _l("Answers changed"),
    "until": _l("Until"),
    "assigned_to": _l("Assigned to"),
    "addresses": _l("Addresses deleted"),
    "appeals_until": _l("Appeal period until"),
    "archived": _l("Archived"),
    "attachments": _l("Attachments deleted"),
    "consents": _l("Consents ended"),
    "contract": _l("Contract"),
    "clarification": _l("Clarification"),
    "expired": _l("Expired"),
    "grantor": _l("Who grants it"),
    "support": _l("Support in kind"),
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
    "challenges.cancel_reported": _l("Cancel a challenge after a report"),
    "templates.carry_out": _l("Put a version of a rubric template in use, or drop it"),
    "screening.send_back": _l("Return a challenge after an opinion of the expert committee"),
    "challenges.hide_question": _l("Hide a question after a report"),
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
    "invitations.send": _l("Send the invitations to a challenge"),
    "files.delete_unused": _l("Delete attachments and uploads that nothing names"),
    "invitations.forget": _l("Delete the addresses of old invitations"),
    "funding.expire": _l("Return unpaid challenges to draft"),
    "challenges.open": _l("Open a challenge"),
    "challenges.open_and_close_due": _l("Open and close what is due"),
    "vouchers.expire": _l("Expire vouchers, and remind of those that expire soon"),
}

FEATURE = Feature(
    name="challenges",
    blueprints=(
        views.blueprint,
        drafting_views.blueprint,
        screening_views.blueprint,
        discussion_views.blueprint,
        contract_views.blueprint,
        entry_views.blueprint,
        invitation_views.blueprint,
        invitation_views.stops,
        funding_views.blueprint,
        search_views.blueprint,
        support_views.blueprint,
        feed_views.blueprint,
        brief_template_views.blueprint,
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
        "vouchers.expire": timedelta(hours=1),
        "invitations.forget": timedelta(days=1),
        "files.delete_unused": timedelta(days=1),
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
        "silence": labels.SILENCE,
        "voucher": support_labels.VOUCHER,
        "granted_to": support_labels.GRANTED_TO,
        "question": discussion_labels.STATES,
        "invitation": invitation_labels.STATES,
        "finding": labels.FINDINGS,
        "template_kind": brief_template_labels.KINDS,
    },
    notifications=notifications.KINDS,
    notification_group=_l("Challenges: screening, opening, closing, cancellation"),
    link_access={
        "challenges.firm": lambda actor, challenge_id: queries.access(actor, challenge_id, to=can_view_firm),
        "challenges.screen": queries.access,
        "challenges.show": queries.access,
        "contracts.show": queries.access,
        "discussion.show": queries.access,
        "invitations.index": lambda actor, challenge_id: queries.access(actor, challenge_id, to=can_see_invitations),
        "invitations.show": invitation_queries.find_by_token,
        "searches.show": search_queries.access,
        "support.show": support_queries.access_support,
        "support.vouchers": lambda actor: None,
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
    rule_sets=(RULES, NEEDS),
    contract_kinds={
        KIND: ContractKind(
            lambda _number, version: _l("Contract, version %(number)s", number=version),
            lambda number, version: path_to("contracts.show", challenge_id=number, version=version),
        )
    },
    case_kinds=(*reports.KINDS, *opinions.KINDS, *adoption.KINDS, CHANGE, TIERS_CHANGE),
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
        invitation_queries.waiting,
        screening.waiting,
        funding_queries.waiting,
        search_queries.waiting,
        support_queries.waiting,
    ),
    tabs={
        "account": tabs.of_account,
        "challenge": tabs.of_challenge,
        "administration": tabs.of_administration,
    },
    sections={
        "challenges.": ("challenges",),
        "challenges.screen": ("screening", "challenges"),
        "screening.": ("screening", "challenges"),
        "challenges.new": ("own_challenges",),
        "drafting.": ("own_challenges",),
        "funding.": ("own_challenges", "finance", "challenges"),
        "funding.invoice": ("own_challenges", "finance"),
        "funding.transfers": ("challenges",),
        "contracts.": ("challenges",),
        "discussion.": ("challenges",),
        "support.": ("challenges",),
        "invitations.": ("challenges",),
        "brief_templates.": ("own_challenges",),
    },
)
