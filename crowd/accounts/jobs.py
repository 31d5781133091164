"""Jobs of accounts."""

from collections.abc import Callable

from crowd import background
from crowd.accounts import experts, services
from crowd.accounts.organisations import services as organisations
from crowd.accounts.personal_data import archive, queries
from crowd.accounts.personal_data import services as personal_data
from crowd.accounts.verification import procedure
from crowd.audit import SYSTEM
from crowd.taxonomy.schemes import FIELD
from crowd.values import count


@background.job("accounts.export", outside=True, lease=600)
def export(export_id: int) -> Callable[[], dict[str, object]] | None:
    """Write the archive of an export, file by file; the page that waits shows the progress."""
    user_id = queries.waiting_person(export_id)
    if user_id is None:
        return None
    content = archive.write(user_id, lambda number: personal_data.note_progress(export_id, number))
    return lambda: personal_data.finish_export(SYSTEM, export_id, content)


@background.job("accounts.clear_profile")
def clear_profile(case_id: int, user_id: int, answers: dict[str, str]) -> dict[str, object]:
    """Delete the texts and links of a profile about which a report was upheld."""
    del case_id, answers  # the parties read both on the page of the case
    services.clear_profile(SYSTEM, user_id)
    return {}


@background.job("accounts.clear_organisation")
def clear_organisation(case_id: int, organisation_id: int, answers: dict[str, str]) -> dict[str, object]:
    """Delete the description and the website of an organisation about which a report was upheld."""
    del case_id, answers
    organisations.clear_texts(SYSTEM, organisation_id)
    return {}


@background.job("accounts.enter_verified")
def enter_verified(case_id: int, organisation_id: int, answers: dict[str, str]) -> dict[str, object]:
    """Enter an organisation whose verification was granted, or renew its entry."""
    return procedure.carry_out(SYSTEM, case_id, organisation_id, answers)


@background.job("accounts.admit_expert")
def admit_expert(case_id: int, user_id: int, answers: dict[str, str]) -> dict[str, object]:
    """Enter somebody whom the expert committee has admitted, or renew their entry."""
    return experts.admit(SYSTEM, case_id, user_id, answers)


@background.job("accounts.suspend_expert")
def suspend_expert(case_id: int, user_id: int, answers: dict[str, str]) -> dict[str, object]:
    """Suspend the entry of an expert, as the committee has decided."""
    del answers
    return experts.end(SYSTEM, case_id, user_id, "suspend")


@background.job("accounts.revoke_expert")
def revoke_expert(case_id: int, user_id: int, answers: dict[str, str]) -> dict[str, object]:
    """Revoke the entry of an expert, as the committee has decided."""
    del answers
    return experts.end(SYSTEM, case_id, user_id, "revoke")


@background.job("accounts.prune")
def prune() -> dict[str, object]:
    """Delete the exports that have expired, and what is left of deleted accounts."""
    return {"exports": count(personal_data.prune())}


@background.job("accounts.keep_fields")
def keep_fields(scheme: str, keys: list[str]) -> dict[str, object]:
    """Where fields have changed, store the expertise of everybody by their present names."""
    if scheme == FIELD:
        background.enqueue("accounts.keep_fields_after", 0)
    return {"read": len(keys)}


@background.job("accounts.keep_fields_after", lease=300)
def keep_fields_after(user_id: int) -> dict[str, object]:
    """Store the expertise of some people, from an id on; another job goes on with the next."""
    last, changed = services.keep_fields(after=user_id)
    if last is not None:
        background.enqueue("accounts.keep_fields_after", last, wake=False)
    return {"changed": changed}
