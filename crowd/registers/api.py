"""Registers as JSON: what each of them publishes of its entries, for everybody."""

from flask import Blueprint, current_app, jsonify, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from marshmallow import fields

from crowd.config import limits
from crowd.feature import declared
from crowd.registers import queries
from crowd.registers.queries import EntryView
from crowd.registers.workflow import EntryOrigin, EntryState
from crowd.web import guards
from crowd.web.api import ParameterSchema, ResponseSchema, about, among, describes
from crowd.web.arguments import arguments

blueprint = Blueprint("registers_api", __name__)


def _at(text: object, attribute: str | None = None) -> fields.DateTime:
    return fields.DateTime(allow_none=True, attribute=attribute, metadata=about(text))


def _holder_url(view: EntryView) -> str | None:
    return current_app.config["CROWD"].address + view.holder.url if view.holder.url else None


class RegisterSchema(ResponseSchema):
    """A register."""

    heading = _l("Fields of each register")

    register = fields.String(metadata=about(_l("its word in addresses")))
    name = fields.String(metadata=about(_l("its name")))
    meaning = fields.String(metadata=about(_l("what an entry means")))
    valid = fields.Integer(metadata=about(_l("how many entries are valid now")))
    url = fields.String(metadata=about(_l("its page")))


class HolderSchema(ResponseSchema):
    """Who is entered."""

    kind = fields.String(validate=among(["person", "organisation"]))
    name = fields.String(allow_none=True)
    url = fields.String(allow_none=True)


class EntrySchema(ResponseSchema):
    """An entry of a register."""

    heading = _l("Fields of each entry")

    register = fields.String(attribute="entry.register", metadata=about(_l("its word in addresses")))
    number = fields.String(attribute="entry.number", metadata=about(_l("number of the entry")))
    state = fields.String(validate=among(list(EntryState)), metadata=about(_l("its state now")))
    valid = fields.Boolean(attribute="is_valid", metadata=about(_l("whether it counts now")))
    holder = fields.Function(
        lambda view: {
            "kind": "person" if view.entry.holder_kind == "user" else "organisation",
            "name": view.holder.name,
            "url": _holder_url(view),
        },
        metadata=about(_l("who is entered: person or organisation, name, and the page where it opens for everybody; a "
                          "deleted account has neither"), type="object"),
    )  # fmt: skip
    fields_ = fields.Dict(
        data_key="fields", attribute="values", keys=fields.String(),
        metadata=about(_l("what the register publishes of it, by field")),
    )  # fmt: skip
    valid_from = _at(_l("from when it is valid"), "entry.valid_from")
    valid_until = _at(_l("until when it is valid, or null"))
    since = _at(_l("since when it has been in its state"))
    origin = fields.String(
        attribute="entry.origin",
        validate=among(list(EntryOrigin)),
        metadata=about(_l("granted, or carried_over when the register began")),
    )
    sha256 = fields.String(attribute="entry.digest", metadata=about(_l("SHA-256 of the entry as it was granted")))
    url = fields.Function(
        lambda view: url_for("registers.verify_number", number=view.entry.number, _external=True),
        metadata=about(_l("where the number is verified"), type="string", format="uri"),
    )


class EntryParameters(ParameterSchema):
    """Which entries are wanted."""

    q = fields.String(metadata=about(_l("a number, or a part of the holder's name")))
    after = fields.String(metadata=about(_l("the cursor of a page")))


class RegistersSchema(ResponseSchema):
    """All registers."""

    registers = fields.List(fields.Nested(RegisterSchema))


class EntriesSchema(ResponseSchema):
    """A page of a register."""

    entries = fields.List(fields.Nested(EntrySchema))
    after = fields.String(allow_none=True)


class OneEntrySchema(ResponseSchema):
    """One entry."""

    entry = fields.Nested(EntrySchema)


REGISTERS, PAGE, WHOLE = RegistersSchema(), EntriesSchema(), OneEntrySchema()


@blueprint.get("/api/v1/registers")
@guards.public
@describes(_l("All registers."), REGISTERS, rows=RegisterSchema, example="/api/v1/registers")
def index() -> ResponseReturnValue:
    """All registers."""
    counts = queries.counts()
    rows = [
        {
            "register": name, "name": str(kind.label), "meaning": str(kind.text), "valid": counts[name],
            "url": url_for("registers.entries", register=name, _external=True),
        }
        for name, kind in declared().registers.items()
    ]  # fmt: skip
    return jsonify(REGISTERS.dump({"registers": rows}))


@blueprint.get("/api/v1/registers/<register>")
@guards.public
@describes(
    _l('The entries of a register, the newest first, at most %(rows)s in a response. Where there are more, "after" is '
       "the cursor of the next page, else null."),
    PAGE,
    rows=EntrySchema,
    parameters=EntryParameters(),
    example="/api/v1/registers/organisations",
)  # fmt: skip
def entries(register: str) -> ResponseReturnValue:
    """A page of a register."""
    words = arguments().question("q")
    page = queries.list_entries(register, words, after=arguments().after, size=limits().page_rows)
    return jsonify(PAGE.dump({"entries": queries.views(page), "after": page.after}))


@blueprint.get("/api/v1/registers/<register>/<number>")
@guards.public
@describes(
    _l('One entry under "entry", whatever its state.'),
    WHOLE,
    rows=EntrySchema,
    example="/api/v1/registers/organisations/VF-4F7K-92QM-Q",
)
def entry(register: str, number: str) -> ResponseReturnValue:
    """One entry."""
    return jsonify(WHOLE.dump({"entry": queries.view(queries.access(None, register, number))}))
