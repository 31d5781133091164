"""Jobs of accounts."""

from crowd import background
from crowd.accounts import services


@background.job("accounts.keep_fields", lease=300)
def keep_fields(scheme: str, _keys: list[str], after: int = 0) -> dict[str, object]:
    """Store the expertise of people by the present names of fields, some people at a time."""
    last, changed = services.keep_fields(scheme, after)
    if last is not None:
        background.enqueue("accounts.keep_fields", scheme, [], last, wake=False)
    return {"changed": changed}
