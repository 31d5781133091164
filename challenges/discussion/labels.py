"""The names of a question's states."""

from flask_babel import lazy_gettext as _l

from challenges.discussion.workflow import QuestionState
from crowd.feature import Label

STATES = {
    QuestionState.ASKED: Label(_l("Waits for the service centre"), "warn"),
    QuestionState.PUBLISHED: Label(_l("Waits for the sponsor"), "warn"),
    QuestionState.ANSWERED: Label(_l("Answered"), "safe"),
    QuestionState.REJECTED: Label(_l("Not published")),
    QuestionState.HIDDEN: Label(_l("Hidden after a report"), "warn"),
}
