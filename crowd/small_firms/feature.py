"""What SMEs declare: the kinds of their cases, the register, and the page."""

from flask_babel import lazy_gettext as _l

from crowd.feature import Feature
from crowd.small_firms import kinds, register, views

FEATURE = Feature(
    name="small_firms",
    blueprints=(views.blueprint,),
    jobs="crowd.small_firms.jobs",
    job_labels={
        "small_firms.enter": _l("Enter an SME in its register"),
        "small_firms.uphold": _l("Carry out an objection to an SME that was upheld"),
    },
    labels={"register_cause": register.CAUSES},
    registers=register.REGISTERS,
    case_kinds=kinds.CASE_KINDS,
    link_access={kinds.INDEX: lambda _actor: None},
    sections={"small_firms.": ("results",)},
)
