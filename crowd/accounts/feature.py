"""What accounts declare: pages, words of their operations, who may open what their notifications link to."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

import crowd.accounts.admin
import crowd.accounts.organisations.views
import crowd.accounts.parks.views
import crowd.accounts.personal_data.views
import crowd.accounts.sign_up.views
import crowd.accounts.units.views
import crowd.accounts.verification.views  # noqa: F401 - adds pages to the blueprint
from crowd.accounts import (
    entries,
    experts,
    kept_registers,
    labels,
    notifications,
    open_matters,
    queries,
    reports,
    tabs,
    uses,
    views,
)
from crowd.accounts.complaints import COMPLAINT, GROUNDS
from crowd.accounts.holders import HOLDERS as HOLDERS_ANSWER
from crowd.accounts.organisations import notifications as organisation_notifications
from crowd.accounts.organisations import queries as organisation_queries
from crowd.accounts.organisations.policy import can_view_members, can_view_verification
from crowd.accounts.parks import notifications as park_notifications
from crowd.accounts.parks import queries as park_queries
from crowd.accounts.parks.policy import can_view_parks
from crowd.accounts.personal_data import queries as personal_data
from crowd.accounts.personal_data.services import erase
from crowd.accounts.units import services as unit_services
from crowd.accounts.verification import queries as verification_queries
from crowd.accounts.verification.procedure import VERIFICATION
from crowd.feature import Feature, FollowedKind, UnitWork
from crowd.notifications.questions import RECIPIENTS
from crowd.registers.questions import HOLDERS
from crowd.taxonomy.events import TermsChanged
from crowd.taxonomy.questions import NAMES
from crowd.web.rate_limits import RateLimit, account, address, person

AUDIT = {
    "password.refused": _l("Entered a wrong password before a change of the account"),
    "account.closed": _l("Closed an account"),
    "account.erased": _l("Erased a person's data"),
    "account.reopened": _l("Opened a closed account again"),
    "email.changed": _l("Changed the email address"),
    "expert.admitted": _l("Admitted an expert"),
    "export.deleted": _l("Deleted the export of their data"),
    "export.requested": _l("Requested an export of their data"),
    "invitation.declined": _l("Declined an invitation"),
    "invitation.withdrawn": _l("Withdrew an invitation"),
    "member.invited": _l("Invited somebody"),
    "member.joined": _l("Joined the organisation"),
    "member.left": _l("Left the organisation"),
    "member.removed": _l("Removed a member"),
    "member.role_changed": _l("Changed a member's role"),
    "organisation.closed": _l("Closed the organisation"),
    "organisation.reopened": _l("Opened the organisation again"),
    "organisation.edited": _l("Changed the organisation's description"),
    "organisation.created": _l("Registered the organisation"),
    "organisation.handed_over": _l("Handed the organisation over"),
    "organisation.registered": _l("Set the registration of an organisation"),
    "organisation.document_added": _l("Added a document of an organisation"),
    "organisation.document_removed": _l("Removed a document of an organisation"),
    "organisation.cleared": _l("Deleted the texts of the organisation after a report"),
    "profile.cleared": _l("Deleted the texts of a profile after a report"),
    "organisation.verified": _l("Verified the organisation"),
    "organisation.not_verified": _l("Could not enter what a case had granted"),
    "park.declined": _l("Declined the invitation of a park"),
    "park.firm_invited": _l("Invited a firm into a park"),
    "park.invitation_withdrawn": _l("Withdrew the invitation of a firm into a park"),
    "park.joined": _l("Accepted the invitation of a park"),
    "park.left": _l("Ended the membership of a firm in a park"),
    "password.changed": _l("Changed the password"),
    "profile.edited": _l("Changed the profile"),
    "role.granted": _l("Granted a platform role"),
    "role.revoked": _l("Removed a platform role"),
    "session.closed": _l("Signed out"),
    "session.opened": _l("Signed in"),
    "session.revoked": _l("Ended a session"),
    "sessions.revoked": _l("Ended all other sessions"),
    "unit.created": _l("Added a unit of the operator"),
    "unit.closed": _l("Closed a unit of the operator"),
    "unit.edited": _l("Changed a unit of the operator"),
    "unit.member_added": _l("Added a person to the staff of a unit"),
    "unit.member_removed": _l("Removed a person from the staff of a unit"),
    "unit.lead_set": _l("Made a person the lead of a unit"),
    "unit.lead_removed": _l("A person leads a unit no more"),
    "verification.handed_over": _l("Handed the verification over"),
    "user.confirmed": _l("Confirmed the email address"),
    "user.created": _l("Created an account"),
    "user.registered": _l("Signed up"),
}
DATA = {
    "changed": _l("Profiles changed"),
    "bytes": _l("Bytes"),
    "exports": _l("Exports"),
    "firm": _l("Firm"),
    "park": _l("Park"),
    "country": _l("Country or region"),
    "email": _l("Email address"),
    "ip_address": _l("IP address"),
    "ended": _l("Sessions ended"),
    "member": _l("Account of the member"),
    "members": _l("Accounts of the members"),
    "register": _l("Register"),
    "registration_number": _l("Registration number"),
    "role": _l("Role"),
    "roles": _l("Roles"),
    "unit": _l("Unit"),
}
SUBJECTS = {
    "data_export": _l("Export of personal data"),
    "login_session": _l("Session"),
    "operator_unit": _l("Unit of the operator"),
    "organisation": _l("Organisation"),
    "park_membership": _l("Membership of a park"),
    "user": _l("Account"),
}
JOBS = {
    "accounts.keep_fields": _l("Rename changed fields in the expertise of people"),
    "accounts.keep_fields_after": _l("Rename changed fields in the expertise of some people"),
    "accounts.export": _l("Write the export of a person's data"),
    "accounts.clear_profile": _l("Delete the texts of a profile after a report"),
    "accounts.clear_organisation": _l("Delete the texts of an organisation after a report"),
    "accounts.admit_expert": _l("Enter an expert whose admission was granted"),
    "accounts.suspend_expert": _l("Suspend an expert as a case has decided"),
    "accounts.revoke_expert": _l("Revoke the entry of an expert as a case has decided"),
    "accounts.enter_verified": _l("Enter an organisation whose verification was granted"),
    "accounts.prune": _l("Delete expired exports, and what is left of deleted accounts"),
}
SIGNING_UP = (
    RateLimit("sign_up_per_hour", "hour", address),
    RateLimit("mails_per_account_hour", "hour", account),
)
SECRET_OF_A_PERSON = (RateLimit("sign_in_per_account_hour", "hour", person, failures_only=True),)
RATE_LIMITS = {
    "security.login": (
        RateLimit("sign_in_per_minute", "minute", address),
        RateLimit("sign_in_per_account_hour", "hour", account, failures_only=True),
    ),
    "accounts.erase_account": SECRET_OF_A_PERSON,
    "accounts.request_export": SECRET_OF_A_PERSON,
    "security.verify": SECRET_OF_A_PERSON,
    "security.change_password": SECRET_OF_A_PERSON,
    "accounts.sign_up": SIGNING_UP,
    "security.forgot_password": SIGNING_UP,
    "security.change_email": (RateLimit("mails_per_account_hour", "hour", person),),
}

FEATURE = Feature(
    name="accounts",
    blueprints=(views.blueprint,),
    on={TermsChanged: ("accounts.keep_fields",)},
    commands="crowd.accounts.cli",
    jobs="crowd.accounts.jobs",
    job_labels=JOBS,
    schedule={"accounts.prune": timedelta(days=1)},
    answers={RECIPIENTS: queries.recipients, NAMES: queries.names, HOLDERS: HOLDERS_ANSWER},
    registers=entries.REGISTERS | kept_registers.REGISTERS,
    audit=AUDIT,
    audit_data=DATA,
    subjects=SUBJECTS,
    labels={
        "complaint_ground": GROUNDS,
        "manager_grade": kept_registers.GRADES,
        "member_role": labels.MEMBER_ROLES,
        "organisation_kind": labels.ORGANISATION_KINDS,
        "park": labels.PARK_STATES,
        "platform_role": labels.PLATFORM_ROLES,
        "register_cause": entries.CAUSES,
        "right": labels.RIGHTS,
        "verification": labels.VERIFICATION,
    },
    notifications=notifications.KINDS | organisation_notifications.KINDS | park_notifications.KINDS,
    notification_group=_l("Organisations: invitations, verification, members who leave"),
    link_access={
        "accounts.verification": lambda actor, organisation_id: organisation_queries.access(
            actor, organisation_id, to=can_view_verification
        ),
        "accounts.members": lambda actor, organisation_id: organisation_queries.access(
            actor, organisation_id, to=can_view_members
        ),
        "accounts.parks": lambda actor, organisation_id: organisation_queries.access(
            actor, organisation_id, to=can_view_parks
        ),
    },
    followed={
        "organisation": FollowedKind(
            _l("Organisations"), access=organisation_queries.access, find=organisation_queries.followed
        )
    },
    term_uses=uses.USES,
    case_kinds=(*reports.KINDS, COMPLAINT, VERIFICATION, *experts.KINDS),
    unit_work={
        "verification": UnitWork(
            text=lambda number: ngettext("%(num)d organisation to verify", "%(num)d organisations to verify", number),
            waiting=verification_queries.waiting_in,
            hand_over=unit_services.hand_over_for_unit,
        )
    },
    rate_limits=RATE_LIMITS,
    dashboard_tasks=(queries.waiting, verification_queries.waiting, park_queries.waiting),
    open_matters=(open_matters.of_accounts,),
    personal_data=personal_data.PERSONAL_DATA,
    erasures=(erase,),
    tabs={"account": tabs.of_account, "administration": tabs.of_administration},
    sections={
        "accounts.people_admin": ("administration",),
        "accounts.person_admin": ("administration",),
        "accounts.organisations_admin": ("administration",),
        "accounts.units": ("administration",),
        "accounts.unit": ("administration",),
    },
)
