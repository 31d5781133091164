"""What acts are called on pages: the verbs of the audit trail, in words. A house test knows every recorded verb."""

from typing import Any

from flask_babel import lazy_gettext as _l

ACTS: dict[str, Any] = {
    "job.retried": _l("Gave a job its attempts back"),
}


def act_label(verb: str) -> str:
    """The act in the current language; the verb itself where it has no words."""
    return str(ACTS.get(verb, verb))
