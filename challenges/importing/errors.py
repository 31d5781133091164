"""What could not be understood of a row, by reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

SOURCE_SHOWN = 200  # characters of the source text that a problem repeats


class ImportErrorReason(StrEnum):
    """Why a value is missing or was changed. Sentences for people are in `messages`."""

    # the row as a whole
    NOT_AN_OBJECT = "not_an_object"
    NO_IDENTITY = "no_identity"
    OTHER_FEED = "other_feed"
    DUPLICATE = "duplicate"
    TOO_DEEP = "too_deep"
    TOO_LARGE = "too_large"
    # any field
    NOT_TEXT = "not_text"
    TOO_LONG = "too_long"
    NO_TITLE = "no_title"
    NO_AGENCY = "no_agency"
    # dates
    DATE_NOT_GIVEN = "date_not_given"
    DATE_NOT_UNDERSTOOD = "date_not_understood"
    DATE_IMPOSSIBLE = "date_impossible"
    DATE_AMBIGUOUS = "date_ambiguous"
    ZONE_NOT_SAID = "zone_not_said"
    TIME_NOT_UNDERSTOOD = "time_not_understood"
    ZONE_NOT_UNDERSTOOD = "zone_not_understood"
    ENDS_BEFORE_START = "ends_before_start"
    STATUS_CONTRADICTS_DATES = "status_contradicts_dates"
    # prize, type, year
    PRIZE_NOT_UNDERSTOOD = "prize_not_understood"
    PRIZE_SEVERAL = "prize_several"
    PRIZE_CURRENCY = "prize_currency"
    PRIZE_TOO_LARGE = "prize_too_large"
    TYPE_NOT_GIVEN = "type_not_given"
    TYPE_NOT_UNDERSTOOD = "type_not_understood"
    YEAR_NOT_UNDERSTOOD = "year_not_understood"
    # addresses and text
    ADDRESS_NOT_UNDERSTOOD = "address_not_understood"
    PLACEHOLDER = "placeholder"
    IMAGE_LEFT_OUT = "image_left_out"
    EMBED_LEFT_OUT = "embed_left_out"
    # notes: understood, with a remark
    TIME_NOT_GIVEN = "time_not_given"
    DAY_FIRST = "day_first"
    ENDS_AT_MIDNIGHT = "ends_at_midnight"
    PRIZE_NOT_GIVEN = "prize_not_given"
    PRIZE_FROM_TEXT = "prize_from_text"
    PRIZE_RANGE = "prize_range"
    TEXT_NOT_GIVEN = "text_not_given"
    ADDRESS_REPAIRED = "address_repaired"
    IMAGE_LINKED = "image_linked"
    ESCAPED_MARKUP = "escaped_markup"


NOTES = frozenset(
    {
        ImportErrorReason.TIME_NOT_GIVEN,
        ImportErrorReason.DAY_FIRST,
        ImportErrorReason.ENDS_AT_MIDNIGHT,
        ImportErrorReason.PRIZE_NOT_GIVEN,
        ImportErrorReason.PRIZE_FROM_TEXT,
        ImportErrorReason.PRIZE_RANGE,
        ImportErrorReason.TEXT_NOT_GIVEN,
        ImportErrorReason.ADDRESS_REPAIRED,
        ImportErrorReason.IMAGE_LINKED,
        ImportErrorReason.ESCAPED_MARKUP,
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that could not be understood: the source's field, why, and the beginning of the source text."""

    field: str
    reason: ImportErrorReason
    source: str

    @property
    def is_note(self) -> bool:
        """True where the value was understood and a person should only know how."""
        return self.reason in NOTES


def problem(field: str, reason: ImportErrorReason, source: object = "") -> Problem:
    """A Problem with the source text shortened to `SOURCE_SHOWN` characters."""
    text = source if isinstance(source, str) else repr(source)
    return Problem(field, reason, text if len(text) <= SOURCE_SHOWN else text[: SOURCE_SHOWN - 1] + "…")


def once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems in order, each said once."""
    return tuple(dict.fromkeys(problems))
