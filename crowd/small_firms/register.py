"""The register of science and technology SMEs."""

from flask_babel import lazy_gettext as _l

from crowd.accounts.models import PlatformRole
from crowd.feature import Label
from crowd.register_kinds import RegisterField, RegisterKind

REGISTER = "small-firms"
FIRST, AGAIN, OBJECTED = "small_firm_first", "small_firm_again", "small_firm_objection"
CAUSES = {
    FIRST: Label(_l("An application was granted.")),
    AGAIN: Label(_l("A later application was granted.")),
    OBJECTED: Label(_l("An objection was upheld.")),
}
REGISTERS = {
    REGISTER: RegisterKind(
        label=_l("Science and technology SMEs"),
        text=_l("This firm has met the conditions for a science and technology SME, and no objection was upheld."),
        prefix="SM",
        holder="organisation",
        schema={
            "type": "object", "additionalProperties": False, "required": ["year", "points"],
            "properties": {"year": {"type": "integer"}, "points": {"type": "integer", "minimum": 0, "maximum": 100}},
        },
        fields={
            "year": RegisterField(_l("Year of the application")),
            "points": RegisterField(_l("Points"), public=False),
        },
        keepers=(PlatformRole.SERVICE_CENTRE,),
        term="small_firm_days",
        open_certificate=True,
        about="small_firms.index",
        acts=("small_firms.refer", _l("Refer this firm to an institution")),
        case_kind="small_firm",
    )
}  # fmt: skip
