"""The register of technology contracts: what an entry holds, and which of it is public."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from crowd.accounts.models import PlatformRole
from crowd.money import CURRENCIES
from crowd.register_kinds import RegisterField, RegisterKind
from crowd.technology_contracts import labels
from crowd.technology_contracts.kinds import INDEX, KINDS_OF_CONTRACT
from crowd.web.labels import state_label

REGISTER = "technology-contracts"
_TEXT = {"type": "string", "minLength": 1}
_AMOUNT = {
    "type": "object", "additionalProperties": False, "required": ["amount", "currency"],
    "properties": {"amount": {"type": "integer", "minimum": 0}, "currency": {"enum": list(CURRENCIES)}},
}  # fmt: skip


def data_of(answers: Mapping[str, str]) -> dict[str, object]:
    """What is entered, of the answers of an application."""
    texts = ("title", "kind", "field", "buyer", "parties", "signed_on")
    found: dict[str, object] = {name: answers[name] for name in texts if answers[name]}
    for name in ("contract_amount", "technology_amount"):
        found[name] = {"amount": int(answers[name]), "currency": answers["currency"]}
    return found


REGISTERS = {
    REGISTER: RegisterKind(
        label=_l("Technology contracts"),
        text=_l("The service centre has checked and registered the contract of this seller."),
        prefix="TC",
        holder="either",
        schema={
            "type": "object",
            "additionalProperties": False,
            "required": ["title", "kind", "field", "buyer", "signed_on", "contract_amount", "technology_amount"],
            "properties": {
                "title": _TEXT, "kind": {"enum": list(KINDS_OF_CONTRACT)}, "field": _TEXT, "buyer": _TEXT,
                "parties": _TEXT, "signed_on": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
                "contract_amount": _AMOUNT, "technology_amount": _AMOUNT,
            },
        },
        fields={
            "title": RegisterField(_l("Title of the contract")),
            "kind": RegisterField(
                _l("Kind of contract"), show=lambda kind: state_label(kind, "technology_contract_kind"),
                choices={kind: label.text for kind, label in KINDS_OF_CONTRACT.items()},
            ),
            "field": RegisterField(_l("Field of work"), show=labels.field_of_work),
            "signed_on": RegisterField(_l("Date of signature"), show=labels.signed_on),
            "buyer": RegisterField(_l("Buyer"), public=False, certified=True),
            "parties": RegisterField(_l("Other parties"), public=False, certified=True),
            "contract_amount": RegisterField(_l("Contract amount"), public=False, certified=True, show=labels.amount),
            "technology_amount": RegisterField(
                _l("Technology amount"), public=False, certified=True, show=labels.amount
            ),
        },
        keepers=(PlatformRole.SERVICE_CENTRE,),
        term="technology_contract_days",
        several=True,
        about=INDEX,
    )
}  # fmt: skip
