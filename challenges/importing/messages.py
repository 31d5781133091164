"""The reasons as sentences; reports and pages show them."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from challenges.importing.errors import ImportErrorReason

EXPLANATIONS: dict[ImportErrorReason, LazyString] = {
    ImportErrorReason.NOT_AN_OBJECT: _l("The row is not an object with named fields."),
    ImportErrorReason.OTHER_FEED: _l("The row is not one of Challenge.gov's."),
    ImportErrorReason.NO_IDENTITY: _l("The row has neither a number nor an address of its own."),
    ImportErrorReason.DUPLICATE: _l("An earlier row of the file has the same number."),
    ImportErrorReason.TOO_DEEP: _l("The row is nested too deeply."),
    ImportErrorReason.TOO_LARGE: _l("The row is too large."),
    ImportErrorReason.NOT_TEXT: _l("There is no readable text in this field."),
    ImportErrorReason.TOO_LONG: _l("The text is too long and was cut."),
    ImportErrorReason.NO_TITLE: _l("The row has no title; its address or number is used instead."),
    ImportErrorReason.NO_AGENCY: _l("The row has no agency."),
    ImportErrorReason.DATE_NOT_GIVEN: _l("No date is given."),
    ImportErrorReason.DATE_NOT_UNDERSTOOD: _l("The date is not written in a form we know."),
    ImportErrorReason.DATE_IMPOSSIBLE: _l("There is no such day."),
    ImportErrorReason.DATE_AMBIGUOUS: _l("Day and month cannot be told apart; the date is shown as written."),
    ImportErrorReason.ZONE_NOT_SAID: _l("The time zone is ambiguous; the date is shown as written."),
    ImportErrorReason.TIME_NOT_UNDERSTOOD: _l("The time of day is not understood; only the day is used."),
    ImportErrorReason.ZONE_NOT_UNDERSTOOD: _l("The time zone is not understood; Eastern Time is used."),
    ImportErrorReason.ENDS_BEFORE_START: _l("The end is not after the start; the start is left out."),
    ImportErrorReason.STATUS_CONTRADICTS_DATES: _l(
        "The status given does not agree with the dates; the dates are used."
    ),
    ImportErrorReason.PRIZE_NOT_UNDERSTOOD: _l("The prize is not written as an amount we can read."),
    ImportErrorReason.PRIZE_SEVERAL: _l("Several amounts are given and none is marked as the total."),
    ImportErrorReason.PRIZE_CURRENCY: _l("The prize is in a currency that is not supported."),
    ImportErrorReason.PRIZE_TOO_LARGE: _l("The amount is too large to be a prize."),
    ImportErrorReason.TYPE_NOT_GIVEN: _l("No type of challenge is given."),
    ImportErrorReason.TYPE_NOT_UNDERSTOOD: _l("This type of challenge is not one we know."),
    ImportErrorReason.YEAR_NOT_UNDERSTOOD: _l("The fiscal year is not understood."),
    ImportErrorReason.ADDRESS_NOT_UNDERSTOOD: _l(
        "The address is not one that can be opened; the text is kept without a link."
    ),
    ImportErrorReason.PLACEHOLDER: _l(
        "The address has a placeholder that the source never filled; it is shown as written."
    ),
    ImportErrorReason.IMAGE_LEFT_OUT: _l("The image cannot be reached; its description is kept."),
    ImportErrorReason.EMBED_LEFT_OUT: _l("Embedded content such as a video, a form or a script is left out."),
    ImportErrorReason.TIME_NOT_GIVEN: _l("No time of day is given; the start or the end of the day is used."),
    ImportErrorReason.DAY_FIRST: _l("The day is written before the month."),
    ImportErrorReason.ENDS_AT_MIDNIGHT: _l("The end is at midnight, at the start of the day given."),
    ImportErrorReason.PRIZE_NOT_GIVEN: _l("No total prize is given."),
    ImportErrorReason.PRIZE_FROM_TEXT: _l("The total prize is taken from the text."),
    ImportErrorReason.PRIZE_RANGE: _l("A range is given; its upper end is used as a limit."),
    ImportErrorReason.TEXT_NOT_GIVEN: _l("The row has no description."),
    ImportErrorReason.ADDRESS_REPAIRED: _l("The address was mistyped and has been repaired."),
    ImportErrorReason.IMAGE_LINKED: _l("An image is shown as a link to it."),
    ImportErrorReason.ESCAPED_MARKUP: _l("The source wrote HTML as text; it is shown as written."),
}
