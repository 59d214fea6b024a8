"""When something was: every way to say a time, against the calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.answers import day_of, read_replies
from bot.flow.understand.days import day_of as civil
from bot.flow.understand.days import easter, is_date, length_of, weekday_in
from bot.flow.understand.lexemes import lexemes
from bot.flow.understand.reply import Day
from bot.flow.understand.times import Time, times

REPLIES, _ = read_replies()
THURSDAY = "2026-11-26"


def read(text: str, today: str) -> list[Time]:
    """The times of a text."""
    return times(lexemes(REPLIES.vocabulary.read(text), REPLIES.time_words.ordinal_endings), day_of(today))


# (text, day of the message, nearest day before it, farthest)
CASES = [
    ("today", THURSDAY, 0, 0),
    ("this morning", THURSDAY, 0, 0),
    ("last night", THURSDAY, 0, 1),
    ("yesteday", THURSDAY, 1, 1),
    ("the day before yesterday", THURSDAY, 2, 2),
    ("couple of days", THURSDAY, 2, 2),
    ("a few days ago", THURSDAY, 3, 4),
    ("3days", THURSDAY, 3, 3),
    ("three to five days", THURSDAY, 3, 5),
    ("a fortnight", THURSDAY, 14, 14),
    ("2-3 days", THURSDAY, 2, 3),
    ("going on three weeks", THURSDAY, 18, 20),
    ("a good month", THURSDAY, 31, 47),
    ("all week", THURSDAY, 4, 7),
    ("two weekends ago", THURSDAY, 12, 12),
    ("just over a fortnight", THURSDAY, 15, 21),
    ("nearly a fortnight", THURSDAY, 12, 13),
    ("two weeks and three days", THURSDAY, 17, 17),
    ("20 odd days", THURSDAY, 20, 28),
    ("a few months", THURSDAY, 76, 122),
    ("before bonfire night", THURSDAY, 20, 58),
    ("all summer", THURSDAY, 178, 178),
    ("two mondays ago", THURSDAY, 10, 10),
    ("last week", "2026-11-24", 3, 8),
    ("quarter of an hour", THURSDAY, 0, 0),
    ("since i was wee", THURSDAY, 120, 40000),
    ("a week last tuesday", THURSDAY, 9, 9),
    ("about 3 wks", THURSDAY, 21, 21),
    ("3 or 4 weeks", THURSDAY, 21, 28),
    ("3-4 weeks", THURSDAY, 21, 28),
    ("a week or two", THURSDAY, 14, 14),
    ("two and a half weeks", THURSDAY, 17, 18),
    ("a week and a half", THURSDAY, 10, 11),
    ("half a year", THURSDAY, 182, 183),
    ("forty five days", THURSDAY, 45, 45),
    # weekdays: today's own name is a week ago
    ("since tuesday", THURSDAY, 2, 2),
    ("since thursday", THURSDAY, 7, 7),
    ("since wednesday", THURSDAY, 1, 1),
    ("friday", THURSDAY, 6, 6),
    ("since monday", "2026-11-23", 7, 7),
    ("since sunday", "2026-11-23", 1, 1),
    ("last friday", THURSDAY, 6, 6),
    ("last thursday", THURSDAY, 7, 7),
    ("a week last tuesday", THURSDAY, 9, 9),
    ("tuesday last week", THURSDAY, 9, 9),
    ("a week yesterday", THURSDAY, 8, 8),
    ("the weekend", THURSDAY, 4, 5),
    ("weekend before last", THURSDAY, 11, 12),
    # weeks, months, years of the calendar
    ("last week", THURSDAY, 4, 10),
    ("the week before last", THURSDAY, 11, 17),
    ("this week", THURSDAY, 0, 3),
    ("last month", THURSDAY, 26, 56),
    ("last month", "2027-01-01", 1, 31),
    ("last month", "2028-03-01", 1, 29),
    ("last month", "2027-03-01", 1, 28),
    ("this month", THURSDAY, 0, 25),
    ("last year", "2027-01-01", 1, 365),
    ("last year", "2029-01-01", 1, 366),
    # dates
    ("since the 3rd", THURSDAY, 23, 23),
    ("since the 26th", THURSDAY, 0, 0),
    ("since the 27th", THURSDAY, 30, 30),
    ("since the 31st", THURSDAY, 26, 26),
    ("since the 31st", "2026-03-01", 29, 29),
    ("since the 30th", "2027-03-01", 30, 30),
    ("20th of november", THURSDAY, 6, 6),
    ("nov 12", THURSDAY, 14, 14),
    ("november 30th", THURSDAY, 361, 361),
    ("20/11", THURSDAY, 6, 6),
    ("11/20", THURSDAY, 6, 6),
    ("20.11.2025", THURSDAY, 371, 371),
    ("31 december", "2027-01-01", 1, 1),
    ("29 february", "2028-03-01", 1, 1),
    ("29 february", "2027-03-01", 1096, 1096),
    ("in march", THURSDAY, 240, 270),
    ("in november", THURSDAY, 0, 25),
    ("since january", "2027-01-10", 0, 9),
    ("since december", "2027-01-10", 10, 40),
    ("since 2019", THURSDAY, 2522, 2886),
    ("june 2025", THURSDAY, 514, 543),
    # seasons and holidays
    ("last summer", THURSDAY, 87, 178),
    ("last summer", "2026-07-10", 313, 404),
    ("since spring", THURSDAY, 179, 270),
    ("since christmas", "2027-01-04", 9, 11),
    ("since easter", "2026-04-09", 3, 5),
    ("since halloween", THURSDAY, 25, 27),
    ("since thanksgiving", "2026-11-30", 3, 5),
    ("since new year", "2027-01-10", 8, 10),
]


@pytest.mark.parametrize(
    "text", ["after the wedding", "all day", "since my birthday", "2 days before my holiday", "sunny", "a marathon"]
)
def test_what_only_looks_like_a_time(text: str) -> None:
    """What only looks like a time, or a day that only the person knows."""
    assert read(text, THURSDAY) == []


@pytest.mark.parametrize(("text", "today", "nearest", "farthest"), CASES)
def test_a_time_is_days_before_the_message(text: str, today: str, nearest: int, farthest: int) -> None:
    """Each expression is one stretch of days."""
    assert [(time.nearest, time.farthest) for time in read(text, today)] == [(nearest, farthest)]


@pytest.mark.parametrize("text", ["all my life", "for ages", "years", "a long time", "since i was a kid", "decades"])
def test_very_long_is_over_three_months(text: str) -> None:
    """What has no beginning is long ago."""
    found = read(text, THURSDAY)
    assert found
    assert found[0].nearest > 93


@pytest.mark.parametrize(
    "text", ["once a week", "every day", "i may go", "it sat there", "i march on", "38.9", "4 kids", "next to me", ""]
)
def test_what_is_no_time(text: str) -> None:
    """Words of times that say none."""
    assert not [time for time in read(text, THURSDAY) if time.nearest > 7]


def test_more_less_and_nearly() -> None:
    """A bound moves the stretch."""
    (more,) = read("over 3 months", THURSDAY)
    (less,) = read("less than a week", THURSDAY)
    (near,) = read("nearly 2 weeks", THURSDAY)
    assert more.nearest > 91
    assert (less.nearest, less.farthest) == (0, 7)
    assert 11 <= near.nearest <= near.farthest < 14


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
def test_civil_dates_agree_with_the_calendar(when: date) -> None:
    """Counting days without a clock gives what the calendar gives."""
    found = civil(when.year, when.month, when.day)
    assert found == Day(when.year, when.month, when.day, when.weekday(), (when - date(1970, 1, 1)).days)
    after = date(when.year + when.month // 12, when.month % 12 + 1, 1)
    assert length_of(when.year, when.month) == (after - when.replace(day=1)).days
    assert is_date(when.year, when.month, when.day)


def test_easter_and_weekdays_of_a_month() -> None:
    """Known Easters, leap days, and the fourth Thursday of November."""
    assert [easter(year) for year in (2024, 2025, 2026, 2027, 2038)] == [(3, 31), (4, 20), (4, 5), (3, 28), (4, 25)]
    assert weekday_in(2026, 11, 3, 4) == 26
    assert is_date(2028, 2, 29)
    assert not is_date(2027, 2, 29)
    assert not is_date(2100, 2, 29)


@given(st.dates(min_value=date(2024, 1, 1), max_value=date(2032, 12, 31)), st.integers(0, 6))
def test_a_weekday_is_within_the_last_week(today: date, weekday: int) -> None:
    """On every day of every year."""
    names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    (found,) = read(f"since {names[weekday]}", today.isoformat())
    assert found.nearest == found.farthest
    assert 1 <= found.nearest <= 7
    assert (today - timedelta(days=found.nearest)).weekday() == weekday
