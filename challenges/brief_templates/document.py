"""A version of a template as a document, schema `crowd.brief_template/1` (docs/schemas): its texts by language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from challenges.brief_templates.models import TemplateKind
from challenges.contract.document import criterion_document
from challenges.criteria import CriterionLine
from crowd.canonical import Document
from crowd.languages import ENGLISH

KIND = "brief_template"
SCHEMA = "crowd.brief_template/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateText:
    """A template in one language: a rubric has criteria, the others have a text."""

    name: str
    text: str = ""
    criteria: Sequence[CriterionLine] = ()


def build(template_id: int, kind: TemplateKind, texts: Mapping[str, TemplateText], *, number: int) -> Document:
    """The document of a version."""
    return {
        "schema": SCHEMA,
        "kind": KIND,
        "template": template_id,
        "number": number,
        "for": kind.value,
        "texts": {
            locale: {
                "name": one.name,
                "text": one.text,
                "criteria": [criterion_document(line) for line in one.criteria],
            }
            for locale, one in texts.items()
        },
    }


def texts_of(document: Document) -> dict[str, TemplateText]:
    """The texts of a version by language."""
    return {
        locale: TemplateText(
            name=one["name"], text=one["text"], criteria=[CriterionLine(**line) for line in one["criteria"]]
        )
        for locale, one in document["texts"].items()
    }


def text_in(document: Document, locale: str) -> TemplateText:
    """The text in a language; the English one where there is none."""
    texts = texts_of(document)
    return texts.get(locale) or texts[ENGLISH.locale]
