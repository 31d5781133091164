"""What API endpoints share: schemas of parameters and responses, the OpenAPI document made of them, errors as JSON.

An endpoint of the API is marked with `describes`; the document and the page about the API show what the marks say.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, ClassVar, TypeVar

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, Response, jsonify, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import EXCLUDE, Schema, fields, validate

from crowd.errors import Invalid, Sentence
from crowd.web import guards
from crowd.web.arguments import arguments

F = TypeVar("F", bound=Callable[..., Any])
ERRORS: dict[int, Sentence] = {
    401: _l("nobody is signed in"),
    404: _l("there is no such thing, or it is not public"),
    422: _l("a parameter has a value that it cannot have"),
    429: _l("too many requests; the header Retry-After says how many seconds to wait"),
}


def about(text: Sentence, **more: object) -> dict[str, object]:
    """What the API's page and document say of a field; `more` is its OpenAPI type, where the field's own says none."""
    return {"description": text} | more


def among(values: Iterable[str | None]) -> validate.OneOf:
    """A field or parameter that has one of these values."""
    return validate.OneOf(list(values), error=_l("Use one of: {choices}."))


class ResponseSchema(Schema):
    """A row as JSON, with all of its fields; `heading` is its heading on the page about the API."""

    class Meta:
        unknown = EXCLUDE  # further fields may come

    heading: ClassVar[Sentence] = ""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """A response leaves no field out."""
        field_obj.required = True

    @classmethod
    def own_fields(cls) -> dict[str, fields.Field[Any]]:
        """The fields that the schema from which this one is derived has not."""
        derived_from = getattr(cls.__base__, "_declared_fields", {})
        return {name: field for name, field in cls._declared_fields.items() if name not in derived_from}


class ParameterSchema(Schema):
    """The parameters of an endpoint's URL: all optional, unknown ones ignored."""

    def choices(self, name: str) -> Iterable[str]:
        """The values that a parameter accepts; none where it accepts any."""
        field = self.fields[name]
        rules = (field.inner if isinstance(field, fields.List) else field).validators
        return next((rule.choices for rule in rules if isinstance(rule, validate.OneOf)), ())

    def check(self) -> None:
        """Raises Invalid where a parameter of this request has a value that it cannot have."""
        given = arguments()
        many = {name: isinstance(field, fields.List) for name, field in self.fields.items()}
        found = {name: given.texts(name) if many[name] else given.text(name) for name in many}
        if wrong := self.validate({name: value for name, value in found.items() if value}):
            raise Invalid(ERRORS[422], fields={name: _messages(errors) for name, errors in wrong.items()})


def _messages(errors: object) -> list[Sentence]:
    """The messages of a parameter: one, several, or those of each value of a list."""
    if isinstance(errors, dict):
        return [text for one in errors.values() for text in _messages(one)]
    return errors if isinstance(errors, list) else [errors]


class _Error(ResponseSchema):
    code = fields.String()
    message = fields.String()


class _Errors(ResponseSchema):
    error = fields.Nested(_Error)


@dataclass(frozen=True, slots=True)
class Description:
    """What the API's page and document say of an endpoint. The page shows the fields of `rows` as a table, and
    `example`, a URL that answers.
    """

    text: Sentence
    response: ResponseSchema
    rows: type[ResponseSchema]
    parameters: ParameterSchema | None = None
    example: str = ""
    signed_in: bool = False


def describes(
    text: Sentence,
    response: ResponseSchema,
    *,
    rows: type[ResponseSchema] | None = None,
    parameters: ParameterSchema | None = None,
    example: str = "",
) -> Callable[[F], F]:
    """Mark an endpoint of the API with its description; its parameters are checked before it is called.

    `text` may name the rows of a response as %(rows)s.
    """

    def mark(view: F) -> F:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if parameters:
                parameters.check()
            return view(*args, **kwargs)

        checked.api = Description(text, response, rows or type(response), parameters, example)  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return mark


def described(app: Flask) -> Iterator[tuple[str, Description]]:
    """(path, description) of every endpoint of the API, by path; its variables are written `{name}`."""
    rows = str(app.config["CROWD"].limits.page_rows)
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if found := getattr(app.view_functions[rule.endpoint], "api", None):
            path = re.sub(r"<(?:[^<>]*[:_])?(\w+)>", r"{\1}", rule.rule)
            signed_in = guards.guard_of(app, rule.endpoint) != "public"
            yield path, replace(found, text=str(found.text).replace("%(rows)s", rows), signed_in=signed_in)


def document(app: Flask) -> dict[str, object]:
    """The API as an OpenAPI document, in the language of the request."""
    spec = APISpec(
        title=str(_("API")),
        version="1",
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin()],
        info={"description": _("Published data is available to programs as JSON, without an account.")},
        servers=[{"url": app.config["CROWD"].address}],
    )
    session = {"type": "apiKey", "in": "cookie", "name": app.config["SESSION_COOKIE_NAME"]}
    spec.components.security_scheme("session", session)
    for path, description in described(app):
        spec.path(path, operations={"get": _operation(path, description)})
    return json.loads(json.dumps(spec.to_dict(), default=str))  # with the sentences as text


_ID = {"type": "integer", "minimum": 1}


def _operation(path: str, endpoint: Description) -> dict[str, object]:
    """An endpoint as OpenAPI has it."""
    variables = re.findall(r"{(\w+)}", path)
    parameters: list[dict[str, object]] = [
        {"in": "path", "name": name, "required": True, "schema": _ID if name == "id" else {"type": "string"}}
        for name in variables
    ]
    if endpoint.parameters:
        parameters.append({"in": "query", "schema": endpoint.parameters})
    errors = {401: endpoint.signed_in, 404: bool(variables), 422: bool(endpoint.parameters), 429: True}
    responses = {200: {"description": endpoint.rows.heading, "content": _content(endpoint.response)}} | {
        status: {"description": ERRORS[status], "content": _content(_Errors)} for status, may in errors.items() if may
    }
    operation = {"description": endpoint.text, "parameters": parameters, "responses": responses}
    return operation | ({"security": [{"session": []}]} if endpoint.signed_in else {})


def _content(schema: ResponseSchema | type[ResponseSchema]) -> dict[str, object]:
    return {"application/json": {"schema": schema}}


def wants_json() -> bool:
    """Whether this request is the API's, or asks for JSON rather than a page."""
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and "text/html" not in request.accept_mimetypes


def problem(status: int, code: str, message: str, **facts: object) -> tuple[Response, int]:
    """An error's body: `{"error": {"code", "message", ...}}`."""
    return jsonify(error={"code": code, "message": message, **facts}), status
