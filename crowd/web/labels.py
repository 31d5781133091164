"""The names of states and kinds on pages, and the tone of each: each package declares its own under explicit keys.

`labels={"payout": {PayoutState.SENT: Label(_l("Sent to the bank"), "warn")}}` in a manifest is read here as
`state_label(payout.state, "payout")`. Green (`safe`) is kept for money that is safe, vermilion (`seal`) for failures,
amber (`warn`) for states that wait or need care, blue (`calm`) for states that proceed by themselves.
"""

from functools import lru_cache

from crowd.feature import Label, declared
from crowd.web.request_locale import reader


def state_label(value: str, kind: str) -> str:
    """The name of a value of this kind (`payout`, `platform_role`, ...) in the reader's language.

    A value without a name is shown as its words. Raises KeyError for a kind that no package declares.
    """
    label = declared().labels[kind].get(value)
    return _text(label, reader().name) if label else str(value).replace("_", " ")


def state_tone(value: str, kind: str) -> str:
    """safe, calm, seal, warn, or plain. Raises KeyError for a kind that no package declares."""
    label = declared().labels[kind].get(value)
    return label.tone if label else "plain"


@lru_cache(4096)
def _text(label: Label, locale: str) -> str:
    """The label in the reader's language, which is `locale`."""
    return str(label.text)
