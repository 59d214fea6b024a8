"""Dates, weekdays, months, holidays and years in a text: each the latest that lies before the message.

Every rule is given the signs, where to look, the day of the message and the sign before; it gives the nearest and the
farthest day it can mean, as days before the message, and the sign after it.
"""

from __future__ import annotations

from bot.flow.understand.days import easter, is_date, length_of, month_before, number_of, weekday_in
from bot.flow.understand.lexemes import Lexeme, amount
from bot.flow.understand.reply import Day
from bot.flow.understand.text import Break

Dated = tuple[int, int, int] | None

_OLDEST = 1900
_SEASON = 3
_LATELY = 62
_MANY_WEEKS = 60
_SATURDAY = "5"
_NOVEMBER, _THURSDAY = 11, 3


def _at(signs: list[Lexeme], at: int) -> Lexeme | None:
    return signs[at] if at < len(signs) else None


def _leads(before: Lexeme | None) -> bool:
    return before is not None and before.cue("since", "prep", "last", "this", "past", "start", "middle", "end")


def _is_next(before: Lexeme | None, sign: Lexeme) -> bool:
    """Whether at most a small word stands between: *since the second*, not *since I had my second*."""
    return before is not None and sign.start - before.end <= 1


def _month(sign: Lexeme | None, *, sure: bool) -> int | None:
    if sign is None:
        return None
    value = sign.get("month") or (None if sure else sign.get("maybe_month"))
    return None if value is None else int(value) + 1


def _day(signs: list[Lexeme], at: int) -> tuple[int, int] | None:
    """A day of a month: *3rd*, *third*, *3*; and the sign after it."""
    sign = _at(signs, at)
    if sign is None:
        return None
    ordinal = sign.get("ord")
    if ordinal is not None:
        return int(ordinal), at + 1
    if sign.is_digits and sign.number is not None and sign.number == int(sign.number):
        return int(sign.number), at + 1
    said = amount(signs, at)
    if said is not None and (nxt := _at(signs, said[1])) is not None and nxt.get("ord") and said[0] in {20, 30}:
        return int(said[0]) + int(nxt.kinds["ord"]), said[1] + 1  # "twenty first"
    return None


def _year(signs: list[Lexeme], at: int, day: Day) -> tuple[int, int] | None:
    sign = _at(signs, at)
    if sign is not None and (year := sign.get("year")) is not None and _OLDEST <= int(year) <= day.year:
        return int(year), at + 1
    return None


def latest(day: Day, month: int, of_month: int) -> int | None:
    """Days since the latest such date; None where there is no such date."""
    for year in range(day.year, day.year - 9, -1):
        if is_date(year, month, of_month) and (number := number_of(year, month, of_month)) <= day.number:
            return day.number - number
    return None


def date_at(signs: list[Lexeme], at: int, day: Day, before: Lexeme | None) -> Dated:  # noqa: PLR0911 - one for each way
    """*the 3rd*, *3rd of november*, *november 3rd*, *20 november 2025*."""
    month = _month(signs[at], sure=False)
    if month is not None and (said := _day(signs, at + 1)) is not None:
        of_month, end = said
        nxt = _at(signs, end)
        if signs[at + 1].before is Break.STOP or (nxt is not None and (nxt.get("unit") or nxt.get("units"))):
            return None
        return _exact(signs, end, day, month, of_month)
    said = _day(signs, at)
    if said is None:
        return None
    of_month, end = said
    month = _month(_at(signs, end), sure=False)
    if month is not None and signs[end].before is Break.NONE:
        return _exact(signs, end + 1, day, month, of_month)
    if signs[at].get("ord") and (signs[at].is_digits or (_leads(before) and _is_next(before, signs[at]))):
        of_it = _at(signs, end)
        named = _at(signs, end + 1)
        if of_it is not None and named is not None and of_it.cue("last", "this") and named.get("unit") == "month":
            return _of_month(day, of_month, end + 2, last=of_it.cue("last"))
        end += (
            of_it is not None and of_it.get("unit") == "month" and of_it.before is Break.NONE
        )  # "the 1st of the month"
        return _this_month(day, of_month, end)
    return None


def _exact(signs: list[Lexeme], end: int, day: Day, month: int, of_month: int) -> Dated:
    if (said := _year(signs, end, day)) is not None:
        year, end = said
        ago = day.number - number_of(year, month, of_month) if is_date(year, month, of_month) else -1
        return (ago, ago, end) if ago >= 0 else None
    ago_ = latest(day, month, of_month)
    return None if ago_ is None else (ago_, ago_, end)


def _of_month(day: Day, of_month: int, end: int, *, last: bool) -> Dated:
    """*the 3rd of last month*."""
    year, month = month_before(day.year, day.month) if last else (day.year, day.month)
    ago = day.number - number_of(year, month, of_month) if is_date(year, month, of_month) else -1
    return (ago, ago, end) if ago >= 0 else None


def _this_month(day: Day, of_month: int, end: int) -> Dated:
    """The latest day of that number: of this month or one before."""
    year, month = day.year, day.month
    for _ in range(3):
        if is_date(year, month, of_month) and (number := number_of(year, month, of_month)) <= day.number:
            return day.number - number, day.number - number, end
        year, month = month_before(year, month)
    return None


def short_date(signs: list[Lexeme], at: int, day: Day, before: Lexeme | None) -> Dated:
    """*3/11*, *03.11.2026*: day first, or month first where only that can be."""
    del before
    written = signs[at].get("date")
    if written is None:
        return None
    parts = [int(part) for part in written.split("/")]
    if signs[at].number is not None and len(parts) == 2 and "." in signs[at].text:  # noqa: PLR2004 - rather "3.5 weeks"
        return None
    found = []
    for of_month, month in (parts[:2], parts[1::-1]):
        if len(parts) > 2:  # noqa: PLR2004
            year = parts[2] + (0 if parts[2] > 99 else 2000 if parts[2] <= day.year % 100 else 1900)  # noqa: PLR2004
            if is_date(year, month, of_month) and (ago := day.number - number_of(year, month, of_month)) >= 0:
                found.append(ago)
        elif (since := latest(day, month, of_month) if is_date(2000, month, of_month) else None) is not None:
            found.append(since)
    if len(found) == 2 and min(found) <= _LATELY and max(found) > 2 * _LATELY:  # noqa: PLR2004 - what is meant is the later one
        return min(found), min(found), at + 1
    return (min(found), max(found), at + 1) if found else None


def month_at(signs: list[Lexeme], at: int, day: Day, before: Lexeme | None) -> Dated:
    """*in march*, *since june 2024*, *last november*."""
    last = signs[at].cue("last", "this")
    place = at + last
    sign = _at(signs, place)
    with_year = _year(signs, place + 1, day)
    month = _month(sign, sure=not (last or _leads(before) or with_year))
    if month is None:
        return None
    if with_year is not None:
        year, end = with_year
    else:
        past = month < day.month or (month == day.month and not signs[at].cue("last"))
        year, end = (day.year if past else day.year - 1), place + 1
    first = day.number - number_of(year, month, 1)
    return (max(0, first - length_of(year, month) + 1), first, end) if first >= 0 else None


def named_at(signs: list[Lexeme], at: int, day: Day, before: Lexeme | None) -> Dated:
    """*since christmas*, *last summer*, *in the spring*."""
    last = at + 1 if signs[at].cue("last", "this") else at
    sign = _at(signs, last)
    if sign is None:
        return None
    season = sign.get("season")
    if season is not None:
        return _season(day, int(season), last + 1, before_this=signs[at].cue("last"))
    name = sign.get("holiday")
    if name is None:
        return None
    for year in (day.year, day.year - 1):
        month, of_month = _holiday(name, year)
        since = day.number - number_of(year, month, of_month)
        if since >= 0:
            return max(0, since - 1), since + 1, last + 1
    del before
    return None


def _holiday(name: str, year: int) -> tuple[int, int]:
    if name == "easter":
        return easter(year)
    if name == "thanksgiving":
        return _NOVEMBER, weekday_in(year, _NOVEMBER, _THURSDAY, 4)
    month, _, day = name.partition("-")
    return int(month), int(day)


def _season(day: Day, month: int, end: int, *, before_this: bool) -> Dated:
    """The latest such season: its three months as far as they have passed. *Last summer*, in summer: the one before."""
    for year in (day.year, day.year - 1, day.year - 2):
        begun = day.number - number_of(year, month, 1)
        after = [divmod(month - 1 + more, 12) for more in range(_SEASON)]
        over = begun - sum(length_of(year + years, number + 1) for years, number in after)
        if begun >= 0 and not (before_this and over < 0):
            return max(0, over + 1), begun, end
    return None


def weekday_at(signs: list[Lexeme], at: int, day: Day, before: Lexeme | None) -> Dated:  # noqa: PLR0911 - one for each way
    """*since tuesday*, *last friday*, *tuesday week*, *the weekend*."""
    last, this = signs[at].cue("last"), signs[at].cue("this")
    place = at + (last or this)
    sign = _at(signs, place)
    if sign is None:
        return None
    if sign.cue("weekend"):
        to_sunday = day.weekday + 1 if day.weekday < 5 else max(0, day.weekday - 6)  # noqa: PLR2004
        to_saturday = day.weekday + 2 if day.weekday < 5 else day.weekday - 5  # noqa: PLR2004
        more = 7 if (after := _at(signs, place + 1)) is not None and after.cue("before_last") else 0
        return to_sunday + more, to_saturday + more, place + 1 + bool(more)
    weekday = sign.get("weekday") or (
        sign.get("maybe_weekday") if last or this or _leads(before) or len(signs) == 1 else None
    )
    if weekday is None:
        return None
    since = (day.weekday - int(weekday)) % 7
    nxt = _at(signs, place + 1)
    if nxt is not None and nxt.get("unit") == "week" and nxt.before is Break.NONE:
        return since + 7, since + 7, place + 2
    if (
        nxt is not None
        and nxt.cue("last")
        and (week := _at(signs, place + 2)) is not None
        and week.get("unit") == "week"
    ):
        return day.weekday + 7 - int(weekday), day.weekday + 7 - int(weekday), place + 3
    if nxt is not None and (of_two := _last_week(signs, place + 1, day, int(weekday))) is not None:
        return of_two
    if since == 0 and not this:
        since = 7
    if nxt is not None and (_day(signs, place + 1) is not None) and nxt.get("ord"):
        dated = date_at(signs, place + 1, day, sign)
        if dated is not None:
            return dated
    near_last = last and since <= 2  # noqa: PLR2004 - "last tuesday", said on a wednesday
    return since, since + 7 * near_last, place + 1


def _last_week(signs: list[Lexeme], at: int, day: Day, weekday: int) -> Dated:
    """The rest of *wednesday or thursday last week*."""
    if at + 3 >= len(signs) or not signs[at].cue("or") or not signs[at + 2].cue("last"):
        return None
    other = signs[at + 1].get("weekday") or signs[at + 1].get("maybe_weekday")
    if other is None or signs[at + 3].get("unit") != "week":
        return None
    ago = [day.weekday + 7 - each for each in (weekday, int(other))]
    return min(ago), max(ago), at + 4


def weekdays_ago(signs: list[Lexeme], at: int, day: Day, before: Lexeme | None) -> Dated:
    """*two mondays ago*, *two weekends ago*."""
    del before
    said = amount(signs, at)
    if said is None or said[1] + 1 >= len(signs) or not signs[said[1] + 1].cue("ago"):
        return None
    weekday = _SATURDAY if signs[said[1]].cue("weekend") else signs[said[1]].get("weekday")
    if weekday is None or not 1 <= said[0] <= _MANY_WEEKS:
        return None
    since = (day.weekday - int(weekday)) % 7 or 7
    if weekday is _SATURDAY and said[0] > 1:
        since = (day.weekday + 2) if day.weekday < 5 else day.weekday - 5  # noqa: PLR2004 - as "the weekend"
    ago = since + 7 * (int(said[0]) - 1)
    return ago, ago, said[1] + 2


def year_at(signs: list[Lexeme], at: int, day: Day, before: Lexeme | None) -> Dated:
    """*since 2019*: somewhere in that year."""
    del before
    said = _year(signs, at, day)
    if said is None:
        return None
    year, end = said
    first = day.number - number_of(year, 1, 1)
    return max(0, first - number_of(year + 1, 1, 1) + number_of(year, 1, 1) + 1), first, end
