"""The languages of Crowd: each one is an entry of LANGUAGES, and everything else reads it there.

To add a language, add its entry, and let `make translations` begin its catalogue. English stands wherever a language
has no text yet: in the catalogue, the legal texts (`crowd/site/legal`), the taxonomy and the demonstration.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class LargeUnit(NamedTuple):
    """A unit of large sums: `万` is of size 10,000, and sums are shown in it with at most one decimal."""

    name: str
    size: int
    decimals: int


@dataclass(frozen=True, slots=True)
class Language:
    """A language of pages, emails, challenges and proposals."""

    locale: str  # in settings, rows and cookies, and the folder of its catalogue
    tag: str  # in HTML and in headers of emails and browsers (BCP 47)
    name: str  # what it calls itself
    instant: str  # how a date with its time is written (CLDR)
    day: str  # how a date is written (CLDR)
    platform_name: str = "Crowd"  # where the operator has set no CROWD_NAME
    failure: str = "Something went wrong here"  # the title of the page that needs nothing else to work
    large_units: tuple[LargeUnit, ...] = ()  # of sums in summaries, the largest first
    currency_units: Mapping[str, str] = field(default_factory=dict)  # where its name differs from that of CLDR
    capital_figures: bool = False  # whether amounts in CNY are also written in capital figures

    def __str__(self) -> str:
        return self.name


ENGLISH = Language("en", "en", "English", instant="EEE d MMM y, HH:mm", day="d MMM y")  # the texts in the code
CHINESE = Language(
    "zh_Hans_CN", "zh-CN", "中文", instant="y年M月d日 EEE HH:mm", day="y年M月d日", platform_name="揭榜台 Crowd",
    failure="出错了", large_units=(LargeUnit("亿", 10**8, 2), LargeUnit("万", 10**4, 1)), currency_units={"CNY": "元"},
    capital_figures=True,
)  # fmt: skip
LANGUAGES = {language.locale: language for language in (CHINESE, ENGLISH)}
DEFAULT = CHINESE.locale


def language_of(locale: str) -> Language:
    """The language of a locale; English for a locale that is not among ours."""
    return LANGUAGES.get(locale, ENGLISH)


def accepted(tag: str) -> Language | None:
    """Our language for a tag of a browser: the same one, else the first of the same family; None for no such one."""
    family = tag.lower().split("-")[0]
    same = [one for one in LANGUAGES.values() if one.tag.lower() == tag.lower()]
    return next(iter(same or [one for one in LANGUAGES.values() if one.tag.split("-")[0] == family]), None)
