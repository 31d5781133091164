"""The four refusals that services raise; `crowd.app` turns each into one status, as HTML or JSON.

A message is meant for the person: what happened, what was kept, what to do. It is a lazy translation or plain text.
"""

from collections.abc import Mapping
from typing import Any, Self


class OperationError(Exception):
    """Base of every refusal: the act did not happen, and nothing of it is stored."""

    status = 400
    code = "refused"

    def __init__(self, message: Any = "", /, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts: Mapping[str, Any] = facts


class NotFound(OperationError):
    """The thing does not exist, or this actor may not know that it does."""

    status = 404
    code = "not_found"


class Forbidden(OperationError):
    """The actor may see the thing but not do this to it."""

    status = 403
    code = "forbidden"


class Conflict(OperationError):
    """The act is right in itself, but not in the thing's present state."""

    status = 409
    code = "conflict"


class Invalid(OperationError):
    """The input breaks a rule of business. `fields` maps a field's name to its messages."""

    status = 422
    code = "invalid"

    def __init__(self, message: Any = "", /, *, fields: Mapping[str, list[Any]] | None = None, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.fields: Mapping[str, list[Any]] = fields or {}

    @classmethod
    def at(cls, field: str, message: Any) -> Self:
        """The refusal of one field: its message stands at the field, and is what is said of the whole."""
        return cls(message, fields={field: [message]})


class TooMany(OperationError):
    """A limit on rate or number was reached; `retry_after` in seconds where waiting helps."""

    status = 429
    code = "too_many"

    def __init__(self, message: Any = "", /, *, retry_after: int | None = None, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.retry_after = retry_after


class Unavailable(OperationError):
    """A part that the act needs is away or busy (a lock held too long, storage, database)."""

    status = 503
    code = "unavailable"
