"""When something was, as days before the message: *since tuesday*, *about 3 wks*, *last summer*, *all my life*.

Each expression becomes a `Time`: the nearest and the farthest day it can mean. Rules are tried at every sign of the
text (`bot.flow.understand.lexemes`); the longest counts. Each looks at a few signs only, so a text takes time in
proportion to its length.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.flow.understand.dates import date_at, month_at, named_at, short_date, weekday_at, weekdays_ago, year_at
from bot.flow.understand.days import length_of, month_before, number_of
from bot.flow.understand.lengths import SIZES, Found, length_at, or_a_second
from bot.flow.understand.lexemes import Lexeme, amount
from bot.flow.understand.reply import Day
from bot.flow.understand.text import Break

_WHOLE = {"week": (4, 7), "month": (20, 30), "year": (180, 365)}
"""How long *all week*, *all month* … is; *all day* says how much, not since when."""

_BEFORE = 14
"""Days at least that may lie between something and what it was *before*."""

EVER = 40_000
"""Days before the message that are longer than anybody lives."""


@dataclass(frozen=True, slots=True)
class Time:
    """``nearest``, ``farthest``: days before the message. ``unit``: of what is said as a length (*for three weeks*).

    ``recent``: it lasts until now (*the past three weeks*); ``start``, ``end``: the tokens it stands at.
    """

    start: int
    end: int
    nearest: int
    farthest: int
    unit: str | None = None
    recent: bool = False
    many: float = 0


def times(signs: list[Lexeme], day: Day) -> list[Time]:
    """Every time that is named, in order."""
    found: list[Time] = []
    at = 0
    while at < len(signs):
        best: Found | None = None
        if not signs[at].kinds:
            at += 1
            continue
        if not _is_every(signs, at):
            best = _longest(signs, at, day)
        elif at + 1 < len(signs):
            at += 2
            continue
        if best is not None and best.unit is not None and best.end < len(signs) and signs[best.end].cue("old"):
            at, best = best.end, None  # an age
        if best is None:
            at += 1
            continue
        last = signs[best.end - 1]
        since = at > 0 and signs[at - 1].cue("since", "past", "last")
        found.append(
            Time(
                signs[at].start,
                last.end,
                max(0, int(best.nearest)),
                min(EVER, max(0, int(best.farthest + 0.5))),
                best.unit,
                best.recent or since,
                best.many,
            )
        )
        at = best.end
        if (again := _or_more(signs, at, best)) is not None:
            more, at = again
            found.append(more)
        while at < len(signs) and signs[at].get("unit") and signs[at].before is Break.NONE and best.unit:
            at += 1  # "10 hours a day"
    return found


def _or_more(signs: list[Lexeme], at: int, one: Found) -> tuple[Time, int] | None:
    """*two weeks, maybe 3*: a second number of the same unit."""
    if one.unit is None or at + 1 >= len(signs) or not signs[at].cue("or") or signs[at].cue("with"):
        return None
    first = at
    while first + 1 < len(signs) and signs[first].cue("or", "nearly", "over"):
        first += 1
    said = amount(signs, first)
    if said is None or (said[0] == one.many and not signs[first].is_digits):
        return None
    after = signs[said[1]] if said[1] < len(signs) else None
    if after is not None and after.before is Break.NONE and after.kinds and not after.cue("now"):
        return None
    days = said[0] * SIZES[one.unit]
    end = signs[said[1] - 1].end
    return Time(signs[at].start, end, int(days), int(days + 0.5), one.unit, one.recent, said[0]), said[1]


# --- parts of the calendar ------------------------------------------------------------------------------------------


def _calendar(signs: list[Lexeme], at: int, day: Day) -> Found | None:
    """*last week*, *this month*, *last year*, *end of last month*, *the weekend*."""
    first, part = _part(signs, at)
    if first + 1 >= len(signs) or not signs[first].cue("last", "this"):
        return None
    unit = signs[first + 1].get("unit")
    if unit is None or unit not in {"week", "month", "year"}:
        return None
    if first + 2 < len(signs) and signs[first + 2].cue("before_last"):
        return None
    last = signs[first].cue("last")
    if unit == "week":
        nearest, farthest = (max(3, day.weekday + 1), day.weekday + 7) if last else (0, day.weekday)
    elif unit == "month":
        year, month = month_before(day.year, day.month) if last else (day.year, day.month)
        farthest = day.number - number_of(year, month, 1)
        nearest = max(0, farthest - length_of(year, month) + 1)
    else:
        farthest = day.number - number_of(day.year - last, 1, 1)
        nearest = day.number - number_of(day.year, 1, 1) + 1 if last else 0
    return Found(*in_part(nearest, farthest, part), first + 2)


def _longest(signs: list[Lexeme], at: int, day: Day) -> Found | None:
    """What the rule that reaches farthest finds; *before christmas* may be long before it."""
    found = [result for rule in _RULES if (result := rule(signs, at, day)) is not None]
    best = max(found, key=lambda each: each.end, default=None)
    if best is not None and best.unit is None and at and signs[at - 1].cue("before_it"):
        return replace(best, farthest=2 * best.farthest + _BEFORE)
    return best


def _is_every(signs: list[Lexeme], at: int) -> bool:
    """*every day*, *all night*: how often, not when."""
    if signs[at].cue("all"):
        return not _whole(signs, at) and not (at + 1 < len(signs) and signs[at + 1].get("month"))
    return signs[at].cue("every")


def _whole(signs: list[Lexeme], at: int) -> bool:
    return at + 1 < len(signs) and (signs[at + 1].get("unit") in _WHOLE or signs[at + 1].get("season") is not None)


def _all(signs: list[Lexeme], at: int, day: Day) -> Found | None:
    """*all week*, *all summer*: since it began."""
    if not signs[at].cue("all") or not _whole(signs, at):
        return None
    unit = signs[at + 1].get("unit")
    if unit is not None:
        return Found(*_WHOLE[unit], at + 2)
    result = named_at(signs, at + 1, day, None)
    return None if result is None else Found(result[1], result[1], result[2])


def _before_last(signs: list[Lexeme], at: int, day: Day) -> Found | None:
    """*the week before last*, *the month before last*."""
    unit = signs[at].get("unit")
    if unit not in {"week", "month"} or at + 1 >= len(signs) or not signs[at + 1].cue("before_last"):
        return None
    if unit == "week":
        return Found(day.weekday + 8, day.weekday + 14, at + 2)
    return Found(day.day + 28, day.day + 61, at + 2)


def _part(signs: list[Lexeme], at: int) -> tuple[int, str | None]:
    for part in ("start", "middle", "end"):
        if signs[at].cue(part):
            return at + 1, part
    return at, None


def in_part(nearest: int, farthest: int, part: str | None) -> tuple[int, int]:
    """The first, middle or last third of a stretch of days."""
    third = (farthest - nearest + 1) // 3
    if part == "start":
        return farthest - third, farthest
    if part == "middle":
        return nearest + third, farthest - third
    return (nearest, nearest + third) if part == "end" else (nearest, farthest)


def _spoken(signs: list[Lexeme], at: int, day: Day) -> Found | None:
    """*yesterday*, *over a fortnight*, *donkeys years*."""
    del day
    before = signs[at - 1].cues if at else frozenset()
    said = signs[at].get("ago")
    if said is None:
        return None
    near, far = map(int, said.split("-"))
    if "over" in before and near > 1:
        near, far = near + 1, far * 3 // 2
    elif "under" in before:
        near = 0
    elif "nearly" in before:
        near, far = near * 7 // 8, max(near * 7 // 8, far - 1)
    return Found(near, far, at + 1, recent=True)


def _dated(signs: list[Lexeme], at: int, day: Day) -> Found | None:
    first, part = _part(signs, at)
    if first >= len(signs):
        return None
    before = signs[at - 1] if at else None
    for rule in (date_at, short_date, month_at, named_at, weekday_at, weekdays_ago, year_at):
        if part is not None and rule is date_at:
            continue
        result = rule(signs, first, day, before)
        if result is not None:
            nearest, farthest, end = result
            return Found(*in_part(nearest, farthest, part), end)
    return None


_RULES: tuple[Callable[[list[Lexeme], int, Day], Found | None], ...] = (
    length_at, or_a_second, _all, _calendar, _before_last, _dated, _spoken,
)  # fmt: skip
