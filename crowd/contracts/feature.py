"""What contracts declare: their commands, and what they know of a person."""

import sqlalchemy as sa

from crowd.contracts import labels
from crowd.contracts.models import Acceptance, Contract, ContractVersion
from crowd.feature import Feature

FEATURE = Feature(
    name="contracts",
    commands="crowd.contracts.cli",
    labels={"contract_version": labels.STATES, "change_class": labels.CLASSES},
    personal_data={
        "contracts_accepted": lambda user_id: (
            sa.select(Contract.kind, Contract.subject_id, ContractVersion.number, ContractVersion.digest,
                      Acceptance.organisation_id, Acceptance.accepted_at)
            .join(ContractVersion, ContractVersion.id == Acceptance.version_id)
            .join(Contract, Contract.id == ContractVersion.contract_id)
            .where(Acceptance.user_id == user_id)
            .order_by(Acceptance.id)
        ),
    },
)  # fmt: skip
