"""Terms, privacy and contact: Markdown files in versions, one for each language, with the operator's particulars.

A version is a file `NAME/DATE.LANGUAGE.md`, in force from that date on in the platform's zone until the next one.
`CROWD_LEGAL_DIR` names a folder of the operator's own texts; a NAME that it has replaces ours with all its versions.
A version is in English and in every language that our own text has; a reader of another language sees the English one.
`$platform`, `$operator`, `$registration`, `$address`, `$phone` and `$email` stand for settings, `$decision_days` for
the rule in force.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from string import Template

from flask import Flask, current_app

from challenges.rule_set import rule_limits
from crowd import clock
from crowd.config import Misconfigured, Settings
from crowd.errors import NotFound
from crowd.languages import ENGLISH, LANGUAGES, language_of
from crowd.web.request_locale import reader

SHIPPED = Path(__file__).parent / "legal"
NAMES = ("terms", "privacy", "contact")
DECISION_DAYS = "{decision_days}"  # stands in a text until it is shown
Versions = dict[date, dict[str, str]]  # by date, and below it by language; the oldest first


@dataclass(frozen=True, slots=True)
class LegalText:
    """A version of a text as it is shown, and the dates of the others; `shipped`: not the operator's own."""

    body: str
    language: str
    since: date
    current: bool
    shipped: bool
    earlier: list[date]
    coming: list[date]


def register(app: Flask) -> None:
    """Read all texts. Raises Misconfigured for one that lacks a language."""
    settings: Settings = app.config["CROWD"]
    app.extensions["crowd.legal"] = {name: _read(_folder(settings, name), settings) for name in NAMES}


def shown(name: str, version: str | None) -> LegalText:
    """The version in force of a text, or the one of that date. Raises NotFound where there is none."""
    settings: Settings = current_app.config["CROWD"]
    versions: Versions = current_app.extensions["crowd.legal"][name]
    today = clock.today()
    current = max((day for day in versions if day <= today), default=min(versions))
    day = _date(version) if version else current
    if day not in versions:
        raise NotFound
    language = reader().name if reader().name in versions[day] else ENGLISH.locale
    return LegalText(
        body=_with_rules(versions[day][language]),
        language=language,
        since=day,
        current=day == current,
        shipped=_folder(settings, name).parent == SHIPPED,
        earlier=[other for other in versions if other < current],
        coming=[other for other in versions if other > current],
    )


def _with_rules(body: str) -> str:
    """A text with the rule in force; one that names none is there without the database, too."""
    return body.replace(DECISION_DAYS, str(rule_limits().decision_days)) if DECISION_DAYS in body else body


def _folder(settings: Settings, name: str) -> Path:
    own = settings.legal_dir / name if settings.legal_dir else None
    return own if own and own.is_dir() else SHIPPED / name


def _read(folder: Path, settings: Settings) -> Versions:
    found: Versions = {}
    for path in sorted(folder.glob("*.md")):
        day, _dot, language = path.stem.partition(".")
        if language not in LANGUAGES or not (dated := _date(day)):
            raise Misconfigured(f"{path} must be named DATE.LANGUAGE.md, such as 2027-01-31.{ENGLISH.locale}.md.")
        found.setdefault(dated, {})[language] = _filled(path, settings)
    if not found:
        raise Misconfigured(f"{folder} holds no text.")
    for dated, texts in found.items():
        if missing := _needed(folder.name) - set(texts):
            raise Misconfigured(f"{folder}: the version of {dated} is missing in {', '.join(sorted(missing))}.")
    return found


def _needed(name: str) -> set[str]:
    return {path.stem.partition(".")[2] for path in (SHIPPED / name).glob("*.md")}


def _filled(path: Path, settings: Settings) -> str:
    operator = settings.operator
    values = {
        "platform": settings.name_in(language_of(path.stem.partition(".")[2])),
        "operator": operator.name,
        "registration": operator.registration,
        "address": operator.address,
        "phone": operator.phone,
        "email": settings.support_email,
        "decision_days": DECISION_DAYS,
    }
    try:
        return Template(path.read_text(encoding="utf-8")).substitute(values)
    except (KeyError, ValueError) as error:
        raise Misconfigured(f"{path} has a name behind a $ that is not known: {error}.") from error


def _date(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        return None
