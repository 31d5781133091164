"""The parts of another platform's text with their headings, for the page of the record and for a draft made of it."""

from collections.abc import Mapping

from flask_babel import LazyString, force_locale
from flask_babel import lazy_gettext as _l

from challenges.importing.mapping import Section
from challenges.importing.rewriting import markdown_of

TITLES: dict[Section, LazyString] = {
    Section.NEED: _l("Problem"),
    Section.PRIZES: _l("Prizes"),
    Section.RULES: _l("Rules"),
    Section.JUDGING: _l("The judging"),
    Section.HOW_TO_ENTER: _l("How to enter"),
}


def titled(sections: Mapping[str, str]) -> list[tuple[LazyString, str]]:
    """(heading, safe HTML) of the sections that have text, in the order of reading, whatever order they are
    stored in.
    """
    return [(title, sections[name]) for name, title in TITLES.items() if sections.get(name)]


def as_need(sections: Mapping[str, str], language: str) -> str:
    """All sections as the problem statement of a draft in that language, in Markdown; the problem itself has no
    heading.
    """
    with force_locale(language):
        parts = [f"## {title}\n\n{markdown_of(html)}" for title, html in titled(sections)]
        return "\n\n".join(parts).removeprefix(f"## {TITLES[Section.NEED]}\n\n")
