"""The archive of a person's data: a ZIP with one JSON file for each table that knows them."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from crowd.db import db
from crowd.feature import PersonalData, declared

MAX_ROWS = 50_000  # of one file


def parts() -> PersonalData:
    """The statement behind each file, by the file's name without its ending, of all packages."""
    return declared().personal_data


def write(user_id: int, written: Callable[[int], None]) -> bytes:
    """The ZIP with everything about a person; `written` is called with the number of files after each."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, select) in enumerate(parts().items(), 1):
            archive.writestr(f"{name}.json", json.dumps(list(_rows(select(user_id))), ensure_ascii=False, indent=1))
            written(number)
    return target.getvalue()


def _rows(query: sa.Select[Any]) -> Iterator[dict[str, Any]]:
    """The rows as JSON has them: times in ISO 8601 with their zone, money in minor units beside its currency."""
    for row in db.session.execute(query.limit(MAX_ROWS)).mappings():
        yield {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float | str | list | dict) else str(value)
