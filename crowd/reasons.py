"""What a person must write so that something is done: a reason, mostly."""

from flask_babel import lazy_gettext as _

from crowd.config import limits
from crowd.errors import Invalid, Sentence

MISSING = _("Give a reason.")
EMPTY = _("Write something.")


def limited(text: str, field: str) -> str:
    """The text without what surrounds it, also where there is none. Raises Invalid at `field` for more than
    `max_reason_length` characters.
    """
    text, most = text.strip(), limits().max_reason_length
    if len(text) > most:
        raise Invalid.at(field, _("This may have at most %(most)s characters.", most=most))
    return text


def required(text: str, field: str = "reason", *, missing: Sentence = MISSING) -> str:
    """As `limited`. Raises Invalid at `field` where there is no text, too, with `missing`."""
    if not text.strip():
        raise Invalid.at(field, missing)
    return limited(text, field)


def written(text: str, field: str) -> str:
    """As `required`, for text that is no reason."""
    return required(text, field, missing=EMPTY)
