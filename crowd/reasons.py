"""What a person must write so that something is done: a reason, mostly."""

from flask_babel import lazy_gettext as _

from crowd.config import limits
from crowd.errors import Invalid, Sentence

MISSING = _("Give a reason.")
EMPTY = _("Write something.")


def required(text: str, field: str = "reason", *, missing: Sentence = MISSING) -> str:
    """The text without what surrounds it. Raises Invalid at `field` where there is none, with `missing`, or more than
    `max_reason_length` characters.
    """
    text, most = text.strip(), limits().max_reason_length
    if not text:
        raise Invalid.at(field, missing)
    if len(text) > most:
        raise Invalid.at(field, _("This may have at most %(most)s characters.", most=most))
    return text


def written(text: str, field: str) -> str:
    """As `required`, for text that is no reason."""
    return required(text, field, missing=EMPTY)
