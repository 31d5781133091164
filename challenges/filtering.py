"""The list's filters in a URL: unknown values are ignored, never rejected."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l

from challenges.models import Stage
from challenges.queries import SORTS, Filters
from challenges.workflow import IN_ESCROW, PUBLIC, ChallengeState
from crowd import text
from crowd.languages import LANGUAGES
from crowd.money import CURRENCIES
from crowd.web.api import QueryParameter
from crowd.web.arguments import Arguments

E = TypeVar("E", bound=StrEnum)
PARAMETERS = (  # of the API's URL; `after` is read by the pager
    QueryParameter("q", _l("words of title, organisation, summary, problem or fields; all must be found")),
    QueryParameter(
        "state",
        _l("state of the challenge; may be given several times"),
        [s for s in ChallengeState if s in PUBLIC],
    ),
    QueryParameter("stage", _l("the required maturity; may be given several times"), list(Stage)),
    QueryParameter("tag", _l("a field; if several are given, all must match")),
    QueryParameter("language", _l("the language of the text"), list(LANGUAGES)),
    QueryParameter("currency", _l("the currency of the prizes"), list(CURRENCIES)),
    QueryParameter("here", _l("leaves out what other platforms publish"), ["1"]),
    QueryParameter("escrow", _l("only challenges with money in escrow"), ["1"]),
    QueryParameter("organisation", _l("the number of the organisation that posts it")),
    QueryParameter("sort", _l("what comes first"), list(SORTS)),
    QueryParameter("after", _l("the cursor of the page before")),
)


def read(args: Arguments, *, usual: Sequence[ChallengeState] = ()) -> Filters:
    """Filters in the URL of a page or of the API. With no `state` and no `filtered` mark: the `usual` states.

    A search by text or tag without chosen states covers all of them: `usual` in a URL says
    that its states are the page's default. `escrow` alone means the states in which money is
    in escrow.
    """
    states, question, tags = _known(ChallengeState, args.texts("state")), args.question("q"), args.texts("tag")[:8]
    if not states and args.flag("escrow"):
        states = [state for state in ChallengeState if state in PUBLIC & IN_ESCROW]
    elif question or tags:
        states = [] if args.flag("usual") and set(states) == set(usual) else states
    elif not states and "filtered" not in args:
        states = list(usual)
    return Filters(
        question=question,
        states=[state for state in states if state in PUBLIC | {ChallengeState.CANCELLED}],
        stages=_known(Stage, args.texts("stage")),
        tags=[text.question(tag) for tag in tags],
        languages=[name for name in args.texts("language") if name in LANGUAGES],
        currencies=[code for code in args.texts("currency") if code in CURRENCIES],
        here=args.flag("here"),
        organisation_id=args.number("organisation"),
        sort=args.text("sort", among=SORTS),
    )


def arguments(filters: Filters) -> dict[str, Any]:
    """The filters as URL arguments that `read` parses to the same filters."""
    single = {
        "q": filters.question, "here": "1" if filters.here else "", "organisation": filters.organisation_id,
        "sort": filters.sort,
    }  # fmt: skip
    lists: dict[str, Sequence[Any]] = {
        "state": filters.states, "stage": filters.stages, "language": filters.languages,
        "currency": filters.currencies, "tag": filters.tags,
    }  # fmt: skip
    found: dict[str, Any] = {name: [str(value) for value in values] for name, values in lists.items() if values}
    return found | {name: value for name, value in single.items() if value not in ("", None)} | {"filtered": 1}


@dataclass(frozen=True, slots=True)
class Chosen:
    """One filter that is on, and the URL arguments without it."""

    name: str
    value: str
    without: dict[str, Any]


def chosen(filters: Filters, *, usual: Sequence[ChallengeState] = ()) -> list[Chosen]:
    """The active filters, one for each value, without the sort order and without the default states."""
    all_of = arguments(filters)
    found = []
    for name, values in all_of.items():
        unchosen = name == "state" and set(filters.states) == set(usual) and not (filters.question or filters.tags)
        if name in ("sort", "filtered") or unchosen:
            continue
        for value in values if isinstance(values, list) else [values]:
            left = [one for one in values if one != value] if isinstance(values, list) else None
            found.append(Chosen(name, str(value), {**all_of, name: left or None}))
    return found


def _known(kind: type[E], words: Iterable[str]) -> list[E]:
    known = {member.value: member for member in kind}
    return [known[word] for word in words if word in known]
