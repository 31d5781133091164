"""Filters and functions of templates: money, times, labels of states, safe Markdown, and facts about the page itself.

Every function here is pure apart from the reader's language and zone, which come from Flask-Babel.
"""

import math
import secrets
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from typing import Any

from babel import dates, numbers
from flask import Flask, g, request
from flask_babel import gettext as _
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from crowd import clock, languages
from crowd.errors import Sentence
from crowd.languages import LANGUAGES, Language
from crowd.money import CURRENCIES, Money
from crowd.web import markdown, once
from crowd.web.assets import asset
from crowd.web.labels import state_label, state_tone
from crowd.web.request_locale import platform_name, reader
from crowd.web.zones import ANYWHERE

SYMBOLS = {"CNY": "¥", "EUR": "€", "USD": "US$", "JPY": "JP¥"}  # one sign a currency, in every language
THEMES = ("light", "dark", "auto")

DAY_LONG = 86_400  # seconds
UNITS = (  # the number of seconds from which a unit is used, and the unit's length
    (730 * DAY_LONG, "year", 365.25 * DAY_LONG),
    (60 * DAY_LONG, "month", 30.4375 * DAY_LONG),
    (2 * DAY_LONG, "day", DAY_LONG),
    (7_200, "hour", 3_600),
    (0, "minute", 60),
)

MAX_REMEMBERED = 4096  # shown amounts, dates and numbers, of each kind: the same ones are on many pages


def format_money(amount: int | Money, currency: str | None = None, exact: bool = False) -> str:
    """An amount as the reader writes it: `¥300,000`. `amount` in minor units, or Money.

    Whole amounts are shown without decimals unless `exact`, which columns of a statement use.
    """
    money = amount if isinstance(amount, Money) else Money(currency or "", amount)
    return _money(money, exact, reader().name)


@lru_cache(MAX_REMEMBERED)
def _money(money: Money, exact: bool, locale: str) -> str:
    digits = CURRENCIES[money.currency]
    whole = money.decimal == money.decimal.to_integral_value()
    pattern = "#,##0" if not digits or (whole and not exact) else "#,##0.00"
    shown = numbers.format_decimal(abs(money.decimal), pattern, locale)
    return f"{'−' if money.amount < 0 else ''}{SYMBOLS[money.currency]}{shown}"


def large_sum(amount: int, currency: str) -> str:
    """A sum in the units in which the reader's language counts large ones, `约333.9万元`; empty where none is reached.

    It stands beside the exact sum. It is rounded towards zero, so that no summary promises money that is not there.
    """
    who, money = reader(), Money(currency, amount).decimal
    unit = next((unit for unit in who.language.large_units if abs(money) >= unit.size), None)
    if not unit:
        return ""
    rounded = (money / unit.size).quantize(Decimal(1).scaleb(-unit.decimals), ROUND_DOWN)
    name = who.language.currency_units.get(currency) or numbers.get_currency_name(currency, locale=who.name)
    shown = f"{'−' if amount < 0 else ''}{_number(abs(rounded), '#,##0.##', who.name)}{unit.name}{name}"
    return shown if rounded * unit.size == money else _("about %(amount)s", amount=shown)


def instant(at: datetime, zone: bool = True) -> str:
    """The time on the reader's clock: `Mon 14 Dec 2026, 18:00 China Time`."""
    who = reader()
    shown = _shown(at, "instant", who.zone, who.name)
    return _("%(instant)s %(zone)s", instant=shown, zone=zone_name(at)) if zone else shown


@lru_cache(MAX_REMEMBERED)
def _shown(at: datetime, form: str, zone: tzinfo, locale: str) -> str:
    pattern = languages.language_of(locale).instant if form == "instant" else languages.language_of(locale).day
    if at.second == 59 and not at.microsecond:  # a deadline at the end of a minute: 23:59:59
        pattern = pattern.replace("mm", "mm:ss")
    return dates.format_datetime(at, pattern, zone, locale)


def zone_name(at: datetime) -> str:
    """The name of the reader's zone, `China Time`; `UTC` where the zone has no location."""
    who = reader()
    return _zone_name(at, who.zone, who.name)


@lru_cache(MAX_REMEMBERED)
def _zone_name(at: datetime, zone: tzinfo, locale: str) -> str:
    if str(zone) in ("UTC", "Etc/UTC"):
        return "UTC"
    if str(zone) == ANYWHERE:
        return _("Anywhere on Earth (AoE)")
    return dates.get_timezone_name(at.astimezone(zone).tzinfo, width="long", locale=locale, zone_variant="generic")


def relative(at: datetime, now: datetime | None = None) -> str:
    """The distance in time: `in 23 days`. Rounded down, so that nobody expects more time than there is."""
    delta = at - (now or clock.now())
    seconds = abs(delta.total_seconds())
    if seconds < 60:
        return _("just now") if delta <= timedelta(0) else _("in less than a minute")
    unit, size = next((unit, size) for least, unit, size in UNITS if seconds >= least)
    whole = timedelta(seconds=seconds // size * size)
    return _distance(whole if delta > timedelta(0) else -whole, unit, reader().name)


@lru_cache(MAX_REMEMBERED)
def _distance(whole: timedelta, unit: Any, locale: str) -> str:
    return _length(whole, unit, locale, add_direction=True)


def _length(whole: timedelta, unit: Any, locale: str, **options: Any) -> str:
    # Keep to our unit: Babel would use weeks.
    return dates.format_timedelta(whole, granularity=unit, threshold=10**9, locale=locale, **options)


def is_past(at: datetime | None) -> bool:
    """Whether a time is behind us; none is not."""
    return at is not None and at < clock.now()


def is_future(at: datetime | None) -> bool:
    """Whether a time is still to come; none is not."""
    return at is not None and at > clock.now()


def duration(seconds: float) -> str:
    """A length of time in the unit that fits it, rounded up, so that it is never too short."""
    unit, size = next((unit, size) for least, unit, size in UNITS if seconds >= least)
    unit, size = (unit, size) if seconds > 60 else ("second", 1)
    return _length(timedelta(seconds=math.ceil(seconds / size) * size), unit, reader().name)


def length_of_time(length: timedelta) -> str:
    """A length of time, rounded; below a minute to the thousandth: `0.412 seconds`, `3 hours`."""
    seconds = length.total_seconds()
    if seconds >= 60:
        return dates.format_timedelta(length, threshold=1.5, locale=reader().name)
    shown = numbers.format_decimal(max(seconds, 0.001), "0.###", reader().name)
    return _("%(number)s seconds", number=shown)


def day(on: date | datetime) -> str:
    """The date alone; for a time, the date on the reader's clock."""
    who = reader()
    if isinstance(on, datetime):
        return _shown(on, "day", who.zone, who.name)
    return dates.format_date(on, who.language.day, who.name)


def labelled(label: Sentence, value: object) -> str:
    """`label: value`, with the colon of the reader's language."""
    return _("%(label)s: %(value)s", label=label, value=value)


def number(value: float | Decimal) -> str:
    """A number with the reader's grouping; at most two decimals."""
    return _number(value, "#,##0.##", reader().name)


@lru_cache(MAX_REMEMBERED)
def _number(value: float | Decimal, pattern: str, locale: str) -> str:
    return numbers.format_decimal(value, pattern, locale)


def percent(share: float) -> str:
    """A share between 0 and 1 as a percentage."""
    return numbers.format_percent(share, "#,##0.#%", reader().name)


def format_bytes(size: int) -> str:
    """A size of a file, in the units of disks (1 kB = 1000 bytes)."""
    for unit, least in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= least:
            return f"{_number(size / least, '#,##0.#', reader().name)} {unit}"
    return _("%(size)s bytes", size=size)


def render_markdown(text: str | None, level: int = 3) -> Markup:
    """Markdown as safe HTML: HTML in it is shown as text; its highest heading becomes `h<level>`.

    No images (they would tell another site who reads), no scripts, links only to http, https and mailto.
    """
    return markdown.render(text or "", level, _("Table"))


def language_of(locale: str | None = None) -> Language:
    """The language of content in `locale`, or the reader's."""
    return languages.language_of(locale) if locale else reader().language


def html_lang(locale: str | None = None) -> str:
    """The `lang` of a page, or of content in `locale`: `zh-CN` or `en`."""
    return language_of(locale).tag


def theme() -> str:
    """The reader's choice: light, dark or auto (which follows the device)."""
    chosen = request.cookies.get("theme", "auto")
    return chosen if chosen in THEMES else "auto"


def csp_nonce() -> str:
    """The nonce of this response's own scripts; the same for the whole request."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def form_problems(form: Any) -> list[tuple[str | None, str]]:
    """The errors of a form, as (id of the field or None, message), in the order of the fields.

    An error of the whole form links to its field where the form has only one.
    """
    fields = [field for field in form if field.type not in ("HiddenField", "CSRFTokenField", "SubmitField")]
    whole = _anchor(fields[0]) if len(fields) == 1 else None
    found: list[tuple[str | None, str]] = [(whole, said) for said in dict.fromkeys(map(str, form.form_errors))]
    for field in form:
        found.extend(_problems(field, field.errors))
    return found


def _problems(field: Any, errors: Any) -> Iterator[tuple[str | None, str]]:
    if hasattr(field, "entries"):  # a list of fields: its members have their own errors
        yield from ((field.id, str(error)) for error in errors if isinstance(error, str))
        for number, entry in enumerate(field.entries, 1):
            for anchor, problem in _problems(entry, entry.errors):
                rows = str(field.label.text)
                yield anchor, _("%(rows)s, line %(number)s: %(problem)s", rows=rows, number=number, problem=problem)
    elif isinstance(errors, dict):  # a form inside a form
        yield from ((field.id, str(error)) for error in errors.get(None, ()))
        for inner in field.form:
            yield from _problems(inner, inner.errors)
    else:
        label = str(field.label.text)
        yield from ((_anchor(field), _("%(field)s: %(problem)s", field=label, problem=str(error))) for error in errors)


def _anchor(field: Any) -> str:
    """Where a link to the field goes: the first choice of a group, or the field itself."""
    return (
        f"{field.id}-0" if field.type in ("RadioField", "SelectMultipleField", "CheckboxListField") else str(field.id)
    )


def locale_aware(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that reads the reader's language each time.

    Jinja evaluates filters of constants when it compiles a template, so that everybody would get the first reader's
    language; a filter that takes the context is evaluated each time.
    """

    @pass_context
    def each_time(_context: Context, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return each_time


def register(app: Flask) -> None:
    """Give the functions above to every template."""
    filters: dict[str, Callable[..., Any]] = {
        "money": format_money, "instant": instant, "relative": relative, "duration": duration, "day": day,
        "number": number, "percent": percent, "bytes": format_bytes, "state_label": state_label,
        "markdown": render_markdown,
    }  # fmt: skip
    app.jinja_env.tests.update(past=is_past, future=is_future)
    app.jinja_env.filters.update({name: locale_aware(function) for name, function in filters.items()})
    app.jinja_env.globals.update(
        asset=asset, theme=theme, csp_nonce=csp_nonce, form_problems=form_problems,
        languages=LANGUAGES, language_of=language_of, html_lang=html_lang, platform_name=platform_name,
        format_money=format_money, state_label=state_label, state_tone=state_tone,
        large_sum=large_sum, zone_name=zone_name, now=clock.now, once=once.hidden_field,
    )  # fmt: skip
