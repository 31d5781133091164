"""What rules declare: their pages and jobs, and the words of what happens to versions."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from crowd.feature import ContractKind, Feature
from crowd.notifications.kinds import path_to
from crowd.rules import api, labels, queries, views
from crowd.rules.document import KIND

FEATURE = Feature(
    name="rules",
    blueprints=(views.blueprint, api.blueprint),
    jobs="crowd.rules.jobs",
    job_labels={
        "rules.found": _l("Found version 1 of sets of rules that have none"),
        "rules.adopt": _l("Keep the version of rules that the council adopted"),
        "rules.begin": _l("Put adopted rules in force on their day"),
    },
    schedule={"rules.found": timedelta(hours=1)},
    audit={
        "rules.founded": _l("Version 1 of rules was founded"),
        "rules.adopted": _l("The council adopted a version of rules"),
        "rules.replaced": _l("A later decision replaced a version of rules before it applied"),
        "rules.began": _l("A version of rules came into force"),
    },
    audit_data={"rule_set": _l("Rules"), "applies": _l("Applies from"), "founded": _l("Founded")},
    subjects={"rule_adoption": _l("Version of rules")},
    link_access={"rules.show": queries.may_open},
    contract_kinds={
        KIND: ContractKind(
            labels.version_title,
            lambda number, version: path_to("rules.show", name=queries.set_of(number).name, version=version),
        )
    },
    sections={"rules.": ()},
)
