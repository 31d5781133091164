"""What sanctions declare."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from crowd.accounts.sanctions import kinds, notifications, queries, services, views
from crowd.accounts.sanctions.models import Sanction
from crowd.accounts.sanctions.rules import SANCTIONS
from crowd.accounts.sanctions.workflow import MEASURES, SanctionState
from crowd.feature import Feature, Label

FEATURE = Feature(
    name="sanctions",
    blueprints=(views.blueprint,),
    jobs="crowd.accounts.sanctions.jobs",
    job_labels={
        "sanctions.decide_person": _l("Keep the sanction of a person that the council decided"),
        "sanctions.decide_person_warned": _l("Warn a person by the decision of the council"),
        "sanctions.decide_organisation": _l("Keep the sanction of an organisation that the council decided"),
        "sanctions.decide_organisation_warned": _l("Warn an organisation by the decision of the council"),
        "sanctions.begin": _l("Begin a sanction once the time for an appeal is over"),
        "sanctions.end": _l("End a suspension whose time is over"),
        "sanctions.lift": _l("Lift a sanction after an appeal"),
    },
    audit={
        "sanction.decided": _l("The council decided a sanction"),
        "sanction.begun": _l("A sanction began"),
        "sanction.ended": _l("A suspension ended"),
        "sanction.lifted": _l("A sanction was lifted after an appeal"),
    },
    audit_data={"measure": _l("Measure"), "sanction": _l("Sanction")},
    labels={
        "sanction": {
            SanctionState.DECIDED: Label(lazy_pgettext("sanction", "Decided"), "warn"),
            SanctionState.IN_FORCE: Label(_l("In force"), "warn"),
            SanctionState.ENDED: Label(lazy_pgettext("sanction", "Ended")),
            SanctionState.LIFTED: Label(_l("Lifted"), "safe"),
        },
        "sanction_measure": {key: Label(one.label) for key, one in MEASURES.items()},
    },
    notifications=notifications.KINDS,
    link_access={"sanctions.show": queries.access},
    case_kinds=kinds.KINDS,
    rule_sets=(SANCTIONS,),
    erasures=(services.erase,),
    personal_data={
        "sanctions": lambda user_id: (
            sa.select(Sanction.measure, Sanction.state, Sanction.decided_at, Sanction.begins_at, Sanction.ends_at)
            .where(Sanction.user_id == user_id)
            .order_by(Sanction.id)
        ),
    },
)
