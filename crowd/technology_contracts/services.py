"""What a decision carries out: the contract is entered."""

from collections.abc import Mapping

from crowd.audit import SYSTEM
from crowd.cases import queries as cases
from crowd.db import atomic
from crowd.registers import services as registers
from crowd.registers.models import RegisterEntry
from crowd.technology_contracts.register import REGISTER, data_of


@atomic
def register(case_id: int, seller_id: int, answers: Mapping[str, str]) -> RegisterEntry:
    """Enter the contract of an application that was granted; its seller is told, and the certificate is made."""
    case = cases.get(case_id)
    return registers.grant(SYSTEM, REGISTER, seller_id, data_of(answers), case_id=case.id, holder=case.subject_type)
