"""Jobs of accounts."""

from crowd import background
from crowd.accounts import services
from crowd.taxonomy.schemes import FIELD


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
