"""What technology contracts declare: the kinds of their cases, the register, and the pages."""

from flask_babel import lazy_gettext as _l

from crowd.feature import Feature
from crowd.technology_contracts import kinds, register, views

FEATURE = Feature(
    name="technology_contracts",
    blueprints=(views.blueprint,),
    jobs="crowd.technology_contracts.jobs",
    job_labels={"technology_contracts.register": _l("Register a technology contract")},
    labels={"technology_contract_kind": kinds.KINDS_OF_CONTRACT},
    registers=register.REGISTERS,
    case_kinds=kinds.CASE_KINDS,
    link_access={kinds.INDEX: lambda _actor: None},
    sections={"technology_contracts.": ("results",)},
)
