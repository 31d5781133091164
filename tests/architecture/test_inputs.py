"""Input is measured before it is processed, in every form and by one module."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from wtforms import PasswordField, SelectFieldBase, StringField
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired, InputRequired, Optional

from challenges.rules import from_settings
from crowd.config import limits
from crowd.web.fields import Length
from crowd.web.forms import MAX_CHOICE_LENGTH, Form
from tests.architecture.test_structure import calls
from tests.source import nodes, sources

PRESENCE = (DataRequired, InputRequired, Optional)


def forms(above: type[Form] = Form) -> Iterator[type[Form]]:
    for form in above.__subclasses__():
        if not form.__module__.startswith("tests"):
            yield form
        yield from forms(form)


def test_no_field_hides_what_every_form_has(shared_app: Flask) -> None:
    """A field named `conflict` would be taken for the conflict with another person's edit."""
    assert [
        f"{form.__qualname__}.{name}"
        for form in forms()
        for name in vars(form)
        if hasattr(Form, name) and isinstance(vars(form)[name], UnboundField)
    ] == []


def text_fields() -> Iterator[tuple[str, UnboundField]]:
    """All but passwords, which their own rules measure (tests/crowd/test_text.py)."""
    for form in forms():
        for name in dir(form):
            field = getattr(form, name)
            typed = isinstance(field, UnboundField) and issubclass(field.field_class, StringField)
            if typed and not issubclass(field.field_class, SelectFieldBase | PasswordField):
                yield f"{form.__module__}.{form.__qualname__}.{name}", field


def rules(field: UnboundField) -> list[Any]:
    return [*(field.args[1] if len(field.args) > 1 else ()), *field.kwargs.get("validators", ())]


def test_a_text_field_is_measured_before_any_other_rule_reads_it(shared_app: Flask) -> None:
    fields = dict(text_fields())
    assert len(fields) > 30
    wrong = []
    for name, field in fields.items():
        first = next((rule for rule in rules(field) if not isinstance(rule, PRESENCE)), None)
        if rules(field) and not isinstance(first, Length):
            wrong.append(name)
    assert wrong == []


def test_a_field_without_a_limit_of_its_own_is_cut(isolated: Flask) -> None:
    """Hidden fields and choices: what the page has written is shorter, and nothing longer is looked at."""
    without = {name for name, field in text_fields() if not any(isinstance(rule, Length) for rule in rules(field))}
    kinds = {field.field_class.__name__ for name, field in text_fields() if name in without}
    assert kinds <= {"HiddenField"}
    with isolated.test_request_context(method="POST", data={"base": "x" * 100_000}):
        from submissions.forms import ProposalForm

        assert len(ProposalForm(from_settings(limits()), meta={"csrf": False}).base.data or "") == MAX_CHOICE_LENGTH


def test_one_module_brings_text_into_its_normal_form() -> None:
    """Elsewhere `unicodedata.normalize` would be called on a text of any length, with any number of marks."""
    found = [
        str(path)
        for path, tree in sources()
        for node in nodes(tree)
        if isinstance(node, ast.Import) and any(name.name == "unicodedata" for name in node.names)
    ]
    assert found == [str(Path("crowd/text.py"))]


def test_no_stream_of_a_request_is_read_without_a_limit() -> None:
    found = [
        f"{path}:{call.lineno}"
        for path, tree in sources()
        for call in calls(tree)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "read"
        and not call.args
        and getattr(call.func.value, "attr", getattr(call.func.value, "id", "")) == "stream"
    ]
    assert found == []
