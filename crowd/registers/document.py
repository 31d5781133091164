"""An entry as a document: what its SHA-256 is made of. It names a person by the number of their account only, and has
a random salt: the SHA-256 is public, and the rest of an entry could else be guessed from it.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from crowd.canonical import canonical
from crowd.register_kinds import RegisterKind

SCHEMA = "crowd.register_entry/1"
SALT = 16  # bytes


def write(
    register: str, number: str, holder: tuple[str, int], data: Mapping[str, object], valid_from: datetime,
    valid_until: datetime | None, origin: str,
) -> bytes:  # fmt: skip
    """The canonical bytes of an entry as it is granted, which no other entry has, whatever its values are."""
    kind, holder_id = holder
    return canonical(
        {
            "schema": SCHEMA,
            "register": register,
            "number": number,
            "holder": {"kind": kind, "id": holder_id},
            "data": data,
            "valid_from": _instant(valid_from),
            "valid_until": _instant(valid_until) if valid_until else None,
            "origin": str(origin),
            "salt": secrets.token_hex(SALT),
        }
    )


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def check(kind: RegisterKind, data: Mapping[str, object]) -> None:
    """Raises ValueError where the data is not what the register's schema says."""
    from jsonschema import Draft202012Validator  # heavy, and only needed where somebody is entered

    found = sorted(Draft202012Validator(kind.schema).iter_errors(data), key=str)
    if found:
        raise ValueError("; ".join(f"{one.json_path}: {one.message}" for one in found))
