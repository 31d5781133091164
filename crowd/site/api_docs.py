"""Contents of the page about the API: parameters with their values from the code, and fields of responses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from challenges.models import Stage
from challenges.queries import SORTS
from challenges.workflow import PUBLIC, ChallengeState
from crowd.config import LOCALES
from crowd.money import CURRENCIES


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter, what it does, and the values that it accepts (none: any text)."""

    name: str
    text: Any
    values: Sequence[str] = ()


PARAMETERS = (
    Parameter("q", _l("words of title, organisation, summary, problem or fields; all must be found")),
    Parameter(
        "state",
        _l("state of the challenge; may be given several times"),
        [s for s in ChallengeState if s in PUBLIC],
    ),
    Parameter("stage", _l("the required maturity; may be given several times"), list(Stage)),
    Parameter("tag", _l("a field; if several are given, all must match")),
    Parameter("language", _l("the language of the text"), list(LOCALES)),
    Parameter("currency", _l("the currency of the prizes"), list(CURRENCIES)),
    Parameter("here", _l("leaves out what other platforms publish"), ["1"]),
    Parameter("escrow", _l("only challenges with money in escrow"), ["1"]),
    Parameter("organisation", _l("the number of the organisation that posts it")),
    Parameter("sort", _l("what comes first"), list(SORTS)),
    Parameter("after", _l("the cursor of the page before")),
)
BRIEF: dict[str, Any] = {
    "id": _l("number of the challenge"),
    "url": _l("its page"),
    "origin": _l("platform: posted here; external: a record of another platform’s challenge"),
    "state": _l("its state"),
    "type": _l("prize: under the rules of this platform; null for a record of another platform"),
    "stage": _l("required maturity, or null"),
    "language": _l("language of its text"),
    "title": _l("title"),
    "summary": _l("summary, plain text"),
    "tags": _l("fields"),
    "organisation": _l("who posts it: id, name, and whether it is verified"),
    "currency": _l("currency of all its amounts, ISO 4217"),
    "prize_total": _l("all prizes together, in minor units (fen, cents)"),
    "opens_at": _l("opening, or null"),
    "closes_at": _l("closing, or null"),
    "in_escrow": _l("whether its money is held in escrow now"),
}
WHOLE: dict[str, Any] = {
    "problem_statement": _l("the problem, in Markdown"),
    "rights": _l("what happens with the rights in what is awarded"),
    "prizes": _l("each with title, amount in minor units, and number of awards"),
    "criteria": _l("each with title, description, weight in percent, and scale of points"),
    "registrations": _l("how many take part; proposals are not counted before the close"),
    "published_at": _l("opened"),
    "closed_at": _l("closed"),
    "decided_at": _l("decided"),
    "settled_at": _l("paid and settled"),
    "source": _l("for a record of another platform: its name, number and address, and the types that it gives"),
}
ME: dict[str, Any] = {
    "id": _l("number of the account"),
    "name": _l("name"),
    "roles": _l("roles on the platform"),
    "organisations": _l("each with id, name, kind, and the person’s role there"),
    "locale": _l("chosen language"),
}
ERRORS: dict[int, Any] = {
    401: _l("nobody is signed in"),
    404: _l("there is no such thing, or it is not public"),
    422: _l("this cursor is not valid"),
    429: _l("too many requests; the header Retry-After says how many seconds to wait"),
}
