"""The register of service platforms."""

from flask_babel import lazy_gettext as _l

from crowd.accounts.models import PlatformRole
from crowd.register_kinds import RegisterField, RegisterKind
from crowd.service_platforms.names import KIND, REGISTER

_TEXT = {"type": "string", "minLength": 1}
REGISTERS = {
    REGISTER: RegisterKind(
        label=_l("Service platforms"),
        text=_l("The departments named in an entry recognise its services to firms together."),
        prefix="SP",
        holder="organisation",
        schema={
            "type": "object", "additionalProperties": False, "required": ["services", "departments"],
            "properties": {
                "services": _TEXT, "departments": {"type": "array", "items": _TEXT, "minItems": 1},
            },
        },
        fields={
            "services": RegisterField(_l("Services")),
            "departments": RegisterField(_l("Signed by"), show=", ".join),
        },
        keepers=(PlatformRole.SERVICE_CENTRE,),
        term="service_platform_days",
        open_certificate=True,
        case_kind=KIND,
    )
}  # fmt: skip
