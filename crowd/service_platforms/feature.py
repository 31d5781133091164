"""What service platforms declare: the kind of their cases, and the register."""

from flask_babel import lazy_gettext as _l

from crowd.feature import Feature
from crowd.service_platforms import kinds, register

FEATURE = Feature(
    name="service_platforms",
    jobs="crowd.service_platforms.jobs",
    job_labels={"service_platforms.enter": _l("Enter a service platform in its register")},
    registers=register.REGISTERS,
    case_kinds=kinds.CASE_KINDS,
)
