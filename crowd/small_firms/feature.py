"""What SMEs declare: the kinds of their cases, the register, referrals, and the pages."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from crowd.feature import Feature
from crowd.small_firms import kinds, register
from crowd.small_firms.referrals import labels, notifications, queries
from crowd.small_firms.referrals import views as referral_views
from crowd.small_firms.referrals.models import Referral

FEATURE = Feature(
    name="small_firms",
    blueprints=(referral_views.blueprint,),  # that of `views`, completed
    jobs="crowd.small_firms.jobs",
    job_labels={
        "small_firms.enter": _l("Enter an SME in its register"),
        "small_firms.uphold": _l("Carry out an objection to an SME that was upheld"),
    },
    audit={"referral.made": _l("An SME was referred"), "referral.noted": _l("Noted what became of a referral")},
    audit_data={"institution": _l("Institution"), "target": _l("For")},
    subjects={"small_firm_referral": _l("referral of an SME")},
    labels={"register_cause": register.CAUSES, "referral": labels.STATES, "referral_target": labels.TARGETS},
    notifications=notifications.KINDS,
    notification_group=_l("SMEs: referrals to institutions"),
    personal_data={
        "referrals_made": lambda user_id: (
            sa.select(Referral.institution, Referral.target, Referral.note, Referral.outcome, Referral.made_at)
            .where(Referral.made_by == user_id)
            .order_by(Referral.id)
        ),
    },
    registers=register.REGISTERS,
    case_kinds=kinds.CASE_KINDS,
    link_access={
        kinds.INDEX: lambda _actor: None,
        "small_firms.referrals": lambda _actor: None,
        "small_firms.refer": queries.may_refer,
    },
    sections={"small_firms.": ("results",)},
)
