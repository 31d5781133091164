"""The clauses of the decision on the page of a contract: equal means, the date, and what follows from silence."""

from collections.abc import Iterator

from flask_babel import gettext as _

from challenges.contract.clause import Clause
from challenges.deciding import AfterCentre, Silence, TieRule
from challenges.silence_text import DAY, ranking_text, reminder_text, silence_text, ties_text
from crowd.contracts.canonical import Document
from crowd.web.templating import duration


def deciding(decision: Document) -> Iterator[Clause]:
    """From the part `decision` of a document."""
    rule, silence = TieRule(decision["ties"]), Silence(decision["silence"])
    after = AfterCentre(decision["centre_silence"])
    yield Clause("ties", _("Equal means"), ties_text(rule))
    yield Clause("decision_days", _("Time to decide after the reviews"), duration(decision["days"] * DAY))
    yield Clause("reminders", _("Reminders of the decision"), reminder_text(decision["reminder_days"]))
    text = silence_text(silence, after, decision["centre_days"])
    yield Clause("silence", _("Where the sponsor does not decide in time"), text)
    if silence == Silence.RANKING or (silence == Silence.CENTRE and after == AfterCentre.RANKING):
        yield Clause("by_ranking", _("How prizes go by ranking"), ranking_text(rule))
