"""Registers of people and organisations that the service centre keeps by hand: technology managers, who bring a result
and a user together, and backbone agencies, on which a region's services rest. What an entry gives is that it is
public, and can be verified.
"""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from crowd.accounts.models import PlatformRole
from crowd.feature import Label
from crowd.register_kinds import RegisterField, RegisterKind
from crowd.web.labels import state_label

MANAGERS, AGENCIES = "technology-managers", "backbone-agencies"
GRADES = {
    "junior": Label(lazy_pgettext("grade", "Junior")),
    "intermediate": Label(lazy_pgettext("grade", "Intermediate")),
    "senior": Label(lazy_pgettext("grade", "Senior")),
}
_TEXT = {"type": "string", "minLength": 1}
_BASIS = RegisterField(
    _l("What the entry rests on"), public=False, description=_l("Such as a certificate; not public.")
)
REGISTERS = {
    MANAGERS: RegisterKind(
        label=_l("Technology managers"),
        text=_l("Who is entered here is trained to bring results of research and those who need them together."),
        prefix="TM",
        holder="user",
        schema={
            "type": "object", "additionalProperties": False, "required": ["grade", "field", "basis"],
            "properties": {"grade": {"enum": list(GRADES)}, "field": _TEXT, "basis": _TEXT},
        },
        fields={
            "grade": RegisterField(
                _l("Grade"), show=lambda grade: state_label(grade, "manager_grade"),
                choices={grade: label.text for grade, label in GRADES.items()},
            ),
            "field": RegisterField(_l("Works in")),
            "basis": _BASIS,
        },
        keepers=(PlatformRole.SERVICE_CENTRE,),
        term="manager_days",
        open_certificate=True,
        by_hand=True,
    ),
    AGENCIES: RegisterKind(
        label=_l("Backbone agencies"),
        text=_l("Agencies on which the services of a region rest, as the service centre has checked."),
        prefix="BA",
        holder="organisation",
        schema={
            "type": "object", "additionalProperties": False, "required": ["services", "basis"],
            "properties": {"services": _TEXT, "basis": _TEXT},
        },
        fields={"services": RegisterField(_l("Services")), "basis": _BASIS},
        keepers=(PlatformRole.SERVICE_CENTRE,),
        term="backbone_days",
        open_certificate=True,
        by_hand=True,
    ),
}  # fmt: skip
