"""Lengths of time, as days before the message: *3 weeks ago*, *a few days*, *over a month*, *a week last tuesday*."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.flow.understand.days import MONTH, YEAR
from bot.flow.understand.lexemes import Lexeme, amount
from bot.flow.understand.reply import Day
from bot.flow.understand.text import Break

SIZES = {"minute": 0.0, "hour": 0.0, "day": 1.0, "week": 7.0, "month": MONTH, "year": YEAR}
_BARE = {"minute": (1, 30), "hour": (1, 12), "day": (2, 6), "week": (2, 8), "month": (2, 11), "year": (2, 30)}
"""How many *days*, *weeks* … without a number are."""
_VAGUE = {"few": (3, 4), "couple": (2, 2), "several": (4, 8), "half": (0.5, 0.5), "quarter": (0.25, 0.25)}
_ODD = 0.4
"""How much more *20 odd days* may be."""

_MOST = 200
_MOST_CUES = 4


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule found: days, and the sign after it."""

    nearest: float
    farthest: float
    end: int
    unit: str | None = None
    recent: bool = False
    many: float = 0


def length_at(signs: list[Lexeme], at: int, day: Day) -> Found | None:
    """*3 weeks ago*, *a few days*, *over a month*, *half a year*, *a week last tuesday*."""
    first, recent = at, False
    more = less = near = good = False
    while first < min(len(signs), at + _MOST_CUES) and signs[first].cue(
        "over", "under", "nearly", "last", "past", "good"
    ):
        within = first + 1 < len(signs) and signs[first + 1].cue("last", "past")  # "over the last 3 weeks"
        more, less = more or (signs[first].cue("over") and not within), less or signs[first].cue("under")
        good = good or signs[first].cue("good")
        near = near or signs[first].cue("nearly")
        recent = recent or signs[first].cue("last", "past")
        first += 1
    counted = _count(signs, first)
    if counted is None:
        return None
    low, high, end = counted
    if end >= len(signs) or (end > first and signs[end].before is Break.STOP):
        return None
    one, many = signs[end].get("unit"), signs[end].get("units")
    unit = one or many
    if end == first and signs[end].get("ord") is not None:
        return None  # "my second"
    if unit is None or (recent and end == first and one is not None and not signs[first - 1].cue("past")):
        return None
    if end == first and many is not None:
        low, high = _BARE[unit]
    more = (more and end > first) or (good and (one is not None or signs[first].number is not None))
    bounds = _Bounds(more, less, near, recent, exact=end > first or one is not None)
    found = _measured(signs, end, (low, high), bounds, day)
    if found.end < len(signs) - 1 and signs[found.end].before is Break.NONE and signs[found.end].cue("before_it"):
        return None  # "2 days before my holiday"
    return _with_more(signs, found)


def _with_more(signs: list[Lexeme], found: Found) -> Found:
    """*two weeks and three days*."""
    at = found.end
    if found.unit not in {"week", "month", "year"} or at >= len(signs) or not signs[at].cue("with"):
        return found
    said = amount(signs, at + 1)
    if said is None or said[1] >= len(signs):
        return found
    unit = signs[said[1]].get("unit") or signs[said[1]].get("units")
    if unit is None or SIZES[unit] >= SIZES[found.unit]:
        return found
    more = said[0] * SIZES[unit]
    return replace(found, nearest=found.nearest + more, farthest=found.farthest + more, end=said[1] + 1)


@dataclass(frozen=True, slots=True)
class _Bounds:
    more: bool
    less: bool
    near: bool
    recent: bool
    exact: bool


def _measured(signs: list[Lexeme], at: int, count: tuple[float, float], bounds: _Bounds, day: Day) -> Found:
    """So many of the unit that stands at a sign."""
    low, high = count
    unit, end = signs[at].get("unit") or signs[at].kinds["units"], at + 1
    if end + 1 < len(signs) and signs[end].cue("or") and signs[end + 1].cue("half", "bit"):
        end += 1  # "a week and a half"
    if end < len(signs) and signs[end].before is Break.NONE and signs[end].cue("half", "bit") and bounds.exact:
        low, high = low + 0.5, high + 0.5
        end += 1
    size = SIZES[unit]
    nearest, farthest = low * size, high * size
    if bounds.less:
        nearest = 0
    elif bounds.near:
        nearest, farthest = nearest * 0.87, max(farthest - 1, nearest * 0.87)
    if end < len(signs) and signs[end].before is Break.NONE and signs[end].cue("over", "bit"):
        bounds, end = replace(bounds, more=True), end + 1
    if end + 1 < len(signs) and signs[end].cue("or") and signs[end + 1].cue("over"):
        farthest, end = farthest * 1.5 + 1, end + 2  # "3 months or more"
    if bounds.more and size:
        nearest, farthest = farthest + 1, farthest * 1.5 + 1
    ended = end
    while ended < len(signs) and signs[ended].cue("ago", "now") and not _back_in(signs, ended):
        ended += 1
    shifted = _shift(signs, ended, day)
    if shifted is not None and size >= 1:
        by, ended = shifted
        nearest, farthest = nearest + by, farthest + by
    ago = any(sign.cue("ago") for sign in signs[end:ended])
    return Found(nearest, farthest, ended, None if ago else unit, bounds.recent and not ago, high)


def _back_in(signs: list[Lexeme], at: int) -> bool:
    """*several weeks, back in spring*: a time of its own."""
    if at + 2 >= len(signs) or not signs[at].cue("ago") or not signs[at + 1].cue("prep"):
        return False
    kinds = signs[at + 2].kinds
    named = ("month", "maybe_month", "season", "holiday", "year")
    return not kinds.keys().isdisjoint(named) or signs[at + 2].cue("last", "start", "middle", "end")


def _count(signs: list[Lexeme], at: int) -> tuple[float, float, int] | None:
    """How many: a number, the larger of two, *a few*, *half*; and the sign after it."""
    if at >= len(signs):
        return None
    sign = signs[at]
    if sign.get("unit") or sign.get("units"):
        return 1, 1, at
    for cue, (low, high) in _VAGUE.items():
        if sign.cue(cue):
            months = cue == "few" and at + 1 < len(signs) and signs[at + 1].get("units") == "month"
            return low - months / 2, high, at + 1
    said = amount(signs, at)
    if said is None or said[0] > _MOST:
        return None
    value, end = said
    second = end + 1 if end < len(signs) and signs[end].cue("or") else end
    other = amount(signs, second)
    if other is not None and value < other[0] <= _MOST:
        return value, other[0], other[1]
    more = (end < len(signs) and signs[end].cue("few", "bit", "odd")) or _or_two(signs, end)
    return value, value * (1 + _ODD * (end < len(signs) and signs[end].cue("odd"))), end + more


def _or_two(signs: list[Lexeme], at: int) -> bool:
    return at + 1 < len(signs) and signs[at].cue("couple") and bool(signs[at + 1].get("units"))


def _shift(signs: list[Lexeme], at: int, day: Day) -> tuple[int, int] | None:
    """What moves a length: *a week last tuesday*, *3 weeks on thursday*, *a week yesterday*."""
    last = at < len(signs) and signs[at].cue("last", "past")
    place = at + (last or (at < len(signs) and signs[at].cue("prep") and signs[at].before is Break.NONE))
    if place >= len(signs) or signs[place].before is not Break.NONE:
        return None
    weekday = signs[place].get("weekday") or (signs[place].get("maybe_weekday") if last else None)
    if weekday is not None:
        since = (day.weekday - int(weekday)) % 7
        return (since or 7 * last if last else since if since <= 3 else since - 7), place + 1  # noqa: PLR2004
    spoken = signs[place].get("ago")
    if spoken in {"0-0", "1-1"} and not last:
        return int(spoken[0]), place + 1
    return None


def or_a_second(signs: list[Lexeme], at: int, day: Day) -> Found | None:
    """*a week or two*, *a day or so*: the longer one."""
    del day
    if at + 2 >= len(signs) or not signs[at].get("unit") or not signs[at + 1].cue("or"):
        return None
    said = amount(signs, at + 2)
    if said is None or said[0] > _MOST:
        return None
    unit = signs[at].kinds["unit"]
    end = said[1]
    while end < len(signs) and signs[end].cue("ago", "now"):
        end += 1
    days = said[0] * SIZES[unit]
    return Found(days, days, end, unit, many=said[0])
