"""A version of a template as a page shows it, and what differs between two, in words."""

from collections.abc import Iterator

from flask_babel import gettext as _

from challenges.brief_templates.document import TemplateText, texts_of
from challenges.contract.clauses import Clause, ClauseChange, ClauseGroup, changed_clauses, criterion_text
from crowd.canonical import Document
from crowd.languages import LANGUAGES, language_of

__all__ = ["ClauseChange", "differences", "sections"]


def sections(document: Document) -> list[ClauseGroup]:
    """The texts, a section for each language."""
    texts = texts_of(document)
    return [
        ClauseGroup(language_of(locale).name, list(_clauses(locale, texts[locale])))
        for locale in LANGUAGES
        if locale in texts
    ]


def _clauses(locale: str, one: TemplateText) -> Iterator[Clause]:
    yield Clause(f"name.{locale}", _("Name"), one.name, own=True)
    if one.text:
        yield Clause(f"text.{locale}", _("Text"), one.text, own=True)
    for place, line in enumerate(one.criteria):
        yield Clause(f"rubric.{locale}.{place}", line.title, criterion_text(line))


def differences(before: Document, after: Document) -> list[ClauseChange]:
    """What differs, in the order of the page."""
    return changed_clauses(sections(before), sections(after))
