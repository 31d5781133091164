"""A scheme as CSV: what Crowd ships, and what an operator exports, edits and imports. No database.

Columns: code, parent (a code), a name for each language by its locale, `also` (other names, between bars),
`attributes` (`tier=core`, between bars), `links` (`industry:food`, between bars) and `state` (empty, or retired).
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace

from flask_babel import lazy_gettext as _

from crowd.chinese import simplified
from crowd.csv_export import as_written
from crowd.errors import Invalid, Sentence
from crowd.languages import ENGLISH, LANGUAGES
from crowd.taxonomy.schemes import SCHEMES
from crowd.text import clean, key

HEADER = ("code", "parent", *sorted(LANGUAGES, key=lambda name: name != ENGLISH.locale), "also", "attributes", "links",
          "state")  # fmt: skip
OTHERS = ("parent", "also", "attributes", "links", "state")  # columns that are fields of a record
RETIRED = "retired"
MAX_NAME = 120  # characters of a name of a term
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
_APART = re.compile(r"[\s\-‐-―_./·・'’]+")


def fold(name: str) -> str:
    """What all spellings of a name have in common: case, width, script, spaces and hyphens do not count."""
    plain = simplified(key(name))
    return _APART.sub("", plain) or plain


@dataclass(frozen=True, slots=True)
class TermRecord:
    """All that is said of a term; `links` are codes by scheme. It is what a version stores."""

    code: str
    names: dict[str, str]
    also: tuple[str, ...] = ()
    parent: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    state: str = "active"

    def as_json(self) -> dict[str, object]:
        """The record as JSON holds it."""
        whole = {each.name: getattr(self, each.name) for each in fields(self)}
        return whole | {"also": list(self.also), "links": list(self.links)}

    @property
    def spellings(self) -> tuple[str, ...]:
        """All names, each once."""
        return tuple(dict.fromkeys((*self.names.values(), *self.also)))


@dataclass(frozen=True, slots=True)
class LineError:
    """What is wrong with a line; `line` counts from 1, the header."""

    line: int
    text: Sentence


@dataclass(frozen=True, slots=True)
class Sheet:
    """The records of a file, the columns that it has, and what is wrong with it: a record with a fault is left out."""

    records: Sequence[TermRecord] = ()
    columns: Sequence[str] = HEADER
    faults: Sequence[LineError] = ()

    def complete(self, record: TermRecord, before: TermRecord) -> TermRecord:
        """A record with what was said before in place of the columns that the file does not have."""
        names = {name: text for name, text in before.names.items() if name not in self.columns}
        kept = {name: getattr(before, name) for name in OTHERS if name not in self.columns}
        return replace(record, names=record.names | names, **kept)


def read(text: str, scheme: str) -> Sheet:
    """A CSV file of a scheme. Columns may be missing, but for the code and the English name."""
    table = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    records: list[TermRecord] = []
    faults: list[LineError] = []
    try:
        columns = tuple(table.fieldnames or ())
        if wrong := list(_wrong_columns(columns)):
            return Sheet(faults=[LineError(1, one) for one in wrong])
        for row in table:
            record = _record({str(name): _cell(value) for name, value in row.items() if isinstance(value, str)})
            found = [LineError(table.line_num, one) for one in errors(record, scheme)]
            faults += found
            records += [] if found else [record]
    except csv.Error:
        return Sheet(faults=[LineError(table.line_num + 1, _("This line is not CSV, or a cell of it is too long."))])
    twice = [code for code, number in Counter(record.code for record in records).items() if number > 1]
    faults += [LineError(1, _("The code “%(code)s” stands in several lines.", code=code)) for code in twice]
    return Sheet(records, columns, faults)


def _wrong_columns(columns: Sequence[str]) -> Iterator[Sentence]:
    if len(columns) == 1 and any(sign in columns[0] for sign in ";\t"):
        yield _("The columns are not separated by commas. Save the file as CSV with commas.")
        return
    for name in ("code", ENGLISH.locale):
        if name not in columns:
            yield _("The file has no column “%(name)s”.", name=name)
    for name in columns:
        if name not in HEADER:
            yield _("No list of terms has a column “%(name)s”. The columns are: %(names)s.", name=str(name)[:40],
                    names=", ".join(HEADER))  # fmt: skip


def _cell(text: str) -> str:
    """A cell in one line, without the apostrophe that an export puts before what a spreadsheet would compute."""
    return " ".join(clean(as_written(text)).split())


def _record(row: dict[str, str]) -> TermRecord:
    return TermRecord(
        code=row.get("code", ""),
        names={name: row[name] for name in LANGUAGES if row.get(name)},
        also=tuple(parts(row.get("also", ""))),
        parent=row.get("parent", ""),
        attributes=dict(pair(part) for part in parts(row.get("attributes", ""))),
        links=tuple(parts(row.get("links", ""))),
        state=row.get("state") or "active",
    )


def parts(text: str) -> list[str]:
    """The parts of a cell, which stand between bars."""
    return [part for part in (part.strip() for part in text.split("|")) if part]


def target(link: str) -> tuple[str, str]:
    """A link: the scheme and the code to which it leads."""
    scheme, _sign, code = link.partition(":")
    return scheme, code


def pair(text: str) -> tuple[str, str]:
    """An attribute: its name and its value."""
    name, _sign, value = text.partition("=")
    return name.strip(), value.strip()


def errors(record: TermRecord, scheme: str) -> Iterator[Sentence]:
    """What is wrong with a record of a scheme by itself."""
    known = SCHEMES[scheme]
    if not CODE.fullmatch(record.code):
        yield _("A code has letters, digits and hyphens, 40 at most: “%(code)s” does not.", code=record.code[:60])
    if not record.names.get(ENGLISH.locale):
        yield _("The term “%(code)s” has no English name.", code=record.code[:60])
    if any(len(name) > MAX_NAME for name in record.spellings):
        yield _("A name has at most %(number)s characters.", number=MAX_NAME)
    if any("|" in name for name in record.spellings):
        yield _("A name has no vertical bar: it separates names in files.")
    if record.parent and not known.tree:
        yield _("Terms of this scheme have no parent.")
    if record.parent == record.code:
        yield _("A term cannot be below itself.")
    if record.state not in ("active", RETIRED):
        yield _("The state is empty or “retired”, not “%(state)s”.", state=record.state[:40])
    for name, value in record.attributes.items():
        if name not in known.attributes or value not in known.attributes[name].values:
            yield _("The scheme has no attribute “%(name)s”.", name=f"{name}={value}"[:60])
    for link in record.links:
        if link.partition(":")[0] not in known.links:
            yield _("Terms of this scheme are not linked to “%(link)s”.", link=link[:60])


def refuse(record: TermRecord, scheme: str) -> None:
    """Raise Invalid with what is wrong with a record, if anything is."""
    fields: dict[str, list[Sentence]] = {}
    for wrong in errors(record, scheme):
        fields.setdefault("code", []).append(wrong)
    if fields:
        raise Invalid(_("Please correct the following"), fields=fields)


def rows(records: Iterable[TermRecord]) -> Iterator[list[str]]:
    """The lines of the CSV file, without the header."""
    for record in records:
        yield [
            record.code, record.parent, *(record.names.get(name, "") for name in HEADER[2:-4]), "|".join(record.also),
            "|".join(f"{name}={value}" for name, value in sorted(record.attributes.items())), "|".join(record.links),
            "" if record.state == "active" else record.state,
        ]  # fmt: skip
