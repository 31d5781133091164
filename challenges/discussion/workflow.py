"""States of a question."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from crowd.workflow import TransitionWording


class QuestionState(StrEnum):
    """Where a question stands."""

    ASKED = "asked"
    PUBLISHED = "published"
    ANSWERED = "answered"
    REJECTED = "rejected"
    HIDDEN = "hidden"  # after a report


PUBLIC = (QuestionState.PUBLISHED, QuestionState.ANSWERED)  # everybody reads it who reads the challenge

TRANSITIONS = {
    "publish": ({QuestionState.ASKED}, QuestionState.PUBLISHED),
    "reject": ({QuestionState.ASKED}, QuestionState.REJECTED),
    "answer": ({QuestionState.PUBLISHED}, QuestionState.ANSWERED),
    "hide": ({QuestionState.PUBLISHED, QuestionState.ANSWERED}, QuestionState.HIDDEN),
}

WORDING = TransitionWording(
    states={
        QuestionState.ASKED: _l("This question waits for the service centre."),
        QuestionState.PUBLISHED: _l("This question is published and waits for the sponsor."),
        QuestionState.ANSWERED: _l("This question is answered."),
        QuestionState.REJECTED: _l("This question was rejected."),
        QuestionState.HIDDEN: _l("This question was hidden after a report."),
    },
    operations={
        "publish": _l("Only a new question can be published."),
        "reject": _l("Only a new question can be rejected."),
        "answer": _l("Only a published question can be answered, and only once."),
        "hide": _l("Only a published question can be hidden."),
    },
)
