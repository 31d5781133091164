"""Time that passes: where a test moves the dates of a published challenge, its contract follows, as a later version.

Without that the ledger check would find, rightly, that the challenge is not what its contract says.
"""

from collections.abc import Callable, Sequence
from typing import Any

from challenges.contract.document import INSTANT
from crowd.canonical import canonical, digest, read

Execute = Callable[..., Sequence[Any]]  # (statement, **values), with the rights of the database's owner

MOVED = """
SELECT v.id, v.document, c.opens_at, c.closes_at, c.id AS challenge_id,
    (SELECT max(number) FROM contract_version w WHERE w.contract_id = v.contract_id) AS last
FROM challenge c JOIN contract_version v ON v.id = c.contract_version_id ORDER BY c.id
"""
ADD = """
INSERT INTO contract_version
    (contract_id, number, schema, document, digest, change_class, reason, state, created_at, in_force_at)
SELECT contract_id, :number, schema, :document, :digest, 'extension', 'time has passed', 'in_force', created_at,
    in_force_at
FROM contract_version WHERE id = :before RETURNING id
"""


def follow(execute: Execute) -> None:
    """Give every published challenge whose dates were moved a version with these dates, in force since the last one."""
    for row in execute(MOVED):
        before = read(bytes(row.document))
        dates = {name: getattr(row, name).strftime(INSTANT) for name in ("opens_at", "closes_at")}
        if {name: before["dates"][name] for name in dates} == dates:
            continue
        number = row.last + 1
        written = canonical({**before, "number": number, "dates": before["dates"] | dates})
        execute(
            "UPDATE contract_version SET state = 'superseded', superseded_at = crowd_now() WHERE id = :id RETURNING id",
            id=row.id,
        )
        (added,) = execute(ADD, number=number, document=written, digest=digest(written), before=row.id)
        execute(
            "UPDATE challenge SET contract_version_id = :version WHERE id = :id RETURNING id",
            version=added.id,
            id=row.challenge_id,
        )
