"""Maps a row of Challenge.gov's feed: every value that can be understood, and a problem for each that cannot."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from html import unescape
from typing import Any

from challenges.importing.challenge_types import FieldKind, challenge_type, understand_kinds
from challenges.importing.dates import Edge, Instant, understand_date
from challenges.importing.errors import ImportErrorReason, Problem, once, problem
from challenges.importing.feed import normal_key
from challenges.importing.prizes import ExternalPrize, understand_prize
from challenges.importing.richtext import RichText, understand_html
from challenges.importing.urls import SITE, understand_address
from challenges.types import Type
from crowd.languages import CHINESE, ENGLISH
from crowd.money import MAX_AMOUNT, Money
from crowd.text import clean_line

_HAN = re.compile("[\u4e00-\u9fff]")
OPEN_WORDS = frozenset({"open", "active", "published", "current"})
CLOSED_WORDS = frozenset({"closed", "archived", "completed", "ended", "judging"})
MAX_LENGTHS = {"challenge-title": 300, "tagline": 2000, "agency": 300}  # characters
MAX_OTHER_LENGTH = 5000

# Our name of a field, which is the older feed's, and the names that it has in Challenge.gov's later interface.
NAMES: dict[str, tuple[str, ...]] = {
    "challenge-id": ("id",),
    "challenge-title": ("title",),
    "permalink": ("url",),
    "custom-url": (),
    "external-url": (),
    "tagline": ("brief-description",),
    "legal-authority": (),
    "fiscal-year": (),
    "type-of-challenge": ("types",),
    "total-prize-offered-cash": ("prize-total",),
    "challenge-status": ("status",),
    "agency": ("agency-name",),
    "partner-agencies-federal": ("federal-partners",),
    "partners-non-federal": ("non-federal-partners",),
    "submission-start": ("start-date",),
    "submission-end": ("end-date", "open-until"),
    "description": (),
    "prizes": ("prize-description", "non-monetary-prizes"),
    "rules": ("eligibility-requirements", "terms-and-conditions"),
    "judging": ("judging-criteria",),
    "how-to-enter": (),
}


class Section(StrEnum):
    """The parts of a challenge's text, in the order of reading."""

    NEED = "need"
    PRIZES = "prizes"
    RULES = "rules"
    JUDGING = "judging"
    HOW_TO_ENTER = "how_to_enter"


SECTIONS = {
    Section.NEED: "description",
    Section.PRIZES: "prizes",
    Section.RULES: "rules",
    Section.JUDGING: "judging",
    Section.HOW_TO_ENTER: "how-to-enter",
}


@dataclass(frozen=True, slots=True)
class Understood:
    """The contents of a row. Fields ending in `_given` repeat the source; times are aware and in UTC."""

    origin_id: str
    title: str
    summary: str
    url: str  # the challenge's own page, absolute, or ""
    external_url: str
    types: tuple[FieldKind, ...]
    types_given: tuple[str, ...]
    type: Type
    prize_total: Money | None  # None: missing or not understood; zero: stated to be none
    prize_is_limit: bool  # "up to"
    prize_given: str
    opens_at: datetime | None
    closes_at: datetime | None
    opens_given: str
    closes_given: str
    status_given: str
    agency: str
    partners_federal: str
    partners_other: str
    legal_authority: str
    fiscal_years: tuple[int, ...]
    sections: dict[Section, str]  # safe HTML; only the sections that have text
    text: str  # all of it as plain text, for search
    language: str
    problems: tuple[Problem, ...]

    def listed_at(self, now: datetime) -> bool:
        """True until the end; where no end is known, as long as the source says it is open."""
        if self.closes_at is None:
            return self.status_given.lower() in OPEN_WORDS
        return now < self.closes_at


def understand(source: dict[str, Any], *, now: datetime | None = None) -> Understood:
    """Map the row `source` as far as possible. Never raises for a row's content.

    With `now`, an aware time, a status that contradicts the dates is reported; without it the status is not checked.
    """
    reader = _Reader(source)
    url = reader.page()
    title, summary = reader.line("challenge-title"), reader.line("tagline")
    if not title:
        reader.problems.append(problem("challenge-title", ImportErrorReason.NO_TITLE))
        title = _title_from(url) or reader.line("challenge-id") or "?"
    kinds = understand_kinds(reader.list("type-of-challenge"), "type-of-challenge")
    texts = {section: reader.html(name, url or SITE) for section, name in SECTIONS.items()}
    if not texts[Section.NEED].html:
        reader.problems.append(problem("description", ImportErrorReason.TEXT_NOT_GIVEN))
    prize = reader.prize("\n".join((texts[Section.PRIZES].text, summary, texts[Section.NEED].text)))
    opens, closes = reader.dates()
    status = reader.line("challenge-status")
    reader.check_status(status, closes, now)
    agency = reader.line("agency")
    if not agency:
        reader.problems.append(problem("agency", ImportErrorReason.NO_AGENCY))
    return Understood(
        origin_id=reader.line("challenge-id") or url,
        title=title,
        summary=summary,
        url=url,
        external_url=reader.address("external-url"),
        types=kinds.kinds,
        types_given=kinds.given,
        type=challenge_type(kinds.kinds, title),
        prize_total=prize.total,
        prize_is_limit=prize.limit,
        prize_given=reader.line("total-prize-offered-cash"),
        opens_at=opens,
        closes_at=closes,
        opens_given=reader.line("submission-start"),
        closes_given=reader.line("submission-end"),
        status_given=status,
        agency=agency,
        partners_federal=reader.line("partner-agencies-federal"),
        partners_other=reader.line("partners-non-federal"),
        legal_authority=reader.line("legal-authority"),
        fiscal_years=reader.years(),
        sections={section: text.html for section, text in texts.items() if text.html},
        text="\n".join(part for part in (title, summary, *(text.text for text in texts.values())) if part),
        language=(CHINESE if reader.chinese else ENGLISH).locale,  # the feed does not say
        problems=once([*reader.problems, *kinds.problems, *(p for text in texts.values() for p in text.problems)]),
    )


class _Reader:
    """The fields of one row under the names of `NAMES`, and the problems met while reading them."""

    def __init__(self, source: dict[str, Any]) -> None:
        self.problems: list[Problem] = []
        self.given: dict[str, Any] = {}
        self.later: set[str] = set()  # fields with a later name, where money is in cents
        named = {normal_key(str(key)): value for key, value in source.items()}
        for name, others in NAMES.items():
            spelling = next((key for key in (name, *others) if not _is_empty(named.get(key))), name)
            self.given[name] = named.get(spelling)
            if spelling != name:
                self.later.add(name)
        self.chinese = bool(_HAN.search(str(self.given["challenge-title"]) + str(self.given["agency"])))

    def text(self, name: str) -> str:
        """The field as text, lists and named objects joined; "" and a problem where it is no text."""
        parts = [_text(item) for item in _listed(self.given[name])]
        if any(part is None for part in parts):
            self.problems.append(problem(name, ImportErrorReason.NOT_TEXT, self.given[name]))
        return ", ".join(part for part in parts if part)

    def line(self, name: str) -> str:
        """The field as one line of plain text without entities and invisible characters, cut at its limit."""
        typed = clean_line(unescape(self.text(name)))
        longest = MAX_LENGTHS.get(name, MAX_OTHER_LENGTH)
        if len(typed) <= longest:
            return typed
        self.problems.append(problem(name, ImportErrorReason.TOO_LONG, typed))
        return typed[: longest - 1].rstrip() + "…"

    def list(self, name: str) -> list[str]:
        """The field as a list of texts; a single text is a list of one."""
        self.text(name)
        return [part for item in _listed(self.given[name]) if (part := _text(item))]

    def html(self, name: str, base: str) -> RichText:
        return understand_html(self.text(name), name, base)

    def address(self, name: str) -> str:
        """The field as an absolute http(s) URL, or ""."""
        typed = self.text(name)
        address = understand_address(typed)
        usable = address.url.startswith("http")
        if typed.strip() and not usable:
            self.problems.append(problem(name, address.reason or ImportErrorReason.ADDRESS_NOT_UNDERSTOOD, typed))
        elif address.reason:
            self.problems.append(problem(name, address.reason, typed))
        return address.url if usable else ""

    def page(self) -> str:
        """The challenge's page: its permalink, or the URL of its short name on the site."""
        short = self.line("custom-url")
        if not self.text("permalink") and re.fullmatch(r"[\w-]{1,200}", short):
            return f"{SITE}?challenge={short}"
        return self.address("permalink")

    def prize(self, prose: str) -> ExternalPrize:
        """The total prize; a whole number under the later interface's name is in cents, as stored there."""
        name, given = "total-prize-offered-cash", self.given["total-prize-offered-cash"]
        if type(given) is int and name in self.later and 0 <= given <= MAX_AMOUNT:
            return ExternalPrize(Money("USD", given))
        prize = understand_prize(self.text(name), name, prose)
        self.problems.extend(prize.problems)
        return prize

    def dates(self) -> tuple[datetime | None, datetime | None]:
        """Start and end; a start that is not before the end is left out, because people rely on the end."""
        opens, closes = self._date("submission-start", Edge.START), self._date("submission-end", Edge.END)
        if opens.at and closes.at and opens.at >= closes.at:
            both = f"{self.line('submission-start')} – {self.line('submission-end')}"
            self.problems.append(problem("submission-end", ImportErrorReason.ENDS_BEFORE_START, both))
            return None, closes.at
        return opens.at, closes.at

    def _date(self, name: str, edge: Edge) -> Instant:
        instant = understand_date(self.text(name), name, edge, american=not self.chinese)
        self.problems.extend(instant.problems)
        return instant

    def check_status(self, status: str, closes: datetime | None, now: datetime | None) -> None:
        """Report a status that is open after the end, or closed before it."""
        if now is None or closes is None:
            return
        ended = closes <= now
        if (status.lower() in OPEN_WORDS and ended) or (status.lower() in CLOSED_WORDS and not ended):
            dates = f"{self.line('submission-start')} – {self.line('submission-end')}"
            self.problems.append(
                problem("challenge-status", ImportErrorReason.STATUS_CONTRADICTS_DATES, f"{status}: {dates}")
            )

    def years(self) -> tuple[int, ...]:
        """Fiscal years as four digits: "FY19, FY20" and "FY18-FY19" and "2019"."""
        years: set[int] = set()
        for piece in re.split(r"[,;&/]|\band\b", self.line("fiscal-year")):
            if not piece.strip():
                continue
            match = re.fullmatch(r"\s*(?:FY\s?)?(\d{4}|\d{2})(?:\s*[-–]\s*(?:FY\s?)?(\d{4}|\d{2}))?\s*", piece, re.I)
            first, last = (_year(match[1]), _year(match[2] or match[1])) if match else (0, 0)
            if not match or not 1990 <= first <= last <= 2100 or last - first > 20:
                self.problems.append(problem("fiscal-year", ImportErrorReason.YEAR_NOT_UNDERSTOOD, piece.strip()))
            else:
                years.update(range(first, last + 1))
        return tuple(sorted(years))


def _year(digits: str) -> int:
    return int(digits) + (2000 if len(digits) == 2 else 0)


def _is_empty(value: object) -> bool:
    return value is None or value == [] or value == {} or (isinstance(value, str) and not value.strip())


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: object) -> str | None:
    """The text of a single value: a text, a number, or an object's name; None for anything else."""
    if value is None:
        return ""
    if isinstance(value, dict):
        value = next((value[key] for key in ("name", "title", "text") if isinstance(value.get(key), str)), None)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _title_from(url: str) -> str:
    """The words of a URL's last part."""
    words = re.sub(r"[^\w]+", " ", url.rstrip("/").rsplit("/", 1)[-1].split("=")[-1]).strip()
    return words[:1].upper() + words[1:]
