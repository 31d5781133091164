"""Clauses on the page of a contract: reviewers' fees, equal means, what follows from silence, support in kind."""

from collections.abc import Iterator, Sequence

from flask_babel import gettext as _

from challenges.contract.clause import Clause
from challenges.deciding import AfterCentre, Silence, TieRule
from challenges.silence_text import DAY, ranking_text, reminder_text, silence_text, ties_text
from challenges.support.labels import GRANTED_TO
from challenges.support.workflow import GrantedTo
from crowd.canonical import Document
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


def support(lines: Sequence[Document]) -> Iterator[Clause]:
    """What is granted besides money."""
    for place, line in enumerate(lines):
        text = _(
            "%(quantity)s %(unit)s, granted by %(grantor)s. %(whom)s: a voucher that is valid for %(time)s.",
            quantity=line["quantity"],
            unit=line["unit"],
            grantor=line["grantor"]["name"],
            whom=GRANTED_TO[GrantedTo(line["granted_to"])].text,
            time=duration(line["valid_days"] * DAY),
        )
        whole = f"{text}\n{line['conditions']}" if line["conditions"] else text
        yield Clause(f"support.{place}", line["title"], whole)
