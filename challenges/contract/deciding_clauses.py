"""The clauses of judging and decision on the page of a contract: reviewers' fees, equal means, and what follows from
silence.
"""

from collections.abc import Iterator

from flask_babel import gettext as _

from challenges.contract.clause import Clause
from challenges.deciding import AfterCentre, Silence, TieRule
from challenges.silence_text import DAY, ranking_text, reminder_text, silence_text, ties_text
from crowd.contracts.canonical import Document
from crowd.web.templating import duration, format_money


def deciding(decision: Document) -> Iterator[Clause]:
    """From the part `decision` of a document."""
    rule, silence = TieRule(decision["ties"]), Silence(decision["silence"])
    after = AfterCentre(decision["centre_silence"])
    yield Clause("ties", _("Equal means"), ties_text(rule))
    yield Clause("decision_days", _("Time to decide after the reviews"), duration(decision["days"] * DAY))
    if decision["reminder_days"]:
        yield Clause("reminders", _("Reminders of the decision"), reminder_text(decision["reminder_days"]))
    text = silence_text(silence, after, decision["centre_days"])
    yield Clause("silence", _("Where the sponsor does not decide in time"), text)
    if silence == Silence.RANKING or (silence == Silence.CENTRE and after == AfterCentre.RANKING):
        yield Clause("by_ranking", _("How prizes go by ranking"), ranking_text(rule))


def honoraria(reviews: Document, currency: str) -> Iterator[Clause]:
    """The reviewers' fees, from the part `reviews` of a document."""
    if not reviews["fee"]:
        yield Clause("review_fee", _("Reviewers’ fee"), _("Reviewers work without a fee."))
        return
    fee, most = (format_money(amount, currency) for amount in (reviews["fee"], reviews["honoraria"]))
    text = _(
        "%(fee)s for each review that comes in time, paid once the decision is published or the challenge is cancelled"
        " in judging. At most %(most)s is in escrow for all of them; where that does not suffice, each earns an equal"
        " part. No platform fee is taken on it, and what is not earned returns to the sponsor. A review that is"
        " released because of a conflict of interest earns nothing.",
        fee=fee,
        most=most,
    )
    yield Clause("review_fee", _("Reviewers’ fee"), text)
