"""The errors that services raise when they reject an operation; `crowd.app` turns each into a status, as HTML or JSON.

A message is meant for the person: what happened, what was saved, what to do. Its values (Money, a time, a length of
time) are shown in the reader's language and time zone when the sentence is read (`crowd/web/sentences.py`).
"""

from collections.abc import Mapping
from typing import Self

Sentence = object  # a lazy translation, which carries its values, or plain text, or a day: `str()` shows it


class OperationError(Exception):
    """Base of every rejected operation: it did not happen, and nothing of it is stored. `there` is a page (path, name)
    on which the person can do what is missing, for the error page.
    """

    status = 400
    code = "refused"
    there: tuple[str, Sentence] | None = None

    def __init__(self, message: Sentence = "", /, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.facts: Mapping[str, object] = facts


class NotFound(OperationError):
    """The object does not exist, or this actor may not know that it does."""

    status = 404
    code = "not_found"


class Forbidden(OperationError):
    """The actor may see the object but not do this to it."""

    status = 403
    code = "forbidden"


class Conflict(OperationError):
    """The operation is valid in itself, but not in the object's present state."""

    status = 409
    code = "conflict"

    def __init__(
        self, message: Sentence = "", /, *, there: tuple[str, Sentence] | None = None, **facts: object
    ) -> None:
        super().__init__(message, **facts)
        self.there = there


class Invalid(OperationError):
    """The input breaks a business rule. `fields` maps a field's name to its messages."""

    status = 422
    code = "invalid"

    def __init__(
        self, message: Sentence = "", /, *, fields: Mapping[str, list[Sentence]] | None = None, **facts: object
    ) -> None:
        super().__init__(message, **facts)
        self.fields: Mapping[str, list[Sentence]] = fields or {}

    @classmethod
    def at(cls, field: str, message: Sentence) -> Self:
        """The error of one field: its message is shown at the field and for the whole form."""
        return cls(message, fields={field: [message]})


class TooMany(OperationError):
    """The rate limiter's: a rate was exceeded; `retry_after` in seconds where waiting helps."""

    status = 429
    code = "too_many"

    def __init__(self, message: Sentence = "", /, *, retry_after: int | None = None, **facts: object) -> None:
        super().__init__(message, **facts)
        self.retry_after = retry_after


class Unavailable(OperationError):
    """A part that the operation needs is unavailable or busy (a lock held too long, storage, database)."""

    status = 503
    code = "unavailable"
