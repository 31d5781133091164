"""The list's filters in a URL: unknown values are ignored, never rejected."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l
from marshmallow import ValidationError, fields, validate

from challenges.queries import SORTS, Filters
from challenges.types import TYPES, Type
from challenges.workflow import IN_ESCROW, PUBLIC, ChallengeState
from crowd import text
from crowd.languages import LANGUAGES
from crowd.money import CURRENCIES
from crowd.taxonomy.exchange import CODE
from crowd.taxonomy.schemes import STAGE
from crowd.taxonomy.vocabulary import current
from crowd.web.api import ParameterSchema, about, among
from crowd.web.arguments import Arguments
from crowd.web.converters import MAX_DIGITS

E = TypeVar("E", bound=StrEnum)
LISTED = [state for state in ChallengeState if state in PUBLIC | {ChallengeState.CANCELLED}]
FORMER_STAGES = {"0-1": "0", "1-10": "1", "10-100": "10"}  # in addresses from before stages were terms
NO_NUMBER = _l("Use the number of an organisation.")


def _is_stage(word: str) -> None:
    if current().get(STAGE, FORMER_STAGES.get(word, word)) is None:
        codes = ", ".join(one.code for one in current().all(STAGE))
        raise ValidationError(str(_l("Use one of: %(codes)s.", codes=codes)))


class ChallengeParameters(ParameterSchema):
    """The parameters of the API's list; `after` is read by the pager."""

    q = fields.String(metadata=about(_l("words of title, organisation, summary, problem or fields; all must be found")))
    state = fields.List(
        fields.String(validate=among(LISTED)),
        metadata=about(_l("state of the challenge; may be given several times")),
    )
    type = fields.List(
        fields.String(validate=among(TYPES)),
        metadata=about(_l("the type; may be given several times")),
    )
    stage = fields.List(
        fields.String(validate=_is_stage),
        metadata=about(_l("the required maturity: the code of a stage; may be given several times")),
    )
    tag = fields.List(fields.String(), metadata=about(_l("a field; if several are given, all must match")))
    region = fields.String(metadata=about(_l("the code of the region of the organisation that posts it")))
    industry = fields.String(metadata=about(_l("the code of an industry to which its fields belong")))
    language = fields.List(fields.String(validate=among(LANGUAGES)), metadata=about(_l("the language of the text")))
    currency = fields.List(fields.String(validate=among(CURRENCIES)), metadata=about(_l("the currency of the prizes")))
    here = fields.String(validate=among("1"), metadata=about(_l("leaves out what other platforms publish")))
    escrow = fields.String(validate=among("1"), metadata=about(_l("only challenges with money in escrow")))
    organisation = fields.Integer(
        validate=validate.Range(1, 10**MAX_DIGITS - 1, error=NO_NUMBER),
        error_messages={"invalid": NO_NUMBER},
        metadata=about(_l("the number of the organisation that posts it")),
    )
    sort = fields.String(validate=among(SORTS), metadata=about(_l("what comes first")))
    after = fields.String(metadata=about(_l("the cursor of the page before")))


def read(args: Arguments, *, usual: Sequence[ChallengeState] = ()) -> Filters:
    """Filters in the URL of a page or of the API. With no `state` and no `filtered` mark: the `usual` states.

    A search by text, tag, industry or region without chosen states covers all of them: `usual` in a URL says
    that its states are the page's default. `escrow` alone means the states in which money is
    in escrow.
    """
    states, question, tags = _known(ChallengeState, args.texts("state")), args.question("q"), args.texts("tag")[:8]
    industry, region = args.text("industry"), args.text("region")
    if not states and args.flag("escrow"):
        states = [state for state in ChallengeState if state in PUBLIC & IN_ESCROW]
    elif question or tags or industry or region:
        states = [] if args.flag("usual") and set(states) == set(usual) else states
    elif not states and "filtered" not in args:
        states = list(usual)
    return Filters(
        question=question,
        states=[state for state in states if state in LISTED],
        types=[one for one in _known(Type, args.texts("type")) if one in TYPES],
        stages=[FORMER_STAGES.get(code, code) for code in args.texts("stage") if CODE.fullmatch(code)],
        tags=[text.question(tag) for tag in tags],
        languages=[name for name in args.texts("language") if name in LANGUAGES],
        currencies=[code for code in args.texts("currency") if code in CURRENCIES],
        here=args.flag("here"),
        organisation_id=args.number("organisation"),
        industry=industry if CODE.fullmatch(industry) else "",
        region=region if CODE.fullmatch(region) else "",
        sort=args.text("sort", among=SORTS),
    )


def arguments(filters: Filters) -> dict[str, Any]:
    """The filters as URL arguments that `read` parses to the same filters."""
    single = {
        "q": filters.question, "here": "1" if filters.here else "", "organisation": filters.organisation_id,
        "industry": filters.industry, "region": filters.region, "sort": filters.sort,
    }  # fmt: skip
    lists: dict[str, Sequence[object]] = {
        "state": filters.states, "type": filters.types, "stage": filters.stages, "language": filters.languages,
        "currency": filters.currencies, "tag": filters.tags,
    }  # fmt: skip
    found: dict[str, object] = {name: [str(value) for value in values] for name, values in lists.items() if values}
    return found | {name: value for name, value in single.items() if value not in ("", None)} | {"filtered": 1}


@dataclass(frozen=True, slots=True)
class Chosen:
    """One filter that is on, and the URL arguments without it."""

    name: str
    value: str
    without: dict[str, object]


def chosen(filters: Filters, *, usual: Sequence[ChallengeState] = ()) -> list[Chosen]:
    """The active filters, one for each value, without the sort order and without the default states."""
    all_of = arguments(filters)
    found = []
    for name, values in all_of.items():
        unchosen = name == "state" and set(filters.states) == set(usual) and not filters.searches
        if name in ("sort", "filtered") or unchosen:
            continue
        for value in values if isinstance(values, list) else [values]:
            left = [one for one in values if one != value] if isinstance(values, list) else None
            found.append(Chosen(name, str(value), {**all_of, name: left or None}))
    return found


def _known(kind: type[E], words: Iterable[str]) -> list[E]:
    known = {member.value: member for member in kind}
    return [known[word] for word in words if word in known]
