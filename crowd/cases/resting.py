"""The version, of a contract or of rules, on which a case rests: the one that was in force when it was filed."""

from dataclasses import dataclass

from crowd.accounts.models import User
from crowd.cases.models import Case
from crowd.contracts.models import ContractVersion
from crowd.db import db
from crowd.errors import Sentence
from crowd.feature import declared
from crowd.web import link_access


@dataclass(frozen=True, slots=True)
class RestsOn:
    """A version: its name, its page (empty where that stays closed), its SHA-256."""

    title: Sentence
    path: str
    digest: str


def rests_on(actor: User, case: Case) -> RestsOn | None:
    """The version on which a case rests, as a person reads it; None where it rests on none."""
    version = db.session.get(ContractVersion, case.contract_version_id) if case.contract_version_id else None
    if version is None:
        return None
    kind, subject_id = declared().contract_kinds[version.contract.kind], version.contract.subject_id
    path = kind.path(subject_id, version.number)
    opens = link_access.refusal(actor, path) is None
    return RestsOn(kind.title(subject_id, version.number), path if opens else "", version.digest)
