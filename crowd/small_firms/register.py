"""The register of science and technology SMEs."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from crowd import clock
from crowd.accounts.models import PlatformRole
from crowd.config import limits
from crowd.feature import Label
from crowd.register_kinds import RegisterField, RegisterKind
from crowd.registers import queries
from crowd.registers.workflow import EntryState

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
        case_kind="small_firm",
    )
}  # fmt: skip


def can_apply_again(organisation_id: int) -> bool:
    """Whether a firm has no entry that has not ended, or one whose end is so near that it is reminded of it; not while
    it is suspended.
    """
    now = clock.db_now()
    near = now + timedelta(days=limits().register_reminder_days)
    lasting = [last for _row, last in queries.of_holder(REGISTER, organisation_id)]
    return all(
        last.state == EntryState.VALID and last.valid_until is not None and last.valid_until <= near
        for last in lasting
        if last.state_at(now) in queries.COUNTS
    )
