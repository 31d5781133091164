"""What acts are called on pages: the verbs of the audit trail, in words. A house test knows every recorded verb."""

from typing import Any

from flask_babel import lazy_gettext as _l

ACTS: dict[str, Any] = {
    "challenge.created": _l("Draft begun"),
    "challenge.edited": _l("Draft changed"),
    "challenge.submitted": _l("Sent to screening"),
    "challenge.recalled": _l("Taken back from screening"),
    "challenge.sent_back": _l("Sent back by the screening"),
    "challenge.approved": _l("Approved"),
    "challenge.funded": _l("Money put into escrow"),
    "challenge.lapsed": _l("Not paid in time, a draft again"),
    "challenge.opened": _l("Opened"),
    "challenge.closed": _l("Closed, judging begun"),
    "challenge.decided": _l("Decision published"),
    "challenge.settled": _l("Paid and settled"),
    "challenge.cancelled": _l("Cancelled"),
    "challenge.import_created": _l("Taken over from the other platform"),
    "challenge.import_updated": _l("Brought up to date from the other platform"),
    "challenge.archived": _l("Archived: its dates have run out"),
    "challenge.relisted": _l("Listed again: its dates were moved"),
    "job.retried": _l("Gave a job its attempts back"),
    "registration.made": _l("Registered"),
    "registration.undone": _l("Took the registration back"),
    "proposal.started": _l("Began the proposal"),
    "proposal.saved": _l("Wrote on the draft"),
    "proposal.file_attached": _l("Added a file"),
    "proposal.file_detached": _l("Removed a file"),
    "proposal.finalised": _l("Made a version final"),
    "proposal.withdrawn": _l("Withdrew the proposal"),
    "proposal.resumed": _l("Took the proposal up again"),
    "proposal.refused": _l("Asked for a hidden proposal and was refused"),
    "shares.set": _l("Set the shares"),
    "share.agreed": _l("Agreed to a share"),
    "share.refused": _l("Refused a share"),
}


def act_label(verb: str) -> str:
    """The act in the current language; the verb itself where it has no words."""
    return str(ACTS.get(verb, verb))
