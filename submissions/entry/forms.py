"""Forms with a field for each question and each document of a contract."""

from collections.abc import Mapping
from typing import TypeVar

from werkzeug.datastructures import FileStorage
from wtforms import Field

from challenges.models import Challenge
from crowd.web.fields import area
from crowd.web.forms import Form
from crowd.web.uploads import UploadField
from submissions.entry.queries import Given


class AskedForm(Form):
    """A form with what a contract asks: make it with `asked`."""

    questions: dict[str, str] = {}  # noqa: RUF012 - set once, by `asked`: the name of the field -> the question
    documents: dict[str, str] = {}  # noqa: RUF012 - the same for documents

    @property
    def asked_fields(self) -> list[Field]:
        """The fields, in the order of the contract."""
        return [self[name] for name in (*self.questions, *self.documents)]

    def answers(self) -> dict[str, str]:
        """The answers, by question."""
        return {question: self[name].data or "" for name, question in self.questions.items()}

    def chosen(self) -> dict[str, FileStorage]:
        """The chosen files, by document."""
        return {name: self[field].data for field, name in self.documents.items() if self[field].uploads()}


F = TypeVar("F", bound=AskedForm)


def asked(
    base: type[F], challenge: Challenge, given: Given | None = None, data: Mapping[str, object] | None = None
) -> F:
    """A form of this kind with a field for everything that the contract asks. `given` fills it: then no file needs
    to be chosen again.
    """
    held, fields = challenge.entry, {}
    questions = {f"answer_{place}": line for place, line in enumerate(held["questions"])}
    documents = {f"document_{place}": line for place, line in enumerate(held["documents"])}
    for name, line in questions.items():
        text = given.answers.get(line["text"], "") if given else ""
        fields[name] = area(line["text"], "max_reason_length", optional=not line["required"], rows=3, default=text)
    for name, line in documents.items():
        there = given is not None and line["name"] in given.documents
        fields[name] = UploadField(line["name"], optional=there or not line["required"])
    told = {
        "questions": {name: line["text"] for name, line in questions.items()},
        "documents": {name: line["name"] for name, line in documents.items()},
    }
    return type(base.__name__, (base,), {**fields, **told})(data=data)
