"""Jobs of accounts."""

from collections.abc import Callable

from crowd import background
from crowd.accounts.personal_data import archive, queries, services
from crowd.audit import SYSTEM
from crowd.values import count


@background.job(services.JOB, outside=True, lease=600)
def export(export_id: int) -> Callable[[], dict[str, object]] | None:
    """Write the archive of an export, file by file; the page that waits shows the progress."""
    user_id = queries.waiting_person(export_id)
    if user_id is None:
        return None
    content = archive.write(user_id, lambda number: services.note_progress(export_id, number))
    return lambda: services.finish_export(SYSTEM, export_id, content)


@background.job("accounts.prune")
def prune() -> dict[str, object]:
    """Delete the exports that have expired, and what is left of deleted accounts."""
    return {"exports": count(services.prune())}
