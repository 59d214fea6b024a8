"""Days of the calendar, counted without a clock: the number of a date, the date of a number, Easter, month lengths."""

from __future__ import annotations

from bot.flow.understand.reply import Day

YEAR, MONTH = 365.25, 30.44
"""Days of a year and of a month, on average."""

_MARCH, _DECEMBER = 3, 12


def number_of(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 of a date of the Gregorian calendar."""
    year -= month < _MARCH
    era, of_era = divmod(year, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def length_of(year: int, month: int) -> int:
    """How many days a month has."""
    after = (year + 1, 1) if month == _DECEMBER else (year, month + 1)
    return number_of(*after, 1) - number_of(year, month, 1)


def day_of(year: int, month: int, day: int) -> Day:
    """A date with its weekday and number."""
    number = number_of(year, month, day)
    return Day(year, month, day, (number + 3) % 7, number)


def date_of(number: int) -> Day:
    """The date that is so many days after 1970-01-01."""
    era, of_era = divmod(number + 719468, 146097)
    of_years = of_era - of_era // 1460 + of_era // 36524 - of_era // 146096
    year = of_years // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9  # noqa: PLR2004 - March is the first month here
    return day_of(year + era * 400 + (month < _MARCH), month, day)


def is_date(year: int, month: int, day: int) -> bool:
    """Whether there is such a day."""
    return 1 <= month <= _DECEMBER and 1 <= day <= length_of(year, month)


def easter(year: int) -> tuple[int, int]:
    """Month and day of Easter Sunday (the anonymous Gregorian rule)."""
    century, of_century = divmod(year, 100)
    golden = year % 19
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (golden + 11 * epact + 22 * sunday) // 451
    month, day = divmod(epact + sunday - 7 * late + 114, 31)
    return month, day + 1


def weekday_in(year: int, month: int, weekday: int, which: int) -> int:
    """The day of a month that is its first, second, … such weekday (``weekday``: 0 for Monday)."""
    first = day_of(year, month, 1).weekday
    return 1 + (weekday - first) % 7 + 7 * (which - 1)


def month_before(year: int, month: int) -> tuple[int, int]:
    """The month before a month."""
    return (year - 1, _DECEMBER) if month == 1 else (year, month - 1)
