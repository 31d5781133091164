"""Challenges as JSON: what is published, for everybody."""

from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from marshmallow import fields

from challenges import filtering, queries
from challenges.contract.document import KIND
from challenges.criteria import plain
from challenges.models import Challenge
from challenges.rubric import Criterion
from challenges.types import TYPES
from crowd.config import limits
from crowd.contracts import queries as contracts
from crowd.errors import Sentence
from crowd.taxonomy.labels import term_code
from crowd.web import guards
from crowd.web.api import ResponseSchema, about, among, describes
from crowd.web.arguments import arguments

blueprint = Blueprint("challenges_api", __name__)


def _url(challenge: Challenge) -> str:
    return url_for("challenges.show", challenge_id=challenge.id, _external=True)


def _contract(challenge: Challenge) -> dict[str, object] | None:
    """The version in force; its bytes stay at their address for ever."""
    version = contracts.find_in_force(KIND, challenge.id)
    if version is None:
        return None
    url = url_for("contracts.document", challenge_id=challenge.id, version=version.number, _external=True)
    return {"number": version.number, "digest": version.digest, "url": url}


def _type(challenge: Challenge) -> str | None:
    return str(challenge.type) if challenge.type in TYPES else None


class OrganisationSchema(ResponseSchema):
    """Who posts a challenge."""

    id = fields.Integer()
    name = fields.String()
    verified = fields.Function(lambda row: row.verified_at is not None, metadata={"type": "boolean"})


class PrizeSchema(ResponseSchema):
    """A line of the prizes."""

    title = fields.String()
    amount = fields.Integer()
    award_count = fields.Integer()


def _passing(line: Criterion) -> str | None:
    return None if line.passing is None else plain(line.passing)


class CriterionSchema(ResponseSchema):
    """A line of the rubric."""

    title = fields.String()
    description = fields.String()
    kind = fields.String()
    weight = fields.Integer()
    scale = fields.Function(lambda line: plain(line.scale), metadata={"type": "string"})
    step = fields.Function(lambda line: plain(line.step), metadata={"type": "string"})
    labels = fields.List(fields.String())
    anchors = fields.List(fields.String())
    comment_required = fields.Boolean()
    passing = fields.Function(_passing, metadata={"type": ["string", "null"]})


class SourceSchema(ResponseSchema):
    """Where the record of another platform's challenge comes from."""

    platform = fields.String()
    id = fields.String(attribute="foreign_id")
    url = fields.String()
    types = fields.List(fields.String(), attribute="mapped.types_given", dump_default=[])


def _at(text: Sentence) -> fields.DateTime:
    """A time in UTC, or null."""
    return fields.DateTime(allow_none=True, metadata=about(text))


class BriefSchema(ResponseSchema):
    """A challenge in the list."""

    heading = _l("Fields of each challenge")

    id = fields.Integer(metadata=about(_l("number of the challenge")))
    url = fields.Function(_url, metadata=about(_l("its page"), type="string", format="uri"))
    origin = fields.String(
        metadata=about(_l("platform: posted here; external: a record of another platform’s challenge"))
    )
    state = fields.String(validate=among(filtering.LISTED), metadata=about(_l("its state")))
    type = fields.Function(
        _type,
        metadata=about(
            _l(
                "prize: full proposals; ideation: short ones, and equal awards; of another platform's record as it was"
                " understood, else null"
            ),
            type=["string", "null"],
        ),
    )
    tier = fields.Function(
        lambda row: term_code(row.tier_id) or None,
        metadata=about(_l("the tier of the need: the code of a term, or null"), type=["string", "null"]),
    )
    stage = fields.Function(
        lambda row: term_code(row.stage_id) or None,
        metadata=about(_l("required maturity: the code of a stage, or null"), type=["string", "null"]),
    )
    language = fields.String(metadata=about(_l("language of its text")))
    title = fields.String(metadata=about(_l("title")))
    summary = fields.String(metadata=about(_l("summary, plain text")))
    tags = fields.List(fields.String(), metadata=about(_l("fields")))
    organisation = fields.Nested(
        OrganisationSchema, metadata=about(_l("who posts it: id, name, and whether it is verified"))
    )
    currency = fields.String(metadata=about(_l("currency of all its amounts, ISO 4217")))
    prize_total = fields.Integer(metadata=about(_l("all prizes together, in minor units (fen, cents)")))
    opens_at = _at(_l("opening, or null"))
    closes_at = _at(_l("closing, or null"))
    in_escrow = fields.Boolean(metadata=about(_l("whether its money is held in escrow now")))


class ContractSchema(ResponseSchema):
    """The version of the contract that is in force."""

    version = fields.Integer(attribute="number")
    sha256 = fields.String(attribute="digest")
    url = fields.String()


class ChallengeSchema(BriefSchema):
    """A challenge with all that is published of it."""

    heading = _l("Further fields of one challenge")

    problem_statement = fields.String(metadata=about(_l("the problem, in Markdown")))
    rights = fields.String(metadata=about(_l("what happens with the rights in what is awarded")))
    prizes = fields.List(
        fields.Nested(PrizeSchema),
        metadata=about(_l("each with title, amount in minor units, and number of awards")),
    )
    criteria = fields.List(
        fields.Nested(CriterionSchema),
        metadata=about(
            _l(
                "each with title, description, kind (points, rating or yes_no), weight in percent, scale and step of"
                " its points as decimals, the labels of a rating from the lowest on, the words for 30, 50 and 80"
                " percent of the points, whether reviews must say why, and the mean in percent that a winner needs"
            )
        ),
    )
    passing_score = fields.Function(
        lambda row: None if row.passing_score is None else plain(row.passing_score),
        metadata=about(_l("the mean, of 100, that a winner needs, or null"), type=["string", "null"]),
    )
    registrations = fields.Integer(
        attribute="registrations_count",
        metadata=about(_l("how many take part; proposals are not counted before the close")),
    )
    contract = fields.Nested(
        ContractSchema,
        allow_none=True,
        metadata=about(_l("the version of its contract in force: number, SHA-256, the address of its bytes; or null")),
    )
    published_at = _at(_l("opened"))
    closed_at = _at(_l("closed"))
    decided_at = _at(_l("decided"))
    settled_at = _at(_l("paid and settled"))
    source = fields.Nested(
        SourceSchema,
        allow_none=True,
        metadata=about(
            _l("for a record of another platform: its name, number and address, and the types that it gives")
        ),
    )

    def get_attribute(self, obj: Any, attr: str, default: object) -> object:
        """The value of a field; a challenge's source and its contract are rows of their own."""
        if attr == "source":
            return queries.source_of(obj) if obj.external else None
        if attr == "contract":
            return _contract(obj)
        return super().get_attribute(obj, attr, default)


class PageSchema(ResponseSchema):
    """A page of the list."""

    challenges = fields.List(fields.Nested(BriefSchema), attribute="rows")
    after = fields.String(allow_none=True)


class WholeSchema(ResponseSchema):
    """One challenge."""

    challenge = fields.Nested(ChallengeSchema)


PAGE, WHOLE = PageSchema(), WholeSchema()


@blueprint.get("/api/v1/challenges")
@guards.public
@describes(
    _l(
        'Challenges, at most %(rows)s in a response. Where there are more, "after" is the cursor of the next page, '
        "else null."
    ),
    PAGE,
    rows=BriefSchema,
    parameters=filtering.ChallengeParameters(),
    example="/api/v1/challenges?state=open&here=1&sort=closing",
)
def index() -> ResponseReturnValue:
    """A page of challenges; `after` in the response is the cursor of the next one (null on the last)."""
    size = limits().page_rows
    page = queries.list_page(filtering.read(arguments()), after=arguments().after, size=size)
    return _unless_known(jsonify(PAGE.dump(page)))


@blueprint.get("/api/v1/challenges/<int:challenge_id>")
@guards.public
@describes(
    _l('One challenge under "challenge": the fields above, and these.'),
    WHOLE,
    rows=ChallengeSchema,
    example="/api/v1/challenges/1",
)
def show(challenge_id: int) -> ResponseReturnValue:
    """One challenge with its prizes and rubric."""
    return _unless_known(jsonify(WHOLE.dump({"challenge": queries.access(None, challenge_id)})))


def _unless_known(response: Response) -> ResponseReturnValue:
    """304 where the caller already has the same response."""
    response.add_etag()
    response.cache_control.no_cache = True
    return response.make_conditional(request)
