"""A sentence carries values; each reader sees them in their own language and time zone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, g
from flask_babel import force_locale, lazy_gettext, lazy_ngettext, refresh

from challenges.lifecycle import services as lifecycle
from crowd import values
from crowd.audit import SYSTEM
from crowd.dates import DayOf
from crowd.errors import Conflict
from crowd.money import Money
from crowd.notifications import kinds
from submissions import deadline
from tests import factories
from tests.cast import Cast

AT = datetime(2026, 12, 14, 22, 0, tzinfo=UTC)
PAIRS: list[tuple[Any, str, str]] = [  # a value, as read in English in UTC, and in Chinese in Shanghai
    (Money("CNY", 30_000_050), "¥300,000.50", "¥300,000.50"),
    (Money("JPY", -1_000), "−JP¥1,000", "−JP¥1,000"),
    (AT, "Mon 14 Dec 2026, 22:00 UTC", "2026年12月15日 周二 06:00（中国时间）"),
    (DayOf(AT), "14 Dec 2026", "2026年12月15日"),
    (date(2026, 12, 14), "14 Dec 2026", "2026年12月14日"),
    (timedelta(milliseconds=412), "0.412 seconds", "0.412秒"),
    (timedelta(hours=3), "3 hours", "3小时"),
    ("Bo & Co", "Bo & Co", "Bo & Co"),
    (7, "7", "7"),
]


@pytest.fixture
def read(shared_app: Flask) -> Iterator[Any]:
    """Reads a sentence as an English reader in UTC, then as a Chinese reader in Shanghai."""

    def both(sentence: Any) -> tuple[str, str]:
        found = []
        for language, zone in (("en", "UTC"), ("zh_Hans_CN", "Asia/Shanghai")):
            g.zone = zone
            refresh()
            with force_locale(language):
                found.append(str(sentence))
        return found[0], found[1]

    with shared_app.app_context():
        yield both


@pytest.mark.parametrize(("value", "english", "chinese"), PAIRS)
def test_a_value_is_shown_by_its_type_to_each_reader(read: Any, value: Any, english: str, chinese: str) -> None:
    sentence = lazy_gettext("Payout of %(amount)s", amount=value)
    assert english in read(sentence)[0]
    assert chinese in read(sentence)[1]


def test_a_sentence_with_a_plural_carries_values_too(read: Any) -> None:
    sentence = lazy_ngettext("%(num)d email queued by %(at)s", "%(num)d emails queued by %(at)s", 2, at=DayOf(AT))
    assert read(sentence)[0] == "2 emails queued by 14 Dec 2026"


def test_a_template_shows_values_by_their_type(shared_app: Flask) -> None:
    template = shared_app.jinja_env.from_string("{{ _('By %(day)s', day=day) }} · {{ money|shown }} · {{ text|shown }}")
    with shared_app.test_request_context("/", headers={"Accept-Language": "en"}):
        shown = template.render(day=date(2026, 12, 14), money=Money("EUR", 100), text="<b>")
    assert shown == "By 14 Dec 2026 · €1 · &lt;b&gt;"


def test_a_value_of_a_lazy_sentence_is_escaped_in_html(shared_app: Flask) -> None:
    sentence = lazy_gettext("Paid by %(name)s", name="<b>Bo</b>")
    with shared_app.test_request_context("/"):
        shown = shared_app.jinja_env.from_string("{{ sentence }}").render(sentence=sentence)
    assert shown.endswith("&lt;b&gt;Bo&lt;/b&gt;")


def test_a_stored_value_of_a_notification_is_shown_to_its_reader(read: Any) -> None:
    params = {"amount": values.money(100, "EUR")}

    class Subject:
        def __str__(self) -> str:
            return kinds.subject("ledger.payout_paid", params)

    english, chinese = read(Subject())
    assert english == "Paid out: €1"
    assert chinese != english
    assert chinese.endswith("€1")


def test_a_sentence_shows_a_stored_value(read: Any) -> None:
    sentence = lazy_gettext("%(at)s", at=values.moment(AT))
    assert read(sentence) == ("Mon 14 Dec 2026, 22:00 UTC", "2026年12月15日 周二 06:00（中国时间）")


def test_a_refused_payment_names_the_missing_amount_in_the_readers_language(cast: Cast, read: Any) -> None:
    challenge = factories.approved(cast)
    with pytest.raises(Conflict) as refused:
        lifecycle.fund(SYSTEM, challenge.id)
    english, chinese = read(refused.value.message)
    assert english != chinese
    assert f"{challenge.cost // 100:,}" in english
    assert f"{challenge.cost // 100:,}" in chinese


def test_a_late_request_is_told_both_times_in_the_readers_zone(cast: Cast, read: Any) -> None:
    challenge = factories.opened(cast)
    assert challenge.closes_at is not None
    sentence = deadline.refusal(challenge, challenge.closes_at + timedelta(milliseconds=412))
    english, chinese = read(sentence)
    assert "UTC" in english
    assert "0.412 seconds" in english
    assert "中国时间" in chinese
